package cooccur

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// BatchImages is the number of images Accumulate is best called with: enough to
// spread the cost of passing over M.
const BatchImages = 768

// partPatches is the number of patches whose pairs are counted at a time: enough
// to spread the cost of passing over V, few enough to keep their codes in cache, and
// to number their atoms by 32 bits, even if each has all of sparse.MaxAtoms. Of a
// single image with more patches, the codes, or the sums over windows, see to that.
const partPatches = 1<<32/sparse.MaxAtoms - 1

// Accumulate adds the images with the given codes. After an error s is not
// to be used.
func (s *Statistics) Accumulate(batch []*sparse.Codes) error {
	if len(batch) == 0 {
		return nil
	}
	for len(batch) > BatchImages { // bounds the memory used
		if err := s.Accumulate(batch[:BatchImages]); err != nil {
			return err
		}
		batch = batch[BatchImages:]
	}
	for i, c := range batch {
		if c.N() != s.GridRows*s.GridCols {
			return fmt.Errorf("cooccur: image %d of the batch has %d patches, not %d × %d", i, c.N(), s.GridRows, s.GridCols)
		}
		if (len(c.Value) > 0) != (s.Unit != 1 && len(c.Atom) > 0) {
			return fmt.Errorf("cooccur: image %d of the batch: codes do not fit statistics in units of 1/%d", i, s.Unit)
		}
	}
	x := make([]lists, len(batch))
	for i, c := range batch {
		x[i] = fromCodes(c, s.Unit)
		s.Images++
		s.Coded += int64(c.Coded())
	}
	if s.Context.Kind == Image {
		s.addMeans(x)
	}
	part := max(1, partPatches/(s.GridRows*s.GridCols))
	for ; len(x) > 0; x = x[min(part, len(x)):] {
		if err := s.addPart(x[:min(part, len(x))]); err != nil {
			return err
		}
	}
	return s.checkRoom()
}

// addPart adds what is counted patch by patch.
func (s *Statistics) addPart(x []lists) error {
	parallel.For(len(x), func(_, i int) { x[i].transpose(s.Atoms) })
	if s.Unit == 1 {
		countPairs(s.V, s.Atoms, x)
	} else {
		cross(s.V, s.Atoms, x, x)
	}
	if s.Context.Kind == Window {
		if err := s.addWindows(x); err != nil {
			return err
		}
	}
	for i := range x {
		x[i].from, x[i].by = nil, nil
	}
	return nil
}

// lists holds one sparse integer vector for each patch of an image: patch i has
// value[k] at atom[k] for start[i] ≤ k < start[i+1], atoms increasing.
type lists struct {
	start []int32
	atom  []uint16
	value []int32 // nil: all 1

	weight []uint16 // in place of value, where countRows wants it

	// The transpose: entries by atom. Atom a's are by[from[a]:from[a+1]].
	from []int32
	by   []entry
}

// entry is one occurrence of an atom: number k of the lists, in patch `patch`.
type entry struct{ k, patch int32 }

func fromCodes(c *sparse.Codes, unit int) lists {
	l := lists{start: c.Start, atom: c.Atom}
	if unit != 1 {
		l.value = make([]int32, len(c.Value))
		for i, v := range c.Value {
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
	pieces := (atoms + rowsPerPiece - 1) / rowsPerPiece
	parallel.For(pieces, func(w, i int) {
		p := pieces - 1 - i
		for a := p * rowsPerPiece; a < min((p+1)*rowsPerPiece, atoms); a++ {
			f(w, a)
		}
	})
}

// countPairs adds Σ x_i x_iᵀ over all patches i, with values of 1, to the lower
// triangle dst: the number of patches that have both atoms.
func countPairs(dst []int64, atoms int, x []lists) {
	countRows(dst, atoms, x, x, 1, 1, func(l *lists, _ int, e entry) (start, end int32) {
		// Atoms up to this one stand before it in the patch's list.
		return l.start[e.patch], e.k + 1
	})
}

// countRows adds to row a of the lower triangle dst, for every occurrence of
// atom a in x, sign times the values of y in the span that spanOf gives: of a
// patch, each atom once, none larger than most. y's values are 1, or those of
// weight. A row is summed in 16 bits, so that it stays in the first-level cache,
// and then added.
func countRows(dst []int64, atoms int, x, y []lists, most int, sign int64, spanOf func(l *lists, a int, e entry) (start, end int32)) {
	// One array of all atoms, so that all images are counted in one go.
	base := make([]uint32, len(y)+1)
	for i := range y {
		base[i+1] = base[i] + uint32(len(y[i].atom))
	}
	numbers := make([]uint16, base[len(y)])
	var weights []uint16
	if most > 1 {
		weights = make([]uint16, len(numbers))
	}
	parallel.For(len(y), func(_, i int) {
		copy(numbers[base[i]:], y[i].atom)
		if most > 1 {
			copy(weights[base[i]:], y[i].weight)
		}
	})
	type scratch struct {
		counts [sparse.MaxAtoms]uint16
		spans  []simd.Span
	}
	work := make([]scratch, parallel.Workers(atoms))
	eachRow(atoms, func(w, a int) {
		s := &work[w]
		s.spans = s.spans[:0]
		for i := range x {
			l := &x[i]
			for _, e := range l.by[l.from[a]:l.from[a+1]] {
				start, end := spanOf(&y[i], a, e)
				s.spans = append(s.spans, simd.Span{Start: base[i] + uint32(start), End: base[i] + uint32(end)})
			}
		}
		s.spans = slices.Grow(s.spans, simd.CountAhead)
		out := dst[a*(a+1)/2:][:a+1]
		for spans := s.spans; len(spans) > 0; {
			n := min(len(spans), math.MaxUint16/most) // no sum can exceed 16 bits
			clear(s.counts[:atoms])
			if most > 1 {
				simd.Weigh(spans[:n], numbers, weights, &s.counts)
			} else {
				simd.Count(spans[:n], numbers, &s.counts)
			}
			for b, c := range s.counts[:a+1] {
				out[b] += sign * int64(c)
			}
			spans = spans[n:]
		}
	})
}

// cross adds Σ x_i y_iᵀ over all patches i to the lower triangle dst. x must be
// transposed. x and y may be the same.
func cross(dst []int64, atoms int, x, y []lists) {
	// A place for every uint16: indexing by an atom needs no bounds check.
	sums := make([][sparse.MaxAtoms]int64, parallel.Workers(atoms))
	eachRow(atoms, func(w, a int) {
		row := &sums[w]
		for i := range x {
			l, r := &x[i], &y[i]
			for _, e := range l.by[l.from[a]:l.from[a+1]] {
				addUpTo(row, uint16(a), l.at(e.k), r, e.patch)
			}
		}
		out := dst[a*(a+1)/2:][:a+1]
		for b, v := range row[:a+1] {
			out[b] += v
		}
		clear(row[:a+1])
	})
}

// addUpTo adds v times the patch's values of atoms up to a to row.
func addUpTo(row *[sparse.MaxAtoms]int64, a uint16, v int64, l *lists, patch int32) {
	for k := l.start[patch]; k < l.start[patch+1]; k++ {
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
