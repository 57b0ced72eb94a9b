package index

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Check reads all of the index: models, and every part of every block. Sums have to be right, and embeddings in 8
// and in 4 bits those of the halves, rounded. report is told how many of the items were read, and may be nil.
func (x *Index) Check(ctx context.Context, report func(done, total int)) error {
	if _, err := x.Models(); err != nil {
		return err
	}
	const together = 32 // blocks between two reports
	for first := 0; first < x.blocks; first += together {
		if report != nil {
			report(x.d.entry(first).first, x.n)
		}
		err := parallel.ForErr(ctx, min(together, x.blocks-first), func(_, i int) error { return x.checkBlock(first + i) })
		if err != nil {
			return err
		}
	}
	if report != nil {
		report(x.n, x.n)
	}
	return nil
}

func (x *Index) checkBlock(block int) error {
	var b [parts][]byte
	for p := range parts {
		var err error
		if b[p], err = x.part(block, p); err != nil {
			return err
		}
	}
	e, row := x.d.entry(block), make([]float32, x.d.Dim)
	for i := range e.rows {
		half.Decode(row, b[halves][i*len(row)*half.Size:])
		if !x.scan.Of(b[codes], e.rows, i, row) || !x.scan.CoarseOf(b[coarse], e.rows, i, row) {
			return fmt.Errorf("index: %s: item %d: its embedding in 8 or in 4 bits is not the one in halves, rounded", x.name, e.first+i)
		}
	}
	return nil
}
