package knn

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Bank is vectors laid out and rounded once, to be searched many times. Search does both for every block, which
// for a few queries takes longer than the search itself. What a Bank prepares depends on the vectors and their
// indices alone, so that a search of it finds what Search finds, to the last bit.
//
// It takes 5 bytes a value, or 4 where the processor does not multiply bytes fast. Any number of searchers may
// search it at once, as long as nothing is added.
type Bank struct {
	layout
	blocks []*block
	n      int
}

// NewBank returns an empty bank of vectors of dim values, of which the first split are even: see New.
func NewBank(dim, split int) (*Bank, error) {
	if err := check(dim, split); err != nil {
		return nil, err
	}
	return &Bank{layout: newLayout(dim, split)}, nil
}

// Len is the number of vectors.
func (b *Bank) Len() int { return b.n }

// Add appends unit vectors, rows × dim. They are kept, and not to be changed. Vectors that are added together
// are searched together: some hundreds at a time are best.
func (b *Bank) Add(vectors []float32) {
	l := b.block(vectors, b.n)
	b.blocks = append(b.blocks, l)
	b.n += l.rows
}

// SearchBank is Search of all vectors of a bank. When ctx is done it stops with ctx's error.
func (s *Searcher) SearchBank(ctx context.Context, b *Bank) error {
	if b.layout != s.layout {
		return fmt.Errorf("knn: the bank has vectors of %s (%d even), the queries have %d (%d even)", plural.Of(b.dim, "value"), b.split, s.dim, s.split)
	}
	for _, l := range b.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.searchBlock(l, make([]float32, l.rows))
	}
	return nil
}
