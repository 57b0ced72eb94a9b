package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/regular"
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
		return &blob{name, bytes.NewReader(b), int64(len(b)), b}
	}
	return newIDX(in(images), in(labels))
}

// A blob is the content of a file, to be named in errors.
type blob struct {
	name string
	r    io.Reader
	size int64
	data []byte // what r reads, where that is in memory
}

// newIDX is the source of images and, unless nil, their labels.
func newIDX(images, labels *blob) (*idx, error) {
	dims, pixels, err := images.parse()
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: images: %w", images.name, err)
	}
	s := &idx{name: filepath.Base(images.name), pixels: pixels}
	switch {
	case len(dims) == 3:
		s.shape = Shape{dims[1], dims[2], 1}
	case len(dims) == 4 && (dims[3] == 1 || dims[3] == 3):
		s.shape = Shape{dims[1], dims[2], dims[3]}
	default:
		return nil, fmt.Errorf("dataset: %s: images: dimensions %v, want count×height×width "+
			"or count×height×width×channels with 1 or 3 channels", images.name, dims)
	}
	if len(pixels) == 0 {
		return nil, fmt.Errorf("dataset: %s: images: dimensions %v, want none of them 0", images.name, dims)
	}
	s.set = new(int64(len(pixels)))
	if labels == nil {
		return s, nil
	}
	dims, s.labels, err = labels.parse()
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: labels: %w", labels.name, err)
	}
	if len(dims) != 1 || len(s.labels) != s.Len() {
		return nil, fmt.Errorf("dataset: %s: labels: dimensions %v, want [%d], one for each image",
			labels.name, dims, s.Len())
	}
	*s.set += int64(len(s.labels))
	s.classes = numbered(int(slices.Max(s.labels)) + 1)
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

// parse reads the header and the values of an IDX file of bytes. It believes
// no size in the header: what it allocates is bounded by what the file expands to.
func (b *blob) parse() (dims []int, values []byte, err error) {
	in := bufio.NewReader(b.r)
	r, most := io.Reader(in), b.size
	head, _ := in.Peek(2) // an error comes again
	packed := isGzip(head)
	if packed {
		if r, err = gzip.NewReader(in); err != nil {
			return nil, nil, err
		}
		most *= deflated
	}
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, nil, fmt.Errorf("header: %w", noEOF(err))
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return nil, nil, fmt.Errorf("magic % x, want 00 00 08 and the number of dimensions", magic)
	case magic[2] != 0x08:
		return nil, nil, fmt.Errorf("element type %#02x, want 0x08 (unsigned byte)", magic[2])
	case magic[3] == 0 || magic[3] > 4:
		return nil, nil, fmt.Errorf("%d dimensions, want 1 to 4", magic[3])
	}
	sizes := make([]uint32, magic[3])
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return nil, nil, fmt.Errorf("header: %w", noEOF(err))
	}
	// The bounds keep the product from overflowing; no file in memory reaches them.
	total := int64(1)
	for _, n := range sizes {
		if n > 1<<30 || total*int64(n) > 1<<32 {
			return nil, nil, fmt.Errorf("header declares %v values, want at most 2^32", sizes)
		}
		total *= int64(n)
		dims = append(dims, int(n))
	}
	if b.data != nil && !packed {
		values = b.data[4+4*len(sizes):]
	} else if values, err = readValues(r, total, most, memory.Left); err != nil && err != errSurplus {
		return nil, nil, fmt.Errorf("values: %w", err)
	}
	switch have := int64(len(values)); {
	case have > total || err == errSurplus:
		return nil, nil, fmt.Errorf("more values than the %d the header declares (%v)", total, dims)
	case have < total:
		return nil, nil, fmt.Errorf("%d values, want %d as the header declares (%v)", have, total, dims)
	}
	return dims, values, nil
}

var errSurplus = errors.New("more values than declared")

// deflated is more than the number of bytes that one byte of a gzip file stands for
// (RFC 1951: 258 bytes in 2 bits).
const deflated = 1040

// readValues reads total bytes, or fewer if the file, which holds no more than most, ends:
// that there are more is errSurplus. They have one place from the beginning, unless a few
// are all: a copy, or places that grow, would take as much again. They are not begun if there is less memory left.
func readValues(r io.Reader, total, most int64, left func() memory.Room) ([]byte, error) {
	values := make([]byte, min(total, 1<<16))
	n, err := readAll(r, values)
	if err != nil {
		return nil, err
	}
	if rest := min(total, most); n == 1<<16 && rest > 1<<16 {
		if room := left(); room.Bytes > 0 && rest > room.Bytes {
			return nil, fmt.Errorf("%d bytes, which are held in memory: %s leaves %d", rest, room.By, max(0, room.Bytes))
		}
		begin := values
		values = make([]byte, rest)
		copy(values, begin)
		m, err := readAll(r, values[n:])
		if err != nil {
			return nil, err
		}
		n += m
	}
	// One byte more than wanted shows a surplus, and reaching the end checks the checksum.
	var more [1]byte
	if m, err := readAll(r, more[:]); err != nil || m > 0 {
		if err == nil {
			err = errSurplus
		}
		return nil, err
	}
	return values[:n], nil
}

// readAll is io.ReadFull for which a good end is no error.
func readAll(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1f, 0x8b}) }

// noEOF words an end of file where more was due.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// isIDX reports a directory with files of IDX names, or a file that begins as one.
func isIDX(path string, info fs.FileInfo) bool {
	if info.IsDir() {
		for _, split := range []string{"train", "t10k"} {
			if findIDX(path, split, "images") != "" {
				return true
			}
		}
		return false
	}
	f, _, err := regular.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	if isGzip(head) {
		z, err := gzip.NewReader(bytes.NewReader(head))
		if err != nil {
			return false
		}
		// The head may end inside the stream; what came before the error counts.
		plain := make([]byte, 4)
		n, _ := io.ReadFull(z, plain)
		head = plain[:n]
	}
	// Any element type of the format, so that the parser can say which one it is.
	return len(head) >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 0x08 && head[2] <= 0x0e &&
		head[3] >= 1 && head[3] <= 4
}

func openIDX(_ context.Context, path string, info fs.FileInfo, _ Options) (*Set, error) {
	set := &Set{Format: "idx", Path: path}
	if !info.IsDir() {
		src, err := readIDX(path, labelsBeside(path))
		if err != nil {
			return nil, err
		}
		set.Train = src
		return set, nil
	}
	train, err := readIDXSplit(path, "train")
	if err != nil {
		return nil, err
	}
	set.Train = train
	if findIDX(path, "t10k", "images") == "" && findIDX(path, "t10k", "labels") == "" {
		return set, nil
	}
	test, err := readIDXSplit(path, "t10k")
	if err != nil {
		return nil, err
	}
	// A split need not hold the largest label; the classes are those of both.
	train.classes = numbered(max(len(train.classes), len(test.classes)))
	test.classes = train.classes
	*train.set += *test.set
	test.set = train.set
	set.Test = test
	return set, nil
}

// readIDXSplit reads the images and labels of "train" or "t10k" in dir.
func readIDXSplit(dir, split string) (*idx, error) {
	var path [2]string
	for i, kind := range []string{"images-idx3", "labels-idx1"} {
		path[i] = findIDX(dir, split, kind[:6])
		if path[i] == "" {
			return nil, fmt.Errorf("dataset: %s: missing %s-%s-ubyte[.gz]", dir, split, kind)
		}
	}
	return readIDX(path[0], path[1])
}

func readIDX(images, labels string) (*idx, error) {
	pixels, err := openBlob(images)
	if err != nil {
		return nil, err
	}
	defer pixels.Close()
	if labels == "" {
		return newIDX(&pixels.blob, nil)
	}
	classes, err := openBlob(labels)
	if err != nil {
		return nil, err
	}
	defer classes.Close()
	return newIDX(&pixels.blob, &classes.blob)
}

// fileBlob is a blob that is read from its file, of which no copy is held.
type fileBlob struct {
	blob
	io.Closer
}

func openBlob(path string) (fileBlob, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return fileBlob{}, fileError(path, err)
	}
	return fileBlob{blob{name: path, r: f, size: info.Size()}, f}, nil
}

// findIDX is the path of the "images" or "labels" of a split in dir, or "".
func findIDX(dir, split, kind string) string {
	ranks := []string{"idx3", "idx4"}
	if kind == "labels" {
		ranks = []string{"idx1"}
	}
	for _, rank := range ranks {
		for _, sep := range []string{"-", "."} {
			if path := plainOrGzip(filepath.Join(dir, split+"-"+kind+sep+rank+"-ubyte")); path != "" {
				return path
			}
		}
	}
	return ""
}

// labelsBeside is the path of the labels of an images file, or "".
func labelsBeside(images string) string {
	dir, base := filepath.Split(strings.TrimSuffix(images, ".gz"))
	labels := strings.NewReplacer("images", "labels", "idx3", "idx1", "idx4", "idx1").Replace(base)
	if labels == base {
		return ""
	}
	return plainOrGzip(dir + labels)
}

func plainOrGzip(path string) string {
	for _, p := range []string{path, path + ".gz"} {
		if plainFile(p) {
			return p
		}
	}
	return ""
}
