package embedding

import (
	"context"
	"fmt"
	"iter"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Hold reads the rows of a set into memory, in half precision as a file has them, so that they are made once and can
// be gone through again and again. The ids stay with the set. report, if not nil, is told how many rows are read.
func Hold(ctx context.Context, of Set, report func(done, total int)) (Set, error) {
	dim := of.Dim()
	h := &heldSet{of: of, raw: make([]byte, of.Len()*dim*half.Size)}
	at := 0
	for block, err := range of.Blocks(ctx, Block) {
		if err != nil {
			return nil, err
		}
		if n := len(block) / dim; at+n > of.Len() {
			return nil, fmt.Errorf("embedding: %s of a set of %d", plural.Of(at+n, "row"), of.Len())
		}
		encode(h.raw[at*dim*half.Size:], block, dim)
		at += len(block) / dim
		if report != nil {
			report(at, of.Len())
		}
	}
	if at != of.Len() {
		return nil, fmt.Errorf("embedding: %s of a set of %d", plural.Of(at, "row"), of.Len())
	}
	h.rows = make([]int, of.Len())
	for i := range h.rows {
		h.rows[i] = i
	}
	return h, nil
}

// heldSet is rows in memory, or some of them.
type heldSet struct {
	of   Set
	raw  []byte // of all of them
	rows []int
}

func (h *heldSet) Len() int                 { return len(h.rows) }
func (h *heldSet) Dim() int                 { return h.of.Dim() }
func (h *heldSet) Even() int                { return h.of.Even() }
func (h *heldSet) ID(i int) (string, error) { return h.of.ID(h.rows[i]) }

func (h *heldSet) Pick(rows []int) Set {
	p := *h
	p.rows = make([]int, len(rows))
	for i, r := range rows {
		p.rows[i] = h.rows[r]
	}
	return &p
}

func (h *heldSet) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		dim := h.Dim()
		block := make([]float32, min(n, h.Len())*dim)
		for first := 0; first < h.Len(); first += n {
			rows := min(n, h.Len()-first)
			err := parallel.ForErr(ctx, rows, func(_, i int) error {
				half.Decode(block[i*dim:(i+1)*dim], h.raw[h.rows[first+i]*dim*half.Size:])
				return nil
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(block[:rows*dim], nil) {
				return
			}
		}
	}
}
