package fetch

// dataSet is a published data set: either plain files, kept in a folder as they
// are, or one archive that unpacks to that folder.
type dataSet struct {
	name    string
	folder  string   // below Options.Dir
	bases   []string // addresses the files lie below, tried in this order
	files   []file   // one, when archive is true
	archive bool
	members []member // what the folder of an archive must hold to be complete
}

// file is a file to download. Its size and sum are those its authors publish, or
// those of the bytes they published; no byte is believed before they agree.
type file struct {
	name string
	size int64 // bytes
	sum  checksum
}

// checksum is a digest in hexadecimal. MD5 serves against damage, not malice;
// for most of these sets it is the only one their authors give.
type checksum struct {
	algorithm string // "md5" or "sha256"
	hex       string
}

// member is a file of an unpacked archive; size -1 accepts any.
type member struct {
	name string
	size int64 // bytes
}

func md5sum(hex string) checksum    { return checksum{"md5", hex} }
func sha256sum(hex string) checksum { return checksum{"sha256", hex} }

// published is every data set Get knows.
var published = []dataSet{
	{
		name:   "mnist",
		folder: "mnist",
		// LeCun's own address answers 403 to programs, so it comes last; the
		// first two are the copies the PyTorch and TensorFlow projects serve.
		bases: []string{
			"https://ossci-datasets.s3.amazonaws.com/mnist/",
			"https://storage.googleapis.com/cvdf-datasets/mnist/",
			"http://yann.lecun.com/exdb/mnist/",
		},
		files: []file{
			{"train-images-idx3-ubyte.gz", 9912422, sha256sum("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609")},
			{"train-labels-idx1-ubyte.gz", 28881, sha256sum("3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c")},
			{"t10k-images-idx3-ubyte.gz", 1648877, sha256sum("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6")},
			{"t10k-labels-idx1-ubyte.gz", 4542, sha256sum("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")},
		},
	},
	{
		name:   "fashion-mnist",
		folder: "fashion-mnist",
		bases: []string{
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
			"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
		},
		files: []file{
			{"train-images-idx3-ubyte.gz", 26421880, md5sum("8d4fb7e6c68d591d4c3dfef9ec88bf0d")},
			{"train-labels-idx1-ubyte.gz", 29515, md5sum("25c81989df183df01b3e8a0aad5dffbe")},
			{"t10k-images-idx3-ubyte.gz", 4422102, md5sum("bef4ecab320f06d8554ea6380940ec79")},
			{"t10k-labels-idx1-ubyte.gz", 5148, md5sum("bb300cfdad3c16e7a12a480ee83cd310")},
		},
	},
	{
		name:   "cifar10",
		folder: "cifar-10-batches-bin",
		// The first is the address the authors publish; it redirects to the second.
		bases: []string{
			"https://www.cs.toronto.edu/~kriz/",
			"https://cave.cs.toronto.edu/kriz/",
		},
		files:   []file{{"cifar-10-binary.tar.gz", 170052171, md5sum("c32a1d4ab5d03f1284b67883e8d87530")}},
		archive: true,
		members: []member{
			{"data_batch_1.bin", 10000 * 3073},
			{"data_batch_2.bin", 10000 * 3073},
			{"data_batch_3.bin", 10000 * 3073},
			{"data_batch_4.bin", 10000 * 3073},
			{"data_batch_5.bin", 10000 * 3073},
			{"test_batch.bin", 10000 * 3073},
			{"batches.meta.txt", -1},
		},
	},
	{
		name:   "cifar100",
		folder: "cifar-100-binary",
		bases: []string{
			"https://www.cs.toronto.edu/~kriz/",
			"https://cave.cs.toronto.edu/kriz/",
		},
		files:   []file{{"cifar-100-binary.tar.gz", 168513733, md5sum("03b5dce01913d631647c71ecec9e9cb8")}},
		archive: true,
		members: []member{
			{"train.bin", 50000 * 3074},
			{"test.bin", 10000 * 3074},
			{"fine_label_names.txt", -1},
			{"coarse_label_names.txt", -1},
		},
	},
	{
		// The beginning of Wikipedia of 2006, cleaned by Matt Mahoney: one line of words.
		name:    "text8",
		folder:  "text8",
		bases:   []string{"http://mattmahoney.net/dc/"},
		files:   []file{{"text8.zip", 31344016, sha256sum("a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232")}},
		archive: true,
		members: []member{{"text8", 100_000_000}},
	},
}
