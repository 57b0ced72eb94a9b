package dataset

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// folder is a list of image files; each access opens, decodes and forgets one.
type folder struct {
	files   []string
	labels  []int // nil when unlabelled
	classes []string
	shape   Shape
	resized int // images of an other size than shape
	skipped int // files that are no images
}

func (s *folder) Len() int          { return len(s.files) }
func (s *folder) Shape() Shape      { return s.shape }
func (s *folder) Classes() []string { return s.classes }

func (s *folder) Label(i int) int {
	if s.labels == nil {
		return -1
	}
	return s.labels[i]
}

func (s *folder) Image(i int, pix []uint8) error {
	pix = target(pix, s.shape, i, s.Len())
	f, err := os.Open(s.files[i])
	if err != nil {
		return fileError(s.files[i], err)
	}
	defer f.Close()
	img, head, err := decode(f, maxPixels)
	if err != nil {
		return fileError(s.files[i], err)
	}
	convert(img, head.orientation, s.shape, pix)
	return nil
}

var errNoImages = errors.New("no image files")

func openFolder(path string, info fs.FileInfo, want Shape) (*Set, error) {
	if !info.IsDir() {
		return nil, fmt.Errorf("dataset: %s: want a folder of images, found a file", path)
	}
	subs, err := subfolders(path)
	if err != nil {
		return nil, err
	}
	train, test := findFold(subs, "train"), findFold(subs, "test", "val", "valid", "validation")
	if train != "" && test != "" {
		return openSplits(path, train, test, want)
	}
	if len(subs) == 1 {
		// A single class tells nothing apart: it is a folder around the images.
		loose, _, err := scan(path, false)
		if err != nil {
			return nil, err
		}
		if len(loose) == 0 {
			return openFolder(filepath.Join(path, subs[0]), info, want)
		}
	}
	src, err := readFolder(path, want)
	if err != nil {
		return nil, err
	}
	return &Set{Format: "folder", Path: path, Train: src}, nil
}

// openSplits opens two folders as the splits of a set. The training images
// decide the shape and the classes of both.
func openSplits(path, trainName, testName string, want Shape) (*Set, error) {
	train, err := readFolder(filepath.Join(path, trainName), want)
	if err != nil {
		return nil, err
	}
	testPath := filepath.Join(path, testName)
	test, err := readFolder(testPath, train.shape)
	if err != nil {
		return nil, err
	}
	if test.labels != nil {
		for i, label := range test.labels {
			name := test.classes[label]
			if test.labels[i] = slices.Index(train.classes, name); test.labels[i] < 0 {
				return nil, fmt.Errorf("dataset: %s: class %q is not among the %d of %s",
					testPath, name, len(train.classes), trainName)
			}
		}
		test.classes = train.classes
	}
	return &Set{Format: "folder", Path: path, Train: train, Test: test}, nil
}

// readFolder reads the headers of the images in dir: those of its sub-folders,
// as classes, or if there are none those of dir itself.
func readFolder(dir string, want Shape) (*folder, error) {
	subs, err := subfolders(dir)
	if err != nil {
		return nil, err
	}
	images, skipped, err := scan(dir, false)
	if err != nil {
		return nil, err
	}
	s := &folder{skipped: skipped}
	var classed []imageFile
	for _, sub := range subs {
		images, skipped, err := scan(filepath.Join(dir, sub), true)
		if err != nil {
			return nil, err
		}
		s.skipped += skipped
		if len(images) == 0 {
			continue
		}
		for range images {
			s.labels = append(s.labels, len(s.classes))
		}
		s.classes = append(s.classes, sub)
		classed = append(classed, images...)
	}
	if len(classed) > 0 {
		s.skipped += len(images) // images of no class
		images = classed
	}
	if len(images) == 0 {
		return nil, fileError(dir, errNoImages)
	}
	s.shape = decideShape(images, want)
	for _, img := range images {
		s.files = append(s.files, img.path)
		if img.size() != image.Pt(s.shape.Width, s.shape.Height) {
			s.resized++
		}
	}
	return s, nil
}

// decideShape fills in what is 0 in want by the rule that Open documents.
func decideShape(images []imageFile, want Shape) Shape {
	size := images[0].size()
	side, same, gray := min(size.X, size.Y), true, true
	for _, img := range images {
		s := img.size()
		side = min(side, s.X, s.Y)
		same = same && s == size
		gray = gray && img.gray
	}
	if !same {
		size = image.Pt(side, side)
	}
	shape := want
	if want.Height == 0 {
		shape.Height, shape.Width = size.Y, size.X
	}
	if want.Channels == 0 {
		shape.Channels = 3
		if gray {
			shape.Channels = 1
		}
	}
	return shape
}

type imageFile struct {
	path string
	header
}

// scan reads the headers of the image files in dir, in lexical order of their
// paths, and with deep those at any depth below it; skipped counts other files.
func scan(dir string, deep bool) (images []imageFile, skipped int, err error) {
	// A DirFS follows a symbolic link in dir itself, which WalkDir would not.
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case err != nil:
			return fileError(path, err)
		case name == ".":
			return nil
		case entry.IsDir() && (!deep || hidden(entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || hidden(entry.Name()):
			return nil
		case isDir(path): // through a link, which might lead in a circle
			return nil
		case !plainFile(path): // a pipe would block
			skipped++
			return nil
		}
		head, err := fileHeader(path)
		switch {
		case err == nil:
			images = append(images, imageFile{path, head})
		case hasImageExt(path):
			return err
		default:
			skipped++
		}
		return nil
	})
	return images, skipped, err
}

func fileHeader(path string) (header, error) {
	f, err := os.Open(path)
	if err != nil {
		return header{}, fileError(path, err)
	}
	defer f.Close()
	head, err := readHeader(f, maxPixels)
	if err != nil {
		return header{}, fileError(path, err)
	}
	return head, nil
}

// subfolders names the folders in dir, and the links to some, in order, without hidden ones.
func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fileError(dir, err)
	}
	var names []string
	for _, e := range entries {
		link := e.Type()&fs.ModeSymlink != 0
		if !hidden(e.Name()) && (e.IsDir() || link && isDir(filepath.Join(dir, e.Name()))) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// findFold is the first of names that is in subs in any case, as written there, or "".
func findFold(subs []string, names ...string) string {
	for _, name := range names {
		for _, sub := range subs {
			if strings.EqualFold(sub, name) {
				return sub
			}
		}
	}
	return ""
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func hasImageExt(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff":
		return true
	}
	return false
}
