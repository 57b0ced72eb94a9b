package sparse

import (
	"math"
	"math/bits"
	"slices"
	"unsafe"

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
	masks    []uint64 // of a row: the words of its lower bound, then of its upper
	words    []uint64
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
	s.masks = grow(s.masks, 2*rows*t.words())
	masks := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s.masks))), 8*len(s.masks))
	mstride := 16 * t.words()
	width := simd.Columns()
	panels := (t.n + width - 1) / width
	if t.panels8 == nil {
		s.bounds32 = grow(s.bounds32, rows)
		for i := range s.bounds32 {
			s.bounds32[i] = simd.Bound[float32]{Lower: float32(level) - t.rounding, Upper: float32(level) + t.rounding}
		}
		for p := range panels {
			simd.Mask32(groups, t.dim, x, t.stride, t.panels32[p*t.dim*width:], s.bounds32, masks[p*width/8:], mstride)
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
		simd.Mask8(groups, t.steps(), s.q, t.stride, t.panels8[p*size:], s.bounds8, masks[p*width/8:], mstride)
	}
}

// active appends the atoms of row i whose cosine is not below the level.
func (s *searcher) active(t *table, i int, atoms []uint16) []uint16 {
	words := t.words()
	likely := s.masks[2*i*words:][:words]
	sure := s.masks[(2*i+1)*words:][:words]
	if spare := t.n % 64; spare != 0 {
		// Columns behind the last atom are padding, or were never written.
		likely[words-1] &= 1<<spare - 1
	}
	s.words = grow(s.words, words)
	doubtful := 0
	for w, l := range likely {
		d := l &^ sure[w]
		s.words[w] = d
		doubtful += bits.OnesCount64(d)
	}
	s.doubt = grow(s.doubt, doubtful+simd.BitsRoom)
	s.settle(t, i, s.doubt[:simd.Bits(s.words, s.doubt)], likely)
	most := 0
	for _, l := range likely {
		most += bits.OnesCount64(l)
	}
	n := len(atoms)
	atoms = slices.Grow(atoms, most+simd.BitsRoom)
	return atoms[:n+simd.Bits(likely, atoms[n:n+most+simd.BitsRoom])]
}

// settle clears the bits of the doubtful atoms that are below the level.
func (s *searcher) settle(t *table, i int, doubt []uint16, likely []uint64) {
	s.dots = grow(s.dots, len(doubt))
	x := s.x[i*t.stride:][:t.stride]
	simd.DotRows(doubt, x, t.rows, t.stride, s.dots)
	lower, upper := float32(s.level)-t.rounding, float32(s.level)+t.rounding
	for k, a := range doubt {
		d := s.dots[k]
		var below uint64 // without a branch, which would be a toss-up
		if d < upper {
			below = 1
		}
		if d >= lower && d < upper && t.dot(x, a) >= s.level { // hardly ever
			below = 0
		}
		likely[a/64] &^= below << (a % 64)
	}
}
