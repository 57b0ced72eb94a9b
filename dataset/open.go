package dataset

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Options says how Open reads a path. The zero value decides everything from
// what is found there.
type Options struct {
	// Format forces "idx", "cifar10", "cifar100" or "folder"; empty recognises it.
	Format string
	// Shape is the shape every image of a folder is brought to. A zero Channels
	// is decided from the files, see Open; so are Height and Width when both are
	// zero; when one is, it equals the other. The other formats have one shape,
	// and a field that asks for another is an error.
	Shape Shape
}

// A format is one layout that Open knows. The folder format is the fallback
// and recognises nothing by itself: any directory may hold images.
type format struct {
	name       string
	recognises func(path string, info fs.FileInfo) bool
	open       func(path string, info fs.FileInfo, want Shape) (*Set, error)
}

var formats = []format{
	// CIFAR is asked before IDX: a record may begin with the bytes of an IDX magic.
	{"cifar10", cifar10.recognises, cifar10.open},
	{"cifar100", cifar100.recognises, cifar100.open},
	{"idx", isIDX, openIDX},
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
//   - folder: image files (PNG, JPEG, GIF, WebP, BMP, TIFF, told by content) in
//     one sub-folder a class, at any depth below it; or directly in path, without
//     labels; or either of these in path/train and path/test (else val, valid or
//     validation, in that order; what else is in path is then left out). Images
//     are decoded on access and brought to one shape.
//   - a directory with exactly one idx or cifar directory in it, or whose only
//     content is a sub-folder: it is opened in its place.
//
// A folder's images are brought to Options.Shape as FromImage describes, after
// turning a JPEG as its EXIF orientation says (that of other formats is not
// read). Left to be decided, the size is the one all images of the training
// split have, or else a square as large as their smallest side, so that nothing
// is enlarged; and Channels is 1 if all of them are declared gray, else 3. Opening
// reads every image's header: a file with the extension of an image that is none,
// or that declares more than 100 megapixels, is an error. Hidden files are passed
// over, and so are files with any other extension that are no images.
//
// Errors name the path, the file, and what was expected there.
func Open(path string, opt Options) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	known := formats
	if opt.Format != "" {
		if known = formatNamed(opt.Format); known == nil {
			return nil, fmt.Errorf("dataset: %s: format %q: want idx, cifar10, cifar100 or folder", path, opt.Format)
		}
	}
	// One side stands for both.
	if opt.Shape.Height == 0 {
		opt.Shape.Height = opt.Shape.Width
	} else if opt.Shape.Width == 0 {
		opt.Shape.Width = opt.Shape.Height
	}
	if err := opt.Shape.checkWanted(); err != nil {
		return nil, fmt.Errorf("dataset: %s: options: %w", path, err)
	}
	set, err := openAs(path, info, known, opt)
	if err != nil {
		return nil, err
	}
	// Only a folder's images were brought to the wanted shape.
	if err := set.Train.Shape().matches(opt.Shape); err != nil {
		return nil, errors.Join(fmt.Errorf("dataset: %s: %w", set.Path, err), set.Close())
	}
	if set.Test != nil && set.Test.Shape() != set.Train.Shape() {
		return nil, errors.Join(fmt.Errorf("dataset: %s: test images are %v, want %v as the training images",
			set.Path, set.Test.Shape(), set.Train.Shape()), set.Close())
	}
	return set, nil
}

// openAs opens path as the first of the known formats that recognises it or
// exactly one of its sub-folders.
func openAs(path string, info fs.FileInfo, known []format, opt Options) (*Set, error) {
	for _, f := range known {
		if f.recognises(path, info) {
			return f.open(path, info, opt.Shape)
		}
	}
	if !info.IsDir() && opt.Format == "" {
		return nil, fmt.Errorf("dataset: %s: format not recognised: want IDX images, a CIFAR .bin file, "+
			"or the folder that holds the images", path)
	}
	if info.IsDir() {
		if set, err := openInside(path, known, opt.Shape); set != nil || err != nil {
			return set, err
		}
	}
	// What is left is the fallback, or a forced format, whose opener says what is missing.
	set, err := known[len(known)-1].open(path, info, opt.Shape)
	if opt.Format == "" && errors.Is(err, errNoImages) {
		return nil, fmt.Errorf("dataset: %s: format not recognised: found no IDX files (train-images-idx3-ubyte[.gz]), "+
			"no CIFAR-10 (data_batch_1.bin), no CIFAR-100 (train.bin) and no image files", path)
	}
	return set, err
}

// openInside opens the only sub-folder of dir that one of the formats
// recognises; without one it returns nil.
func openInside(dir string, known []format, want Shape) (*Set, error) {
	subs, err := subfolders(dir)
	if err != nil {
		return nil, err
	}
	var open func() (*Set, error)
	var found []string
	for _, sub := range subs {
		path := filepath.Join(dir, sub)
		info, err := os.Stat(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		for _, f := range known {
			if f.recognises(path, info) {
				open = func() (*Set, error) { return f.open(path, info, want) }
				found = append(found, sub)
				break
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return open()
	}
	return nil, fmt.Errorf("dataset: %s: holds several datasets, open one of them: %s", dir, strings.Join(found, ", "))
}

// Close closes the files a set reads from; its images can no longer be read.
// It is for programs that open many sets: one that is dropped is closed when it
// is collected, and only cifar10 and cifar100 keep files open at all.
func (s *Set) Close() error {
	var errs []error
	for _, src := range []Source{s.Train, s.Test} {
		if c, ok := src.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

func formatNamed(name string) []format {
	for i, f := range formats {
		if f.name == name {
			return formats[i : i+1]
		}
	}
	return nil
}

// checkWanted reports a Shape no image can be brought to.
func (s Shape) checkWanted() error {
	switch {
	case s.Height < 0 || s.Width < 0:
		return fmt.Errorf("size %d×%d: want positive, or 0 to decide", s.Height, s.Width)
	case s.Channels != 0 && s.Channels != 1 && s.Channels != 3:
		return fmt.Errorf("channels %d: want 1, 3, or 0 to decide", s.Channels)
	case s.Height > 0 && s.Width > maxPixels/s.Height:
		return fmt.Errorf("size %d×%d: want at most %d pixels", s.Height, s.Width, maxPixels)
	}
	return nil
}

// matches reports a wanted shape that images of a fixed shape do not have.
func (s Shape) matches(want Shape) error {
	differ := func(have, want int) bool { return want != 0 && have != want }
	if differ(s.Height, want.Height) || differ(s.Width, want.Width) || differ(s.Channels, want.Channels) {
		return fmt.Errorf("options: shape %v: images are %v, and only image folders are resized", want, s)
	}
	return nil
}

// String is height×width×channels.
func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// fileError is err with the path of the file it is about.
func fileError(path string, err error) error {
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
