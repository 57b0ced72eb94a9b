package pixelfile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// Suffix follows the name of an output in that of the file of pixels beside it.
const Suffix = ".pixels"

// magic begins every file. Its number is that of the format.
const magic = "smt pixels 1\n"

const (
	before   = 8        // bytes of the length and the sum of a section
	mostJSON = 64 << 20 // bytes of a section
)

// ErrNotOurs is of a file that is no file of pixels.
var ErrNotOurs = errors.New("it is no file of pixels")

// A File is one that is open. It may be used from many goroutines.
type File struct {
	Head  Head
	Items []Item // those in whole chunks, in the order of the file
	Whole error  // what follows the whole chunks, nil for nothing

	f   *os.File
	end int64 // of the whole chunks
}

// An Item is an entry and, unless that is of a bad file, where its pixels are.
type Item struct {
	Entry
	Place
}

// A Place is where the pixels of an image are, and their sum.
type Place struct {
	at  int64
	sum uint32
}

// Open opens the file at path. A file that is not there is fs.ErrNotExist.
func Open(path string) (*File, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	x, err := read(f, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	x.f = f
	return x, nil
}

// Name is the path of the file.
func (x *File) Name() string { return x.f.Name() }

// Size is the bytes of what is whole of the file.
func (x *File) Size() int64 { return x.end }

// Close closes the file.
func (x *File) Close() error { return x.f.Close() }

// Find are the entries of image files by their ids, of several with one id the last.
func (x *File) Find() map[string]Item {
	found := make(map[string]Item, len(x.Items))
	for _, i := range x.Items {
		found[string(i.ID)] = i
	}
	return found
}

// Holds reports whether what the file has of an image is of the image file as it is now.
func (x *File) Holds(i Item, now Stat) bool {
	return i.Stat == now && now != Stat{} && !now.young(x.Head.Begun)
}

// Pixels reads the pixels of an image into pix. It is an error if they are not what was written.
func (x *File) Pixels(p Place, pix []uint8) error { return p.read(x.f, pix) }

func (p Place) read(r io.ReaderAt, pix []uint8) error {
	if _, err := r.ReadAt(pix, p.at); err != nil {
		return fmt.Errorf("the pixels at byte %d cannot be read: %w", p.at, cause(noEOF(err)))
	}
	if sum := checksum.Append(0, pix); sum != p.sum {
		return fmt.Errorf("the pixels at byte %d have the sum %08x, want %08x", p.at, sum, p.sum)
	}
	return nil
}

// read reads all but pixels of a file of so many bytes.
func read(r io.ReaderAt, size int64) (*File, error) {
	begin := make([]byte, min(int64(len(magic)), size))
	if _, err := r.ReadAt(begin, 0); err != nil && err != io.EOF {
		return nil, cause(err)
	}
	if string(begin) != magic {
		return nil, ErrNotOurs
	}
	x := &File{}
	at, err := section(r, int64(len(magic)), size, &x.Head)
	if err == nil {
		err = x.Head.check()
	}
	if err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	for x.end = at; x.end < size; {
		if x.Whole = x.chunk(r, size); x.Whole != nil {
			break
		}
	}
	return x, nil
}

// chunk reads the entries of the chunk that begins where the whole ones end.
func (x *File) chunk(r io.ReaderAt, size int64) error {
	var entries []Entry
	at, err := section(r, x.end, size, &entries)
	if err != nil {
		return fmt.Errorf("at byte %d of %d: %w", x.end, size, err)
	}
	known := len(x.Items)
	for _, e := range entries {
		if err := e.check(); err != nil {
			x.Items = x.Items[:known]
			return fmt.Errorf("at byte %d of %d: %w", x.end, size, err)
		}
		x.Items = append(x.Items, Item{e, Place{at, e.Sum}})
		if e.Bad == "" {
			at += int64(x.Head.Len())
		}
		if at > size {
			x.Items = x.Items[:known]
			return fmt.Errorf("at byte %d of %d: the pixels of %s are cut", x.end, size, plural.Of(len(entries), "image"))
		}
	}
	x.end = at
	return nil
}

// section reads the JSON at a byte into v, and returns where it ends.
func section(r io.ReaderAt, at, size int64, v any) (end int64, err error) {
	if size-at < before {
		return 0, io.ErrUnexpectedEOF
	}
	var front [before]byte
	if _, err := r.ReadAt(front[:], at); err != nil {
		return 0, cause(noEOF(err))
	}
	n, sum := int64(binary.LittleEndian.Uint32(front[:])), binary.LittleEndian.Uint32(front[4:])
	at += before
	if n > mostJSON || n > size-at {
		return 0, fmt.Errorf("a list of %s, of which %d are there", plural.Of(n, "byte"), size-at)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, at); err != nil {
		return 0, cause(noEOF(err))
	}
	if got := checksum.Append(0, text); got != sum {
		return 0, fmt.Errorf("the list has the sum %08x, want %08x", got, sum)
	}
	if err := strictjson.Unmarshal(text, v); err != nil {
		return 0, err
	}
	return at + n, nil
}

// appendSection appends the JSON of v as section reads it.
func appendSection(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	b = binary.LittleEndian.AppendUint32(b, checksum.Append(0, text))
	return append(b, text...), nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cause is err without what package os puts before it.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
