package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
)

// Options says how Open reads a path. The zero value decides everything from
// what is found there.
type Options struct {
	// Format forces "idx", "cifar10", "cifar100", "list", "tar" or "folder"; empty recognises it.
	Format string
	// Shape is the shape every image of a folder is brought to. A zero Channels
	// is decided from the files, see Open; so are Height and Width when both are
	// zero; when one is, it equals the other. The other formats have one shape,
	// and a field that asks for another is an error.
	Shape Shape
	// Fitted is the shape of the images that a model was fitted on. A folder's images
	// are brought to it where Shape leaves it open.
	Fitted Shape
	// Working, if not nil, says what size a folder's images are brought to that would have the shape it is given, where
	// neither Shape nor Fitted has a size.
	Working func(Shape) Shape
	// BadLater has files of a folder that are no images, though their names say so, in Set.Bad and go on, for Check to find
	// the others. Else they are a BadFilesError.
	BadLater bool
	// Depth is the number of bits, 1 to 16, that samples of 16 bits have in files of a
	// folder that do not state it; 0 is decided from the files, see Open.
	Depth int
	// Pixels are files that keep the decoded images of a folder for the next command.
	Pixels Pixels
}

// A format is one layout that Open knows. The folder format is the fallback
// and recognises nothing by itself: any directory may hold images.
type format struct {
	name       string
	recognises func(path string, info fs.FileInfo) bool
	open       func(ctx context.Context, path string, info fs.FileInfo, opt Options) (*Set, error)
}

var formats = []format{
	// CIFAR is asked before IDX: a record may begin with the bytes of an IDX magic.
	{"cifar10", cifar10.recognises, cifar10.open},
	{"cifar100", cifar100.recognises, cifar100.open},
	{"idx", isIDX, openIDX},
	{"list", isList, openList},
	{"tar", isShard, openShard},
	{"folder", func(string, fs.FileInfo) bool { return false }, openFolder},
}

// Open opens the images at path, which may be
//
//   - idx: a directory with train-images-idx3-ubyte and train-labels-idx1-ubyte
//     and, for a test split, the same two with t10k for train (a dot for the
//     first hyphen after images or labels, and .gz, are known too); or one images
//     file, whose labels are found by name beside it. idx4 files of
//     count × height × width × 1 or 3 hold colour. Files are held in memory.
//   - cifar10, cifar100: the directory of the binary version, or one of its .bin
//     files. Pixels stay on disk.
//   - folder: image files (PNG, JPEG, GIF, WebP, BMP, TIFF, PNM, told by content) in
//     one sub-folder a class, at any depth below it; or directly in path, without
//     labels; or either of these in path/train and a folder of images held out, as
//     path/test or path/val. The words of their names tell (training_set and test_set,
//     train2017 and val2017, seg_train and seg_test); of several that are held out the
//     first is the test split, in the order test, eval, holdout, val, dev. What else is
//     in path is then left out. Names that may mean something else (tr, te, ts, cv, infer,
//     ood) count where all that is beside them are splits. Folders named as held out never become a class, nor
//     images to learn from, nor do they within a class, beside one of training images.
//     train alone beside other classes is one. Set.Splits says how names in doubt were
//     taken; names that would bring images held out among those to learn from are an error.
//     Images are decoded on access and brought to one shape, and kept where Keep says so. Of a file with several pictures
//     (GIF, PNG, WebP, TIFF) the first is used, and Set.Notes says so.
//   - list: a text file, .txt, with the path of an image file on each line, absolute or from the list's folder; a tab and
//     a label may follow, on all lines or on none. Its images are those of a folder with these files alone, in the order of
//     their ids, byte by byte, whatever that of the lines: an id is the path from the list's folder or, of a
//     file elsewhere that is named by an absolute path, that path. Classes are the labels, in their order. Empty lines are skipped; a file that
//     is named twice is an error; one that is missing, or no image, is bad as in a folder. Any text file is read so where Options.Format asks for it; it
//     is recognised where the first path ends as image files do, or as tars.
//   - tar: a tar of image files (.tar, not compressed), or a list of tars. Its images are those of a folder of its name with
//     its members, in the order of their ids, TAR/MEMBER. Where an image has a .cls file beside it, as in a WebDataset
//     (name.jpg, name.cls), that holds its label, and all images need one; else there are no classes, whatever
//     folders are in the tar. Training images and images held out in one tar, by its folders, are an error. Headers
//     of members are read, and images where they are, when they are asked for. Links, hidden members and other
//     formats are left out; a member that is stored sparse is bad; a tar that is cut, compressed, or has a name twice is an error.
//   - a directory with exactly one idx or cifar directory in it, or whose only
//     content is a sub-folder: it is opened in its place.
//
// A directory with files of two of idx, cifar10 and cifar100 is an error, unless
// Options.Format says which are meant.
//
// Images beside sub-folders are of no class: where they are more than those in the
// sub-folders, or there is one sub-folder, all images are taken without classes; else
// they are left out. Set.Left has all that is left out: these, hidden files, files of
// other formats (HEIC, AVIF and the like by name), links to folders that are read
// already. A link to any other folder is followed. The images are in the order of their
// paths, byte by byte, as find and sort give it, and classes in that of their names.
//
// A folder's images are brought to Options.Shape as FromImage describes, after
// turning them as EXIF says. Left to be decided, the size is the one all images of the training
// split have, or else a square as large as their smallest side that is at least half
// the median, so that hardly any is enlarged and a stray small one does not decide;
// and Channels is 1 if all of them are declared gray, else 3. Opening
// reads every image's header: files with the extension of an image that are none,
// or that declare more than 100 megapixels, are an error that names all of them (BadFilesError). Check finds those
// whose pixels cannot be read, and leaves bad ones out.
//
// Samples of 16 bits in a PNG or TIFF often have fewer that count. They are as many as the
// file states (sBIT, MaxSampleValue, SMaxSampleValue), or else Options.Depth, or else the
// least of 8, 10, 12, 14 and 16 that has room for all samples of the folder, the test
// split among them: Depth tells, a model keeps it, and images embedded later are taken
// with the same, whatever lies beside them. A larger sample is then an error. Images with
// alpha have all 16.
//
// Errors name the path, the file, and what was expected there.
func Open(path string, opt Options) (*Set, error) {
	return OpenContext(context.Background(), path, opt)
}

// OpenContext is Open, which ends with ctx's error when that is done while it reads the
// headers of a folder's images.
func OpenContext(ctx context.Context, path string, opt Options) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	known := formats
	if opt.Format != "" {
		if known = formatNamed(opt.Format); known == nil {
			return nil, fmt.Errorf("dataset: %s: format %q: want idx, cifar10, cifar100, list, tar or folder", path, opt.Format)
		}
	}
	// One side stands for both.
	if opt.Shape.Height == 0 {
		opt.Shape.Height = opt.Shape.Width
	} else if opt.Shape.Width == 0 {
		opt.Shape.Width = opt.Shape.Height
	}
	if option, wrong := opt.Shape.checkWanted(); wrong != "" {
		return nil, OptionError{path, option, wrong}
	}
	if opt.Depth < 0 || opt.Depth > 16 {
		return nil, OptionError{path, "depth", fmt.Sprintf("%d: want 1 to 16, or 0 to decide", opt.Depth)}
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("dataset: %s: is %s: want a regular file or a folder", path, regular.Kind(info.Mode()))
	}
	set, err := openAs(ctx, path, info, known, opt)
	if err != nil {
		return nil, err
	}
	// Only a folder's images were brought to the wanted shape.
	if option, wrong := set.Train.Shape().matches(opt.Shape); wrong != "" {
		return nil, errors.Join(OptionError{set.Path, option, wrong}, set.Close())
	}
	if set.Test != nil && set.Test.Shape() != set.Train.Shape() {
		return nil, errors.Join(fmt.Errorf("dataset: %s: test images are %v, want %v as the training images",
			set.Path, set.Test.Shape(), set.Train.Shape()), set.Close())
	}
	return set, nil
}

// openAs opens path as the first of the known formats that recognises it or
// exactly one of its sub-folders.
func openAs(ctx context.Context, path string, info fs.FileInfo, known []format, opt Options) (*Set, error) {
	if f, err := recognised(path, info, known); f != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return f.open(ctx, path, info, opt)
	}
	if !info.IsDir() && opt.Format == "" {
		return nil, fmt.Errorf("dataset: %s: format not recognised: want IDX images, a CIFAR .bin file, "+
			"a list of image files (.txt, a path a line), a tar of them, or the folder that holds the images", path)
	}
	if info.IsDir() {
		if set, err := openInside(ctx, path, known, opt); set != nil || err != nil {
			return set, err
		}
	}
	// What is left is the fallback, or a forced format, whose opener says what is missing.
	set, err := known[len(known)-1].open(ctx, path, info, opt)
	if none, ok := errors.AsType[noImagesError](err); ok && opt.Format == "" {
		return nil, fmt.Errorf("dataset: %s: format not recognised: found no IDX files (train-images-idx3-ubyte[.gz]), "+
			"no CIFAR-10 (data_batch_1.bin), no CIFAR-100 (train.bin) and %w", path, none)
	}
	return set, err
}

// Close closes the files a set reads from; its images can no longer be read.
// It is for programs that open many sets: one that is dropped is closed when it
// is collected, and only cifar10, cifar100 and Options.Pixels keep files open at all.
func (s *Set) Close() error {
	var errs []error
	for _, src := range []Source{s.Train, s.Test} {
		if c, ok := src.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// String is height×width×channels.
func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// fileError is err with the path of the file it is about.
func fileError(path string, err error) error {
	if strings.HasPrefix(err.Error(), path+" is ") { // of no regular file
		return fmt.Errorf("dataset: %w", err)
	}
	return fmt.Errorf("dataset: %s: %w", path, cause(err))
}

// cause strips what package os puts before the cause of an error: the operation
// and the path, which the messages here begin with.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
