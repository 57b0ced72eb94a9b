package cooccur

import (
	"fmt"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

// BatchImages is the number of images Accumulate is best called with: enough to
// spread the cost of passing over V, few enough to keep their codes in cache.
const BatchImages = 192

// Accumulate adds the images with the given codes. After an error s is not
// to be used.
func (s *Statistics) Accumulate(batch []*sparse.Codes) error {
	if len(batch) == 0 {
		return nil
	}
	for len(batch) > BatchImages { // the bound that keeps 32-bit sums exact
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
	parallel.For(len(batch), func(_, i int) {
		x[i] = fromCodes(batch[i], s.Unit)
		x[i].transpose(s.Atoms)
	})
	for _, c := range batch {
		s.Images++
		s.Coded += int64(c.Coded())
	}
	cross(s.V, s.Atoms, x, x)
	if s.Context.Kind == Image {
		s.addMeans(x)
	} else {
		s.addWindows(x)
	}
	return s.checkRoom()
}

// lists holds one sparse integer vector for each patch of an image: patch i has
// value[k] at atom[k] for start[i] ≤ k < start[i+1], atoms increasing.
type lists struct {
	start []int32
	atom  []uint16
	value []int32 // nil: all 1

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

// cross adds Σ x_i y_iᵀ over all patches i to the lower triangle dst. Rows are
// shared out among the workers; a row is summed in cache, then added. x must be
// transposed. x and y may be the same.
func cross(dst []int64, atoms int, x, y []lists) {
	const rows = 16 // of a piece of work
	counts := &x[0] == &y[0] && x[0].value == nil
	pieces := (atoms + rows - 1) / rows
	sums := make([]rowSums, parallel.Workers(pieces))
	parallel.For(pieces, func(w, i int) {
		p := pieces - 1 - i // long rows first
		for a := p * rows; a < min((p+1)*rows, atoms); a++ {
			out := dst[a*(a+1)/2 : a*(a+1)/2+a+1]
			if counts {
				sums[w].count(uint16(a), x, out)
			} else {
				sums[w].products(uint16(a), x, y, out)
			}
		}
	})
}

// rowSums is a row in the making. Its arrays have a place for every uint16, so
// that indexing by an atom needs no bounds check; only the dictionary's are used.
type rowSums struct {
	counts [sparse.MaxAtoms]uint32
	wide   [sparse.MaxAtoms]int64
}

// count adds, for 0/1 lists, the number of patches that have both a and b.
func (s *rowSums) count(a uint16, x []lists, out []int64) {
	counts := s.counts[:len(out)]
	clear(counts)
	for i := range x {
		l := &x[i]
		for _, e := range l.by[l.from[a]:l.from[int(a)+1]] {
			// Atoms up to a stand before it in the patch's list.
			for _, b := range l.atom[l.start[e.patch] : e.k+1] {
				s.counts[b]++
			}
		}
	}
	for b, n := range counts {
		out[b] += int64(n)
	}
}

func (s *rowSums) products(a uint16, x, y []lists, out []int64) {
	for i := range x {
		l, r := &x[i], &y[i]
		for _, e := range l.by[l.from[a]:l.from[int(a)+1]] {
			v := int64(1)
			if l.value != nil {
				v = int64(l.value[e.k])
			}
			from, to := r.start[e.patch], r.start[e.patch+1]
			for k, b := range r.atom[from:to] {
				if b > a {
					break
				}
				u := int64(1)
				if r.value != nil {
					u = int64(r.value[int(from)+k])
				}
				s.wide[b] += v * u
			}
		}
	}
	for b, v := range s.wide[:len(out)] {
		out[b] += v
	}
	clear(s.wide[:len(out)])
}
