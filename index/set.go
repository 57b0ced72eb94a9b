package index

import (
	"context"
	"fmt"
	"iter"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Pick is the items of these numbers, in this order, as a Set.
func (x *Index) Pick(rows []int) embedding.Set { return picked{x, nil}.Pick(rows) }

func (x *Index) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return picked{x, nil}.Blocks(ctx, n)
}

// picked is some items of an index, or all if rows is nil.
type picked struct {
	*Index
	rows []int
}

func (p picked) Len() int {
	if p.rows == nil {
		return p.n
	}
	return len(p.rows)
}

// item is the number in the index of row i.
func (p picked) item(i int) int {
	if p.rows == nil {
		return i
	}
	return p.rows[i]
}

func (p picked) ID(i int) (string, error) { return p.Index.ID(p.item(i)) }

func (p picked) Pick(rows []int) embedding.Set {
	some := make([]int, len(rows))
	for i, r := range rows {
		if r < 0 || r >= p.Len() {
			panic(fmt.Sprintf("index: row %d of %d", r, p.Len()))
		}
		some[i] = p.item(r)
	}
	return picked{p.Index, some}
}

func (p picked) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		dim, size := p.d.Dim, p.d.Dim*half.Size
		buffer := make([]float32, min(n, p.Len())*dim)
		for first := 0; first < p.Len(); first += n {
			rows := min(n, p.Len()-first)
			err := parallel.ForErr(ctx, rows, func(_, i int) error {
				item := p.item(first + i)
				block := p.block(item)
				b, err := p.piece(block, halves, (item-p.d.entry(block).first)*size, size)
				if err == nil {
					half.Decode(buffer[i*dim:(i+1)*dim], b)
				}
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(buffer[:rows*dim], nil) {
				return
			}
		}
	}
}

var _ embedding.Set = (*Index)(nil)
