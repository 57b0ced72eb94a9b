package index

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/knn"
)

// An Index is a file of embeddings that can be searched, and of what is known of their images. It is an
// embedding.Set, and safe for concurrent use until it is closed. What is appended to the file later is not in it.
type Index struct {
	name   string // in errors
	r      region
	at     root
	d      *directory
	blocks int // that it has: without pending ones
	n      int
	scan   knn.Rounded
	seen   []atomic.Uint32 // a bit for each part of each block that was held against its sum
}

// Open opens the index at path and keeps it open. It reads the roots and the directory.
func Open(path string) (*Index, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	r := regionOf(f, info.Size())
	x, err := newIndex(path, r, info.Size(), false)
	if err != nil {
		_ = r.Close() // what is wrong is said already
		return nil, fmt.Errorf("index: %s: %w", path, err)
	}
	return x, nil
}

// OpenFrom is Open of size bytes of r. Errors call them input.
func OpenFrom(r io.ReaderAt, size int64) (*Index, error) {
	x, err := newIndex("input", read{io.NewSectionReader(r, 0, size)}, size, false)
	if err != nil {
		return nil, fmt.Errorf("index: input: %w", err)
	}
	return x, nil
}

// newIndex is an index with the blocks that are pending, or without them.
func newIndex(name string, r region, size int64, pending bool) (*Index, error) {
	at, err := readRoot(r, size)
	if err != nil {
		return nil, err
	}
	d, err := readDirectory(r, at)
	if err != nil {
		return nil, err
	}
	x := &Index{name: name, r: r, at: at, d: d, blocks: d.Blocks}
	if pending {
		x.blocks = d.all()
	}
	x.n = d.rows(x.blocks)
	x.scan, err = knn.NewRounded(d.Dim, d.split())
	x.seen = make([]atomic.Uint32, (x.blocks*parts+31)/32)
	return x, err
}

// Close closes the file. Nothing of the index, nor of a Set made of it, is to be used any more.
func (x *Index) Close() error { return x.r.Close() }

func (x *Index) Len() int  { return x.n }
func (x *Index) Dim() int  { return x.d.Dim }
func (x *Index) Even() int { return x.d.Even }

// Shape is the shape that images are brought to before they are embedded.
func (x *Index) Shape() dataset.Shape { return x.d.Shape }

// Depth is how many bits samples of 16 bits have in files that do not say so, 0 for 16.
func (x *Index) Depth() int { return x.d.Depth }

// Classes names the classes of the items, in the order of their first item. It is empty if none has one.
func (x *Index) Classes() []string { return slices.Clone(x.d.Classes) }

// Models are the models that the embeddings were made by, which are in the file. Loading them takes as long as from
// files of their own.
func (x *Index) Models() (*smt.Ensemble, error) {
	members := make([]smt.Member, len(x.d.Models))
	for i, m := range x.d.Models {
		b, err := x.r.bytes(m.At, int(m.Bytes))
		if err != nil {
			return nil, fmt.Errorf("index: %s: model %s: %w", x.name, m.Name, err)
		}
		model, err := smt.LoadFrom(bytes.NewReader(b), m.Bytes)
		if err != nil {
			return nil, fmt.Errorf("index: %s: model %s: %w", x.name, m.Name, err)
		}
		members[i] = smt.Member{Name: m.Name, Model: model, Gray: m.Gray, Weight: m.Weight}
	}
	return smt.NewEnsemble(members...)
}
