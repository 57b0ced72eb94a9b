package embedding

import (
	"context"
	"iter"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Of is the set with rows shortened and evened out: unit vectors again.
func (c *Components) Of(s Set) Set { return shortened{s, c} }

type shortened struct {
	Set
	c *Components
}

func (s shortened) Dim() int { return s.c.Dim() }

func (s shortened) Even() int { return s.c.Even() }

func (s shortened) Pick(rows []int) Set { return shortened{s.Set.Pick(rows), s.c} }

func (s shortened) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		from, to := s.Set.Dim(), s.Dim()
		out := make([]float32, min(n, s.Len())*to)
		for block, err := range s.Set.Blocks(ctx, n) {
			if err != nil {
				yield(nil, err)
				return
			}
			rows := len(block) / from
			parallel.For(rows, func(_, i int) {
				for j, v := range s.c.mean {
					block[i*from+j] -= v
				}
			})
			x, y := linalg.Wrap(rows, from, block), linalg.Wrap(rows, to, out[:rows*to])
			clear(y.Data)
			at := 0
			for _, p := range s.c.parts {
				if err := linalg.AddMulUntil(ctx, y.Block(0, rows, at, at+p.rows.Rows), 1, x.Block(0, rows, p.from, p.to), p.rows.T()); err != nil {
					yield(nil, err)
					return
				}
				at += p.rows.Rows
			}
			parallel.For(rows, func(_, i int) { linalg.Unit(y.Row(i)) })
			if !yield(y.Data, nil) {
				return
			}
		}
	}
}
