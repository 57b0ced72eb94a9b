package smt

import (
	"math"

	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// cells are the first rows (or columns) of the pooling windows over n patches:
// about `stride` apart, the first at the first patch, the last ending at the last,
// and the same seen from either side, so that flipping an image flips its cells.
func cells(n, window, stride int) []int {
	span := n - window
	count := span/stride + 1
	if count%2 == 1 && span%2 == 1 && count > 1 {
		count++ // a middle window could not be centred
	}
	if count == 1 {
		return []int{span / 2}
	}
	starts := make([]int, count)
	for i := range (count + 1) / 2 {
		// Rounded down from the near side, so that both halves agree.
		starts[i] = i * span / (count - 1)
		starts[count-1-i] = span - starts[i]
	}
	return starts
}

// pooler is the working memory of pooling: the embeddings of the rows of patches
// that one row of cells covers, so that no image of them leaves the cache.
type pooler struct {
	beta    []float32
	inverse []float32 // 1/‖β‖
	row     []int     // the row of patches each row of beta holds
	weights []float32
	index   []uint16
	norm    [1]float32
	cell    []float32
}

// pool writes the image embedding of codes on a grid of patches: for every cell,
// the mean of its patches' unit embeddings, scaled to unit length.
func (m *Model) pool(codes *sparse.Codes, rows, cols int, p *pooler, out []float32) {
	window := m.enc.cfg.Pool
	d, width := m.enc.cfg.Dims, m.width
	p.beta = fit(p.beta, window*cols*width)
	p.inverse = fit(p.inverse, window*cols)
	p.row = fit(p.row, window)
	p.cell = fit(p.cell, width)
	for i := range p.row {
		p.row[i] = -1
	}
	xs := cells(cols, window, m.enc.cfg.Stride)
	for _, y0 := range cells(rows, window, m.enc.cfg.Stride) {
		for y := y0; y < y0+window; y++ {
			if slot := y % window; p.row[slot] != y {
				p.row[slot] = y
				m.embedRow(codes, y*cols, cols, slot*cols, p)
			}
		}
		for _, x0 := range xs {
			p.index, p.weights = p.index[:0], p.weights[:0]
			for slot := range window {
				for x := x0; x < x0+window; x++ {
					p.index = append(p.index, uint16(slot*cols+x))
					p.weights = append(p.weights, p.inverse[slot*cols+x])
				}
			}
			simd.Gather(p.index, p.weights, p.beta, width, p.cell)
			toUnit(p.cell)
			copy(out[:d], p.cell)
			out = out[d:]
		}
	}
}

// embedRow computes β = Pφ of n patches from the first on, and 1/‖β‖, which is 0
// for a patch without code.
func (m *Model) embedRow(codes *sparse.Codes, first, n, to int, p *pooler) {
	for i := range n {
		atoms := codes.Row(first + i)
		p.weights = p.weights[:0]
		if len(codes.Value) == 0 {
			for range atoms {
				p.weights = append(p.weights, 1)
			}
		} else {
			for _, v := range codes.Value[codes.Start[first+i]:codes.Start[first+i+1]] {
				p.weights = append(p.weights, float32(v)/sparse.SoftUnit)
			}
		}
		beta := p.beta[(to+i)*m.width : (to+i+1)*m.width]
		simd.Gather(atoms, p.weights, m.projection, m.width, beta)
		simd.DotRows(zero, beta, beta, m.width, p.norm[:])
		p.inverse[to+i] = 0
		if p.norm[0] > 0 {
			p.inverse[to+i] = float32(1 / math.Sqrt(float64(p.norm[0])))
		}
	}
}

var zero = []uint16{0}

func toUnit(x []float32) {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return
	}
	inv := float32(1 / math.Sqrt(sum))
	for i := range x {
		x[i] *= inv
	}
}

func fit[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
