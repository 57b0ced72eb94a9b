package sparse

import (
	"math"
	"slices"
	"unsafe"

	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// searcher finds, for a block of units, the atoms whose cosine is not below a level. The mask
// kernels compute every product with a known bound on its error, and sort the atoms into three:
// surely above, surely below, and in doubt. Those in doubt, a dozen of thousands, are computed
// again in float32, and in float64 where that leaves them in doubt too.
type searcher struct {
	level    float64
	x        []float32           // the units searched for
	y        []float32           // the same in the table's layout
	q        []int8              // the same in 8 bits
	bounds8  []simd.Bound[int32] // of the units: for mirrored panels, then for others
	bounds32 []simd.Bound[float32]
	masks    []uint64 // of a unit: the words of its lower bound, then those of its upper one
	doubt    []uint16 // atoms in doubt
	dots     []float32
	passed   []int // whether an atom in doubt is active: 1, or 0
}

// blockRows is the number of units searched for at a time. Their masks, two bits an atom, should
// stay in the second-level cache.
const blockRows = 64 * simd.Rows

// run computes the masks of the first n units of x. They are t.stride values apart, and followed
// by rows that complete a group of simd.Rows.
func (s *searcher) run(t *table, x []float32, n int, level float64) {
	s.level, s.x = level, x
	groups := (n + simd.Rows - 1) / simd.Rows
	rows, width, stride := groups*simd.Rows, t.layout.width, t.layout.stride
	s.masks = reuse.Slice(s.masks, 2*rows*t.words())
	s.y = reuse.Slice(s.y, rows*stride)
	clear(s.y)
	for i := range rows {
		t.layout.arrange(x[i*t.stride:][:t.dim], s.y[i*stride:(i+1)*stride])
	}
	if t.panels8 == nil {
		s.bounds32 = reuse.Slice(s.bounds32, rows)
		for i := range s.bounds32 {
			s.bounds32[i] = simd.Bound[float32]{Lower: float32(level) - t.rounding, Upper: float32(level) + t.rounding}
		}
		units := simd.Operand[float32, float32]{Groups: groups, Steps: width, Values: s.y, Stride: stride, Bounds: s.bounds32}
		paired := units
		paired.Steps = t.layout.steps()
		s.eachPanel(t, func(p int, mirrored bool, masks []byte, mstride int) {
			if mirrored {
				simd.Mask32Mirrored(paired, t.panels32[t.panel(p):], masks, mstride)
			} else {
				simd.Mask32(units, t.panels32[t.panel(p):], masks, mstride)
			}
		})
		return
	}
	s.q = reuse.Slice(s.q, rows*stride)
	s.bounds8 = reuse.Slice(s.bounds8, 2*rows)
	for i := range rows {
		y := s.y[i*stride : (i+1)*stride]
		scale := scaleFor(y, width)
		even, odd, residual := t.layout.quantize(y, scale, s.q[i*stride:])
		lower, upper := t.bounds(level, residual)
		b := simd.Bound[int32]{
			Lower:  int32(math.Floor(lower * scale * t.scale)),
			Upper:  int32(math.Ceil(upper * scale * t.scale)),
			Offset: -128 * even,
			Odd:    -128 * odd,
		}
		s.bounds8[i] = b
		b.Offset += b.Odd
		s.bounds8[rows+i] = b
	}
	units := simd.Operand[int8, int32]{Groups: groups, Steps: width / 4, Values: s.q, Stride: stride, Bounds: s.bounds8[rows:]}
	paired := units
	paired.Steps, paired.Bounds = t.layout.steps(), s.bounds8
	s.eachPanel(t, func(p int, mirrored bool, masks []byte, mstride int) {
		if mirrored {
			simd.Mask8Mirrored(paired, t.panels8[t.panel(p):], masks, mstride)
		} else {
			simd.Mask8(units, t.panels8[t.panel(p):], masks, mstride)
		}
	})
}

// bounds returns two bounds on the 8-bit cosine x̂·â of a unit x with any atom a. Where it is
// below lower, x·a is below level. Where it is at least upper, x·a is at least level.
//
// residual is ‖x − x̂‖. Rounding makes an atom a the vector â = k·(a − e), with k between
// t.shortest and t.longest and ‖e‖ at most t.residual. So
//
//	x̂·â = k·(x·a − (x − x̂)·a − x̂·e),    ‖a‖ = 1,    ‖x̂‖ ≤ 1 + ‖x − x̂‖,
//
// and the last two terms are at most residual + (1 + residual)·t.residual.
func (t *table) bounds(level, residual float64) (lower, upper float64) {
	margin := residual + (1+residual)*t.residual + float64(t.rounding)
	lower, upper = level-margin, level+margin
	return min(lower*t.shortest, lower*t.longest), max(upper*t.shortest, upper*t.longest)
}

// eachPanel calls f for every panel: its number, whether it is mirrored, where its part of the
// masks begins, and the distance in bytes from one unit's masks to the next one's.
func (s *searcher) eachPanel(t *table, f func(p int, mirrored bool, masks []byte, mstride int)) {
	masks := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s.masks))), 8*len(s.masks))
	width := simd.Columns()
	for p := range (t.n + width - 1) / width {
		f(p, p < t.mirrored, masks[p*width/8:], 16*t.words())
	}
}

// ignore has active leave out some atoms of unit i.
func (s *searcher) ignore(t *table, i int, atoms []uint16) {
	masks := s.masks[2*i*t.words():][:2*t.words()]
	for _, a := range atoms {
		masks[a/64] &^= 1 << (a % 64)
	}
}

// active appends the atoms of unit i whose cosine is not below the level.
func (s *searcher) active(t *table, i int, atoms []uint16) []uint16 {
	words := t.words()
	likely := s.masks[2*i*words:][:words]
	sure := s.masks[(2*i+1)*words:][:words]
	if spare := t.n % 64; spare != 0 {
		// Columns behind the last atom are padding, or were never written.
		likely[words-1] &= 1<<spare - 1
	}
	n := len(atoms)
	room := 64*words + simd.BitsRoom
	atoms = slices.Grow(atoms, room)[:n+room]
	found := atoms[n:][:simd.Bits(likely, atoms[n:])]
	s.settle(t, i, found, sure)
	// An atom that does not pass is overwritten by the next one. There is no branch on it, since
	// none could be predicted.
	kept, d := 0, 0
	for _, a := range found {
		found[kept] = a
		certain := int(sure[a/64] >> (a % 64) & 1)
		kept += certain | s.passed[d]
		d += 1 - certain
	}
	return atoms[:n+kept]
}

// settle decides on the atoms found for unit i that are not sure. It writes to s.passed, for each
// of them in order, 1 if the cosine is not below the level, else 0; and one more 0.
func (s *searcher) settle(t *table, i int, found []uint16, sure []uint64) {
	s.doubt = reuse.Slice(s.doubt, len(found)+1)
	n := 0
	for _, a := range found {
		s.doubt[n] = a
		n += 1 - int(sure[a/64]>>(a%64)&1)
	}
	doubt := s.doubt[:n]
	s.passed = reuse.Slice(s.passed, n+1)
	s.passed[n] = 0
	margin := s.products(t, i, doubt)
	lower, upper := float32(s.level)-margin, float32(s.level)+margin
	x := s.x[i*t.stride:][:t.stride]
	for k, d := range s.dots {
		pass := 0
		if d >= upper {
			pass = 1
		}
		if d >= lower && d < upper && t.dot(x, doubt[k]) >= s.level { // hardly ever
			pass = 1
		}
		s.passed[k] = pass
	}
}

// products writes the cosines of unit i with the atoms to s.dots, and returns how far they may be
// off. Atoms that were rounded (Round) are as good in 8 bits as in float32, and are read from a
// quarter of the memory.
func (s *searcher) products(t *table, i int, atoms []uint16) (margin float32) {
	s.dots = reuse.Slice(s.dots, len(atoms))
	if t.bytes == nil || t.residual > 1e-4 {
		simd.DotRows(atoms, s.x[i*t.stride:][:t.stride], t.rows, t.stride, s.dots)
		return t.rounding
	}
	simd.DotBytes(atoms, s.y[i*t.layout.stride:][:t.layout.stride], t.bytes, s.dots)
	for k, a := range atoms {
		s.dots[k] *= t.units[a]
	}
	return t.rounding + float32(t.residual)
}
