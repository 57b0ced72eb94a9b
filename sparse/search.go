package sparse

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/sparse-manifold/smt/internal/simd"
)

// searcher finds, for a block of patches, the atoms whose cosine is not below a
// level. The mask kernels compute every product with a known error bound and
// sort the atoms into three: surely above, surely below, and in doubt. Those in
// doubt, some dozens of thousands of atoms, are computed again: in float32, and
// in float64 where that is in doubt too.
type searcher struct {
	level    float64
	x        []float32 // the patches searched for
	q        []int8
	bounds8  []simd.Bound[int32]
	bounds32 []simd.Bound[float32]
	masks    []byte
	doubt    []uint16
	dots     []float32
}

// blockRows is the number of patches searched for at a time: their masks, two
// bits an atom, should stay in the second-level cache.
const blockRows = 64 * simd.Rows

// run computes the masks of the first n rows of x, which are t.stride apart and
// followed by rows that complete a group of simd.Rows.
func (s *searcher) run(t *table, x []float32, n int, level float64) {
	s.level, s.x = level, x
	groups := (n + simd.Rows - 1) / simd.Rows
	rows := groups * simd.Rows
	mstride := 16 * t.words()
	s.masks = grow(s.masks, rows*mstride)
	width := simd.Columns()
	panels := (t.n + width - 1) / width
	if t.panels8 == nil {
		s.bounds32 = grow(s.bounds32, rows)
		for i := range s.bounds32 {
			s.bounds32[i] = simd.Bound[float32]{Lower: float32(level) - t.rounding, Upper: float32(level) + t.rounding}
		}
		for p := range panels {
			simd.Mask32(groups, t.dim, x, t.stride, t.panels32[p*t.dim*width:], s.bounds32, s.masks[p*width/8:], mstride)
		}
		return
	}
	s.q = grow(s.q, rows*t.stride)
	s.bounds8 = grow(s.bounds8, rows)
	for i := range rows {
		sum, residual := quantizeRow(x[i*t.stride:(i+1)*t.stride], t.scale, s.q[i*t.stride:])
		// x·a = x̂·â + (x−x̂)·a + x̂·(a−â), and ‖a‖ = 1, ‖x̂‖ ≤ 1 + ‖x−x̂‖.
		margin := residual + (1+residual)*t.residual + float64(t.rounding)
		s.bounds8[i] = simd.Bound[int32]{
			Lower:  int32(math.Floor((level - margin) * t.scale * t.scale)),
			Upper:  int32(math.Ceil((level + margin) * t.scale * t.scale)),
			Offset: -128 * sum,
		}
	}
	size := 4 * t.steps() * width
	for p := range panels {
		simd.Mask8(groups, t.steps(), s.q, t.stride, t.panels8[p*size:], s.bounds8, s.masks[p*width/8:], mstride)
	}
}

// active appends the atoms of row i whose cosine is not below the level.
func (s *searcher) active(t *table, i int, atoms []uint16) []uint16 {
	words := t.words()
	likely := s.masks[i*16*words:][:8*words]
	sure := s.masks[i*16*words+8*words:][:8*words]
	if spare := t.n % 64; spare != 0 {
		// Columns behind the last atom are padding, or were never written.
		last := likely[8*(words-1):]
		binary.LittleEndian.PutUint64(last, binary.LittleEndian.Uint64(last)&(1<<spare-1))
	}
	s.doubt = s.doubt[:0]
	for w := 0; w < 8*words; w += 8 {
		d := binary.LittleEndian.Uint64(likely[w:]) &^ binary.LittleEndian.Uint64(sure[w:])
		for ; d != 0; d &= d - 1 {
			s.doubt = append(s.doubt, uint16(8*w+bits.TrailingZeros64(d)))
		}
	}
	s.settle(t, i, likely)
	for w := 0; w < 8*words; w += 8 {
		for m := binary.LittleEndian.Uint64(likely[w:]); m != 0; m &= m - 1 {
			atoms = append(atoms, uint16(8*w+bits.TrailingZeros64(m)))
		}
	}
	return atoms
}

// settle clears the bits of the doubtful atoms that are below the level.
func (s *searcher) settle(t *table, i int, likely []byte) {
	s.dots = grow(s.dots, len(s.doubt))
	x := s.x[i*t.stride:][:t.stride]
	simd.DotRows(s.doubt, x, t.rows, t.stride, s.dots)
	lower, upper := float32(s.level)-t.rounding, float32(s.level)+t.rounding
	for k, a := range s.doubt {
		d := s.dots[k]
		if d >= upper || (d >= lower && t.dot(x, a) >= s.level) {
			continue
		}
		likely[a/8] &^= 1 << (a % 8)
	}
}
