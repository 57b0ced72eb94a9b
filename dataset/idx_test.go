package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// idxFile is an IDX file of bytes.
func idxFile(values []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, values...)
}

func TestIDXRoundTrip(t *testing.T) {
	plain := func(b []byte) []byte { return b }
	for _, c := range []struct {
		name  string
		dims  []uint32
		shape Shape
	}{
		{"gray", []uint32{5, 4, 3}, Shape{4, 3, 1}},
		{"gray with channel", []uint32{5, 4, 3, 1}, Shape{4, 3, 1}},
		{"colour", []uint32{5, 4, 3, 3}, Shape{4, 3, 3}},
	} {
		for kind, pack := range map[string]func([]byte) []byte{"plain": plain, "gzip": packed} {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				values := noise(5*c.shape.Len(), 1)
				src, err := IDX(pack(idxFile(values, c.dims...)), pack(idxFile([]byte{3, 0, 1, 1, 2}, 5)), "mem")
				if err != nil {
					t.Fatal(err)
				}
				if src.Len() != 5 || src.Shape() != c.shape {
					t.Fatalf("%d images of %v, want 5 of %v", src.Len(), src.Shape(), c.shape)
				}
				for i, label := range []int{3, 0, 1, 1, 2} {
					if n := c.shape.Len(); !bytes.Equal(pixels(t, src, i), values[i*n:(i+1)*n]) {
						t.Errorf("image %d differs", i)
					}
					if src.Label(i) != label {
						t.Errorf("label %d is %d, want %d", i, src.Label(i), label)
					}
				}
				if want := []string{"0", "1", "2", "3"}; !reflect.DeepEqual(src.Classes(), want) {
					t.Errorf("classes %q, want %q", src.Classes(), want)
				}
				checkContract(t, src)
			})
		}
	}
}

// What is wrong with the header or the length of any file is found before values are read:
// those of the training images, whose checksum is wrong, would be an error of their own.
func TestIDXHeadersComeFirst(t *testing.T) {
	bad := packed(idxFile(noise(12, 1), 2, 2, 3))
	bad[len(bad)-8] ^= 1
	images, labels := idxFile(noise(12, 2), 2, 2, 3), idxFile([]byte{0, 1}, 2)
	for name, c := range map[string]struct {
		images, labels []byte
		file, says     string
	}{
		"magic":        {append([]byte{1}, images[1:]...), labels, "t10k-images-idx3-ubyte", "magic 01 00 08 03"},
		"cut":          {images[:20], labels, "t10k-images-idx3-ubyte", "4 values, want 12"},
		"long":         {append(bytes.Clone(images), 0), labels, "t10k-images-idx3-ubyte", "more values than the 12"},
		"labels cut":   {images, labels[:9], "t10k-labels-idx1-ubyte", "1 value, want 2"},
		"labels count": {images, idxFile([]byte{0}, 1), "t10k-labels-idx1-ubyte", "dimensions [1], want [2]"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "train-images-idx3-ubyte.gz", bad)
			write(t, dir, "train-labels-idx1-ubyte", labels)
			write(t, dir, "t10k-images-idx3-ubyte", c.images)
			write(t, dir, "t10k-labels-idx1-ubyte", c.labels)
			_, err := Open(dir, Options{})
			wantError(t, err, "dataset: "+filepath.Join(dir, c.file)+": ", c.says)
		})
	}
}

func TestIDXUnlabelled(t *testing.T) {
	src, err := IDX(idxFile(noise(12, 1), 2, 2, 3), nil, "mem")
	if err != nil {
		t.Fatal(err)
	}
	if src.Label(1) != -1 || src.Classes() != nil {
		t.Errorf("label %d, classes %q, want -1 and none", src.Label(1), src.Classes())
	}
	checkContract(t, src)
}

func TestIDXErrors(t *testing.T) {
	images, labels := idxFile(noise(12, 1), 2, 2, 3), idxFile([]byte{0, 1}, 2)
	gz := packed(images)
	badSum := bytes.Clone(gz)
	badSum[len(badSum)-8] ^= 1
	for name, c := range map[string]struct {
		images, labels []byte
		says           string
	}{
		"empty":            {[]byte{}, nil, "images: header: unexpected EOF"},
		"magic":            {[]byte("\x89PNG...."), nil, "images: magic 89 50 4e 47, want 00 00 08"},
		"type":             {[]byte{0, 0, 0x0d, 3}, nil, "images: element type 0x0d, want 0x08"},
		"no dimension":     {[]byte{0, 0, 8, 0}, nil, "0 dimensions, want 1 to 4"},
		"five dimensions":  {[]byte{0, 0, 8, 5}, nil, "5 dimensions, want 1 to 4"},
		"short header":     {images[:13], nil, "images: header: unexpected EOF"},
		"two dimensions":   {idxFile(noise(6, 1), 2, 3), nil, "dimensions [2 3], want count×height×width"},
		"two channels":     {idxFile(noise(24, 1), 2, 2, 3, 2), nil, "dimensions [2 2 3 2], want"},
		"no images":        {idxFile(nil, 0, 2, 3), nil, "dimensions [0 2 3], want none of them 0"},
		"no height":        {idxFile(nil, 2, 0, 3), nil, "dimensions [2 0 3], want none of them 0"},
		"short":            {images[:27], nil, "11 values, want 12 as the header declares ([2 2 3])"},
		"long":             {append(bytes.Clone(images), 0), nil, "more values than the 12 the header declares"},
		"long, packed":     {packed(append(bytes.Clone(images), 0)), nil, "more values than the 12"},
		"overflow":         {idxFile(nil, 1<<30, 1<<30, 1<<30, 1<<30), nil, "want at most 2^32"},
		"4 billion":        {idxFile(nil, 1<<32-1, 1, 1), nil, "header declares [4294967295 1 1] values"},
		"gzip header":      {gz[:5], nil, "images: unexpected EOF"},
		"gzip cut":         {gz[:len(gz)-9], nil, "images: values: unexpected EOF"},
		"gzip checksum":    {badSum, nil, "images: values: gzip: invalid checksum"},
		"labels empty":     {images, []byte{}, "labels: header: unexpected EOF"},
		"labels count":     {images, idxFile([]byte{0, 1, 2}, 3), "labels: dimensions [3], want [2], one for each image"},
		"labels dimension": {images, idxFile([]byte{0, 1}, 2, 1), "labels: dimensions [2 1], want [2]"},
		"swapped":          {labels, images, "images: dimensions [2], want"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := IDX(c.images, c.labels, "some.file")
			wantError(t, err, "dataset: some.file: ", c.says)
		})
	}
	if _, err := IDX(images, labels, ""); err != nil {
		t.Errorf("the files that the errors vary: %v", err)
	}
	_, err := IDX(images[:13], nil, "")
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v does not wrap its cause", err)
	}
}

// A header must not be believed before the bytes it declares are there.
func TestIDXMemory(t *testing.T) {
	file := idxFile(noise(1000, 1), 65535, 255, 255) // 4 gigabytes
	for name, data := range map[string][]byte{"plain": file, "gzip": packed(file)} {
		var err error
		used := memorytest.Allocated(func() { _, err = IDX(data, nil, name) })
		wantError(t, err, "1000 values, want 4261413375")
		if used > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(data))
		}
	}
}

// Unpacking takes what is held and little more, and is refused where there is no room.
func TestUnpackingMemory(t *testing.T) {
	const n = 1 << 20
	file := idxFile(noise(n, 1), n/4, 2, 2)
	dir := t.TempDir()
	for name, data := range map[string][]byte{"plain": file, "gzip": packed(file)} {
		path := write(t, dir, name+"-images-idx3-ubyte", data)
		var err error
		used := memorytest.Allocated(func() { _, err = Open(path, Options{}) })
		if err != nil {
			t.Fatal(err)
		}
		if used > n+n/2 {
			t.Errorf("%s: %d bytes allocated for %d values", name, used, n)
		}
	}
	little := func() memory.Room { return memory.Room{Bytes: n - 1, By: "a group"} }
	_, err := readValues(bytes.NewReader(file[16:]), n, n, little)
	if want := "1048576 bytes, which are held in memory: a group leaves 1048575"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	enough := func() memory.Room { return memory.Room{Bytes: n, By: "a group"} }
	if values, err := readValues(bytes.NewReader(file[16:]), n, n, enough); err != nil || !bytes.Equal(values, file[16:]) {
		t.Errorf("%d values, error %v", len(values), err)
	}
}

func FuzzIDX(f *testing.F) {
	images, labels := idxFile(noise(36, 1), 2, 2, 3, 3), idxFile([]byte{0, 9}, 2)
	f.Add(images, labels)
	f.Add(packed(images), packed(labels))
	f.Add(idxFile(noise(12, 1), 2, 2, 3), []byte(nil))
	f.Add(idxFile(nil, 65535, 65535, 1), labels)
	f.Add(idxFile(nil, 0, 1<<30, 1<<30), labels)
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		src, err := IDX(images, labels, "fuzz")
		if err != nil {
			wantError(t, err, "fuzz: ")
			return
		}
		if src.Len() < 1 || src.Shape().Len() < 1 {
			t.Fatalf("%d images of %v", src.Len(), src.Shape())
		}
		if !isGzip(images) && src.Len()*src.Shape().Len() > len(images)-16 {
			t.Fatalf("%d images of %v out of %d bytes", src.Len(), src.Shape(), len(images))
		}
		for _, i := range []int{0, src.Len() - 1} {
			pixels(t, src, i)
			if label := src.Label(i); label >= len(src.Classes()) || label < 0 && labels != nil {
				t.Fatalf("label %d of %d classes", label, len(src.Classes()))
			}
		}
	})
}
