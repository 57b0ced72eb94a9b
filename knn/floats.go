package knn

import (
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// panels lays out vectors, rows × stride, in panels of simd.Columns vectors: the first value of each, then the
// second of each, and so on.
func (l layout) panels(vectors []float32, rows int) []float32 {
	cols := simd.Columns()
	panels := (rows + cols - 1) / cols
	packed := make([]float32, panels*cols*l.stride)
	parallel.For(panels, func(_, p int) {
		panel := packed[p*cols*l.stride:]
		for j := range min(cols, rows-p*cols) {
			for k, v := range vectors[(p*cols+j)*l.stride:][:l.stride] {
				panel[k*cols+j] = v
			}
		}
	})
	return packed
}

// searchFloats computes all cosines in float32.
func (s *Searcher) searchFloats(b *block, bias []float32) {
	cols := simd.Columns()
	panels := (b.rows + cols - 1) / cols
	scores := make([][2][]float32, parallel.Workers(s.n))
	s.pieces(func(w, query, groups int) {
		width := panels * cols
		size := groups * simd.Rows * width
		for half := range scores[w] {
			scores[w][half] = reuse.Zeros(scores[w][half], size)
		}
		s.halves(kBlock/4, func(half, at, n int) {
			for p := range panels {
				panel := b.floats[p*cols*s.stride+at*cols:]
				for g := range groups {
					row := g * simd.Rows
					simd.Gemm32(n, s.queries[(query+row)*s.stride+at:], s.stride, panel, scores[w][half][row*width+p*cols:], width)
				}
			}
		})
		for q := query; q < min(query+groups*simd.Rows, s.n); q++ {
			even, odd := scores[w][0][(q-query)*width:], scores[w][1][(q-query)*width:]
			for r := range b.rows {
				s.offer(q, Neighbour{b.first + r, false, even[r] + odd[r] - bias[r]})
				if s.split < s.dim {
					s.offer(q, Neighbour{b.first + r, true, even[r] - odd[r] - bias[r]})
				}
			}
		}
	})
}
