package smt

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// cells are the first rows (or columns) of the pooling windows over n patches:
// about `stride` apart, the first at the first patch, the last ending at the last,
// and the same seen from either side, so that flipping an image flips its cells.
func cells(n, window, stride int) []int {
	span, count := n-window, cellCount(n, window, stride)
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

// cellCount is how many cells there are.
func cellCount(n, window, stride int) int {
	span := n - window
	count := span/stride + 1
	if count%2 == 1 && span%2 == 1 && count > 1 {
		count++ // a middle window could not be centred
	}
	return count
}

// pooler is the working memory of pooling.
type pooler struct {
	beta    []float32 // embeddings of a band of patches
	inverse []float32 // 1/‖β‖
	weights []float32
	index   []uint16
	norm    [1]float32
	cell    []float32
	piece   []float32 // of a cell that takes more than one sum

	projector projector
	spectrum  spectrum
}

// bandPatches is the number of patches embedded at a time, more only if a row of
// cells covers more. Bands overlap.
const bandPatches = 2048

// codesOf returns codes that have those of patches first to last-1, and the number of
// the first patch they have. It is asked for patches further and further on.
type codesOf func(first, last int) (codes *sparse.Codes, from int, err error)

// pool writes the image embedding of codes on a grid of patches: of every cell, the
// mean of its patches' unit embeddings, scaled to unit length, or the low frequencies of these.
func (m *Model) pool(rows, cols int, p *pooler, out []float32, codes codesOf) error {
	d, width := m.enc.cfg.Dims, m.p.width
	if m.enc.cfg.Spectrum == 0 {
		return m.poolCells(rows, cols, p, codes, func(cell int) { copy(out[cell*d:(cell+1)*d], p.cell) })
	}
	ys, xs := len(cells(rows, m.enc.cfg.Pool, m.enc.cfg.Stride)), len(cells(cols, m.enc.cfg.Pool, m.enc.cfg.Stride))
	s := &p.spectrum
	across := m.enc.cfg.reach(xs)
	s.start(ys, xs, m.enc.cfg.reach(ys), across, width)
	err := m.poolCells(rows, cols, p, codes, func(cell int) {
		copy(s.row[cell%xs*width:], p.cell)
		if cell%xs == xs-1 {
			s.addRow(cell/xs, width)
		}
	})
	if err != nil {
		return err
	}
	s.finish(width)
	kept := m.places(ys, xs)
	for i, f := range kept {
		for j, v := range s.out[(f/xs*across+f%xs)*width:][:d] {
			out[i*d+j] = root(v)
		}
	}
	linalg.Unit(out[:len(kept)*d])
	return nil
}

// poolCells calls done with the number of every cell as it becomes p.cell.
func (m *Model) poolCells(rows, cols int, p *pooler, codes codesOf, done func(cell int)) error {
	window, stride := m.enc.cfg.Pool, m.enc.cfg.Stride
	ys, xs := cells(rows, window, stride), cells(cols, window, stride)
	cell := 0
	for len(ys) > 0 {
		n := 1 // rows of cells in the band
		for n < len(ys) && (ys[n]+window-ys[0])*cols <= bandPatches {
			n++
		}
		first, last := ys[0]*cols, (ys[n-1]+window)*cols
		c, from, err := codes(first, last)
		if err != nil {
			return err
		}
		m.embedPatches(c, first-from, last-from, p)
		for _, y0 := range ys[:n] {
			for _, x0 := range xs {
				m.poolCell(y0*cols-first+x0, cols, p)
				done(cell)
				cell++
			}
		}
		ys = ys[n:]
	}
	return nil
}

// poolCell makes p.cell the cell whose first patch is number `first` of the band.
func (m *Model) poolCell(first, cols int, p *pooler) {
	window, width := m.enc.cfg.Pool, m.p.width
	p.cell = fit(p.cell, width)
	p.index, p.weights = p.index[:0], p.weights[:0]
	base, pieces := first, 0
	for y := range window {
		for i := first + y*cols; i < first+y*cols+window; i++ {
			if i-base > math.MaxUint16 { // the kernel numbers rows by 16 bits
				m.addPiece(base, pieces, p)
				base, pieces = i, pieces+1
			}
			p.index = append(p.index, uint16(i-base))
			p.weights = append(p.weights, p.inverse[i])
		}
	}
	m.addPiece(base, pieces, p)
	linalg.Unit(p.cell)
}

// addPiece adds to p.cell the patches that p.index lists, from number base of the
// band on; the first piece, number 0, is the cell so far.
func (m *Model) addPiece(base, number int, p *pooler) {
	width, to := m.p.width, p.cell
	if number > 0 {
		p.piece = fit(p.piece, width)
		to = p.piece
	}
	simd.Gather(p.index, p.weights, p.beta[base*width:], width, to)
	if number > 0 {
		for j, v := range p.piece {
			p.cell[j] += v
		}
	}
	p.index, p.weights = p.index[:0], p.weights[:0]
}

// embedPatches computes β of the patches [first, last), and 1/‖β‖, which is 0 for
// a patch without code.
func (m *Model) embedPatches(codes *sparse.Codes, first, last int, p *pooler) {
	width := m.p.width
	p.beta = fit(p.beta, (last-first)*width)
	p.inverse = fit(p.inverse, last-first)
	m.p.embed(codes, first, last, &p.projector, p.beta)
	for i := range p.inverse {
		beta := p.beta[i*width : (i+1)*width]
		simd.DotRows(zero, beta, beta, width, p.norm[:])
		p.inverse[i] = 0
		if p.norm[0] > 0 {
			p.inverse[i] = float32(1 / math.Sqrt(float64(p.norm[0])))
		}
	}
}

var zero = []uint16{0}

func fit[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
