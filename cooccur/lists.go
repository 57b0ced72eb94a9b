package cooccur

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// lists holds one sparse integer vector for each unit of a group, or of a piece of
// one: unit i has value[k] at atom[k] for start[i] ≤ k < start[i+1], atoms increasing.
type lists struct {
	start []int32
	atom  []uint16
	value []int32 // nil: all 1

	weight []uint16 // in place of value, where countRows wants it

	// What the units are of, those from first on.
	section section
	first   int

	// The transpose: entries by atom. Atom a's are by[from[a]:from[a+1]].
	from []int32
	by   []entry
}

// entry is one occurrence of an atom: number k of the lists, in which unit.
type entry struct{ k, unit int32 }

// fromCodes is the lists of the units first to last-1 of a section.
func (s *Dense) fromCodes(c section, first, last int) lists {
	from, to := c.Start[first], c.Start[last]
	l := lists{start: c.Start[first : last+1], atom: c.Atom[from:to], section: c, first: first}
	if from > 0 {
		l.start = make([]int32, last-first+1)
		for i, at := range c.Start[first : last+1] {
			l.start[i] = at - from
		}
	}
	if s.Denominator != 1 {
		l.value = make([]int32, to-from)
		for i, v := range c.Value[from:to] {
			l.value[i] = int32(v)
		}
	}
	return l
}

func (l *lists) n() int { return len(l.start) - 1 }

// transpose fills from and by.
func (l *lists) transpose(atoms int) {
	l.from = make([]int32, atoms+2)
	for _, a := range l.atom {
		l.from[a+2]++
	}
	for a := 2; a < len(l.from); a++ {
		l.from[a] += l.from[a-1]
	}
	l.by = make([]entry, len(l.atom))
	for i := range l.n() {
		for k := l.start[i]; k < l.start[i+1]; k++ {
			at := &l.from[l.atom[k]+1] // moves from atom's first to its last place
			l.by[*at] = entry{k, int32(i)}
			*at++
		}
	}
	l.from = l.from[:atoms+1]
}

// rowsPerPiece is the number of rows of a matrix a worker takes at a time.
const rowsPerPiece = 16

// eachRow calls f for all rows of a lower triangle, shared out among the
// workers, long rows first.
func eachRow(atoms int, f func(worker, a int)) {
	parallel.For(rowPieces(atoms), func(w, i int) {
		from, to := pieceRows(atoms, i)
		for a := from; a < to; a++ {
			f(w, a)
		}
	})
}

// rowPieces is the number of pieces that the rows of a lower triangle are shared out in.
func rowPieces(n int) int { return (n + rowsPerPiece - 1) / rowsPerPiece }

// pieceRows are the rows of a piece, long ones first.
func pieceRows(n, piece int) (from, to int) {
	from = (rowPieces(n) - 1 - piece) * rowsPerPiece
	return from, min(from+rowsPerPiece, n)
}

// countPairs adds Σ x_i x_iᵀ over all units i, with values of 1, to the lower
// triangle dst: the number of units that have both atoms.
func countPairs(dst []int64, atoms int, x []lists) {
	rowSum{dst: dst, atoms: atoms, of: x, add: x, most: 1, sign: 1}.count(upToOwn)
}

// upToOwn is the atoms of a unit up to the one that occurs: they stand before it in its list.
func upToOwn(l *lists, _ int, e entry) (start, end int32) { return l.start[e.unit], e.k + 1 }

// rowSum adds to row a of the lower triangle dst, for every occurrence of
// atom a in the lists `of`, sign times values of the same unit in the lists `add`.
type rowSum struct {
	dst     []int64
	atoms   int
	of, add []lists
	most    int // no value is larger: 1, or values are those of weight
	sign    int64
}

// count sums the values in the span that spanOf gives, in which each atom stands once. A row
// is summed in 16 bits, so that it stays in the first-level cache, and then added.
func (r rowSum) count(spanOf func(l *lists, a int, e entry) (start, end int32)) {
	// One array of all atoms, so that all groups are counted in one go.
	base := make([]uint32, len(r.add)+1)
	for i := range r.add {
		base[i+1] = base[i] + uint32(len(r.add[i].atom))
	}
	numbers := make([]uint16, base[len(r.add)])
	var weights []uint16
	if r.most > 1 {
		weights = make([]uint16, len(numbers))
	}
	parallel.For(len(r.add), func(_, i int) {
		copy(numbers[base[i]:], r.add[i].atom)
		if r.most > 1 {
			copy(weights[base[i]:], r.add[i].weight)
		}
	})
	type scratch struct {
		counts [sparse.MaxAtoms]uint16
		spans  []simd.Span
	}
	work := make([]scratch, parallel.Workers(r.atoms))
	eachRow(r.atoms, func(w, a int) {
		s := &work[w]
		s.spans = s.spans[:0]
		for i := range r.of {
			l := &r.of[i]
			for _, e := range l.by[l.from[a]:l.from[a+1]] {
				start, end := spanOf(&r.add[i], a, e)
				s.spans = append(s.spans, simd.Span{Start: base[i] + uint32(start), End: base[i] + uint32(end)})
			}
		}
		s.spans = slices.Grow(s.spans, simd.CountAhead)
		out := r.dst[a*(a+1)/2:][:a+1]
		for spans := s.spans; len(spans) > 0; {
			n := min(len(spans), math.MaxUint16/r.most) // no sum can exceed 16 bits
			clear(s.counts[:r.atoms])
			if r.most > 1 {
				simd.Weigh(spans[:n], numbers, weights, &s.counts)
			} else {
				simd.Count(spans[:n], numbers, &s.counts)
			}
			for b, c := range s.counts[:a+1] {
				out[b] += r.sign * int64(c)
			}
			spans = spans[n:]
		}
	})
}

// cross adds Σ x_i y_iᵀ over all units i to the lower triangle dst. x must be
// transposed. x and y may be the same.
func cross(dst []int64, atoms int, x, y []lists) {
	// A place for every uint16: indexing by an atom needs no bounds check.
	sums := make([][sparse.MaxAtoms]int64, parallel.Workers(atoms))
	eachRow(atoms, func(w, a int) {
		row := &sums[w]
		for i := range x {
			l, r := &x[i], &y[i]
			for _, e := range l.by[l.from[a]:l.from[a+1]] {
				addUpTo(row, uint16(a), l.at(e.k), r, e.unit)
			}
		}
		out := dst[a*(a+1)/2:][:a+1]
		for b, v := range row[:a+1] {
			out[b] += v
		}
		clear(row[:a+1])
	})
}

// addUpTo adds v times the unit's values of atoms up to a to row.
func addUpTo(row *[sparse.MaxAtoms]int64, a uint16, v int64, l *lists, unit int32) {
	for k := l.start[unit]; k < l.start[unit+1]; k++ {
		b := l.atom[k]
		if b > a {
			return
		}
		row[b] += v * l.at(k)
	}
}

// at is value number k.
func (l *lists) at(k int32) int64 {
	if l.value == nil {
		return 1
	}
	return int64(l.value[k])
}
