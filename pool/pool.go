package pool

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Patches writes the embeddings of patches first to last-1 of those that are used (Layout.Used), rows of some
// width, to beta. Each call asks for patches further on than the one before; some of them are asked for again.
type Patches func(first, last int, beta []float32) error

// Scratch is the working memory of one worker.
type Scratch struct {
	thinned thinned
	first   int       // patch used of a band
	beta    []float32 // embeddings of a band of patches
	inverse []float32 // 1/‖β‖
	weights []float32
	index   []uint16
	norm    [1]float32
	cell    []float32
	piece   []float32 // a part of a cell that takes more than one sum

	frequencies frequencies
}

// BandPatches is the number of patches that are asked for at a time, or more if a row of cells covers more.
// Bands overlap.
const BandPatches = 2048

// Embed writes to out, Dim values, the embedding of a grid of rows × cols patches. width, at least Dims, is the
// number of values of a patch's embedding; values after the first Dims are 0.
func (l Layout) Embed(rows, cols, width int, s *Scratch, out []float32, each Patches) error {
	if l.Frequencies == 0 {
		return l.eachCell(rows, cols, width, s, each, func(cell int) { copy(out[cell*l.Dims:(cell+1)*l.Dims], s.cell) })
	}
	down, across := l.Grid(rows, cols)
	reach := l.Reach(across)
	s.frequencies.start(down, across, l.Reach(down), reach, width)
	err := l.eachCell(rows, cols, width, s, each, func(cell int) {
		copy(s.frequencies.row[cell%across*width:], s.cell)
		if cell%across == across-1 {
			s.frequencies.addRow(cell/across, width)
		}
	})
	if err != nil {
		return err
	}
	s.frequencies.finish(width)
	kept := l.places(down, across)
	for i, f := range kept {
		for j, v := range s.frequencies.out[(f/across*reach+f%across)*width:][:l.Dims] {
			out[i*l.Dims+j] = root(v)
		}
	}
	linalg.Unit(out[:len(kept)*l.Dims])
	return nil
}

// eachCell makes s.cell one cell after the other, and calls done with the number of each.
func (l Layout) eachCell(rows, cols, width int, s *Scratch, each Patches, done func(cell int)) error {
	ys, xs := l.Cells(rows, cols)
	s.thinned = thinned{rows, cols, l.Thin}
	cell := 0
	for len(ys) > 0 {
		s.first = s.thinned.before(ys[0], 0)
		n := 1 // rows of cells in the band
		for n < len(ys) && s.thinned.before(ys[n]+l.Window, 0)-s.first <= BandPatches {
			n++
		}
		last := s.thinned.before(ys[n-1]+l.Window, 0)
		s.beta = reuse.Slice(s.beta, (last-s.first)*width)
		if err := each(s.first, last, s.beta); err != nil {
			return err
		}
		s.measure(last-s.first, width)
		for _, y := range ys[:n] {
			for _, x := range xs {
				s.pool(y, x, l.Window, width)
				done(cell)
				cell++
			}
		}
		ys = ys[n:]
	}
	return nil
}

// measure finds 1/‖β‖ of n patches. It is 0 for a patch without code.
func (s *Scratch) measure(n, width int) {
	s.inverse = reuse.Slice(s.inverse, n)
	for i := range s.inverse {
		beta := s.beta[i*width : (i+1)*width]
		simd.DotRows(zero, beta, beta, width, s.norm[:])
		s.inverse[i] = 0
		if s.norm[0] > 0 {
			s.inverse[i] = float32(1 / math.Sqrt(float64(s.norm[0])))
		}
	}
}

var zero = []uint16{0}

// pool makes s.cell the cell whose window begins at row top and column left.
func (s *Scratch) pool(top, left, window, width int) {
	s.cell = reuse.Slice(s.cell, width)
	s.index, s.weights = s.index[:0], s.weights[:0]
	base, pieces := s.thinned.before(top, left)-s.first, 0
	for y := top; y < top+window; y++ {
		end := s.thinned.before(y, left+window) - s.first
		for i := s.thinned.before(y, left) - s.first; i < end; i++ {
			if i-base > math.MaxUint16 { // the kernel numbers rows by 16 bits
				s.addPiece(base, pieces, width)
				base, pieces = i, pieces+1
			}
			s.index = append(s.index, uint16(i-base))
			s.weights = append(s.weights, s.inverse[i])
		}
	}
	s.addPiece(base, pieces, width)
	linalg.Unit(s.cell)
}

// addPiece adds to s.cell the patches that s.index lists, which are numbered from patch `base` of the band on.
// Piece number 0 is the first: s.cell becomes that.
func (s *Scratch) addPiece(base, number, width int) {
	to := s.cell
	if number > 0 {
		s.piece = reuse.Slice(s.piece, width)
		to = s.piece
	}
	simd.Gather(s.index, s.weights, s.beta[base*width:], width, to)
	if number > 0 {
		for j, v := range s.piece {
			s.cell[j] += v
		}
	}
	s.index, s.weights = s.index[:0], s.weights[:0]
}
