package dataset

import (
	"context"
	"fmt"
	"io"
	"unsafe"

	"github.com/sparse-manifold/smt/internal/pixelfile"
	"github.com/sparse-manifold/smt/internal/regular"
)

// A member is a file in a tar.
type member struct {
	shard    string // path of the tar
	at, size int64
	bad      string // why it cannot be read, "" if it can
}

// members are files in tars, by the paths that they have as if each tar were a folder. A path that is none of them is that of a
// file by itself.
type members map[string]member

// An openFile is an image file that is read, by itself or a part of a tar.
type openFile struct {
	File
	io.Closer
}

func (m members) open(path string) (openFile, error) {
	in, inside := m[path]
	if !inside {
		f, _, err := regular.Open(path)
		return openFile{f, f}, err
	}
	if in.bad != "" {
		return openFile{}, fmt.Errorf("%s %s", path, in.bad)
	}
	f, _, err := regular.Open(in.shard)
	if err != nil {
		return openFile{}, err
	}
	return openFile{io.NewSectionReader(f, in.at, in.size), f}, nil
}

// header is what an image file declares, or the error that it is none.
func (m members) header(path string) (header, error) {
	f, err := m.open(path)
	if err != nil {
		return header{}, fileError(path, err)
	}
	defer f.Close()
	head, err := readHeader(f, Limits{})
	if err != nil {
		return header{}, fmt.Errorf("dataset: %s: %w", path, err)
	}
	head.several = several(f, head.format)
	return head, nil
}

// decode decodes an image file.
func (m members) decode(ctx context.Context, path string, depth int) (*Picture, error) {
	f, err := m.open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	p, err := decode(within{ctx, f}, Limits{}, depth)
	if err != nil {
		return nil, fileError(path, err)
	}
	return p, nil
}

// stat is the state of a file, of one in a tar that of the tar.
func (m members) stat(path string) pixelfile.Stat {
	if in, inside := m[path]; inside {
		path = in.shard
	}
	return statOf(path)
}

// foreign names the image format of a file that is not read, "" for any other.
func (m members) foreign(path string) string {
	f, err := m.open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	return foreignFormat(f)
}

// resident is the bytes that they take, but for their paths.
func (m members) resident() int64 {
	return int64(len(m)) * int64(unsafe.Sizeof(member{})+unsafe.Sizeof(""))
}
