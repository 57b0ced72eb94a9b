package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
)

// idx is a pair of IDX files in memory: the published ones are tens of
// megabytes, and compressed ones cannot be read at random.
type idx struct {
	name    string // of the file of images, of the ids
	set     *int64 // bytes of all splits that were opened with it
	shape   Shape
	pixels  []uint8 // len(labels) × height × width × channels, when labelled
	labels  []uint8 // nil when unlabelled
	classes []string
}

func (s *idx) Len() int          { return len(s.pixels) / s.shape.Len() }
func (s *idx) Shape() Shape      { return s.shape }
func (s *idx) Classes() []string { return s.classes }

func (s *idx) ID(i int) string { return numberedID(s.name, i) }

func (s *idx) Image(i int, pix []uint8) error {
	pix = target(pix, s.shape, i, s.Len())
	copy(pix, s.pixels[i*len(pix):])
	return nil
}

func (s *idx) Label(i int) int {
	if s.labels == nil {
		return -1
	}
	return int(s.labels[i])
}

// IDX is the source held in the bytes of an IDX file of images and one of their
// labels, each plain or gzip; labels may be nil. Images are unsigned bytes,
// count × height × width (gray) or count × height × width × channels with 1 or 3
// channels. Classes are "0" to the largest label. The bytes are not copied
// unless compressed and must not change after; name stands for them in errors and ids.
func IDX(images, labels []byte, name string) (Source, error) {
	in := func(b []byte) *blob {
		if b == nil {
			return nil
		}
		return &blob{name: name, r: bytes.NewReader(b), size: int64(len(b)), data: b}
	}
	p, err := newPair(in(images), in(labels))
	if err != nil {
		return nil, err
	}
	return p.read()
}

// pair is a file of images and, unless nil, one of their labels, of which the headers are read.
type pair struct {
	images, labels *blob
	shape          Shape
}

// newPair reads the headers. What is wrong with them, and with the length of a file that is
// not compressed, is found before any values are read.
func newPair(images, labels *blob) (*pair, error) {
	if err := images.begin(); err != nil {
		return nil, fmt.Errorf("dataset: %s: images: %w", images.name, err)
	}
	p := &pair{images: images, labels: labels}
	dims := images.dims
	switch {
	case len(dims) == 3:
		p.shape = Shape{dims[1], dims[2], 1}
	case len(dims) == 4 && (dims[3] == 1 || dims[3] == 3):
		p.shape = Shape{dims[1], dims[2], dims[3]}
	default:
		return nil, fmt.Errorf("dataset: %s: images: dimensions %v, want count×height×width "+
			"or count×height×width×channels with 1 or 3 channels", images.name, dims)
	}
	if images.total == 0 {
		return nil, fmt.Errorf("dataset: %s: images: dimensions %v, want none of them 0", images.name, dims)
	}
	if labels == nil {
		return p, nil
	}
	if err := labels.begin(); err != nil {
		return nil, fmt.Errorf("dataset: %s: labels: %w", labels.name, err)
	}
	if len(labels.dims) != 1 || labels.dims[0] != dims[0] {
		return nil, fmt.Errorf("dataset: %s: labels: dimensions %v, want [%d], one for each image",
			labels.name, labels.dims, dims[0])
	}
	return p, nil
}

// read reads the values, labels first: they are few.
func (p *pair) read() (s *idx, err error) {
	s = &idx{name: filepath.Base(p.images.name), shape: p.shape}
	if p.labels != nil {
		if s.labels, err = p.labels.values(); err != nil {
			return nil, fmt.Errorf("dataset: %s: labels: %w", p.labels.name, err)
		}
		s.classes = numbered(int(slices.Max(s.labels)) + 1)
	}
	if s.pixels, err = p.images.values(); err != nil {
		return nil, fmt.Errorf("dataset: %s: images: %w", p.images.name, err)
	}
	s.set = new(int64(len(s.pixels) + len(s.labels)))
	return s, nil
}

// numbered is the class names "0" to n-1.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

var errSurplus = errors.New("more values than declared")

// deflated is more than the number of bytes that one byte of a gzip file stands for
// (RFC 1951: 258 bytes in 2 bits).
const deflated = 1040

// noEOF words an end of file where more was due.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
