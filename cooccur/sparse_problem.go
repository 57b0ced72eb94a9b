package cooccur

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Transformed is the statistics s as problems with counts transformed. Neither may be added to
// while the other is used.
func (s *Sparse) Transformed(t Transform) *Sparse {
	other := *s
	other.transform, other.counter = t, nil
	return &other
}

// laplacian has the two forms: V has v on its diagonal, and L is diag(own) − C.
type laplacian struct {
	v, own []float64
	counts linalg.Sparse // C, but with slots
	slots  *slots        // C with slots, else nil
}

// laplacian makes the forms. With the sums n of units, and c of pairs from both sides,
//
//	V = n/Σn, L = 2·(diag(Σ_b c_ab) − c)/Σc
//
// as L is E(φ_i − φ_j)(φ_i − φ_j)ᵀ over pairs. Transformed counts are those of no units. n and c are
// taken for what they would be if they were: V = n/Σn, L = 2·(V − c/Σc), which is the same where
// no window is cut off by the end of a line.
func (s *Sparse) laplacian() laplacian {
	if s.Context.Slots {
		return s.laplacianOfSlots()
	}
	n := s.Atoms
	l := laplacian{v: make([]float64, n), own: make([]float64, n), counts: s.symmetric()}
	m := l.counts
	parallel.For(n, func(_, a int) {
		for _, c := range m.Value[m.Start[a]:m.Start[a+1]] {
			l.own[a] += float64(c)
		}
		l.v[a] = s.transform.of(float64(s.V[a]))
	})
	units, pairs := max(1, total(l.v)), max(1, total(l.own))
	plain := s.transform == Transform{}
	for a := range l.v {
		l.v[a] /= units
		if l.own[a] *= 2 / pairs; !plain {
			l.own[a] = 2 * l.v[a]
		}
	}
	parallel.For(n, func(_, a int) {
		row := m.Value[m.Start[a]:m.Start[a+1]]
		for k, c := range row {
			row[k] = float32(2 * float64(c) / pairs)
		}
	})
	return l
}

func total(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

// symmetric is C: both halves of it, with pairs of an atom and itself counted from both sides.
func (s *Sparse) symmetric() linalg.Sparse {
	m := linalg.Sparse{Start: make([]int, s.Atoms+1)}
	for a, row := range s.near {
		m.Start[a+1] += len(row.atoms)
		for _, b := range row.atoms {
			if int(b) != a {
				m.Start[b+1]++
			}
		}
	}
	for a := range s.Atoms {
		m.Start[a+1] += m.Start[a]
	}
	m.Column, m.Value = make([]uint32, m.Start[s.Atoms]), make([]float32, m.Start[s.Atoms])
	next := make([]int, s.Atoms)
	copy(next, m.Start)
	for a, row := range s.near { // in order of a, so that rows are in order of columns
		for k, b := range row.atoms {
			count := float64(row.counts[k])
			if int(b) == a {
				count *= 2
			}
			value := float32(s.transform.of(count))
			m.Column[next[a]], m.Value[next[a]] = b, value
			next[a]++
			if int(b) != a {
				m.Column[next[b]], m.Value[next[b]] = uint32(a), value
				next[b]++
			}
		}
	}
	return m
}

// times writes L·x to y.
func (l laplacian) times(x, y linalg.Bundle) {
	if l.slots != nil {
		l.slots.times(x, y)
	} else {
		l.counts.Times(x, y)
	}
	y.Difference(l.own, x)
}

// Usage is the diagonal of V.
func (s *Sparse) Usage() []float64 {
	usage := make([]float64, s.Atoms)
	for a, n := range s.V {
		usage[a] = float64(n) / float64(max(1, s.Coded))
	}
	return usage
}

// errFlips says that sparse statistics know no symmetry.
var errFlips = errors.New("cooccur: sparse statistics are of ready codes, which have no flips")

// Smallest solves with products of L.
func (s *Sparse) Smallest(ctx context.Context, b Basis, n int, beside []float64, search Search) ([]Coordinate, error) {
	if b.Parity != 0 || len(beside) > 0 {
		return nil, errFlips
	}
	debug.FreeOSMemory() // counting left garbage
	l := s.laplacian()
	var trace float64
	for i := range b.Size() {
		trace += l.own[b.Atom(i)] - l.diagonal(b.Atom(i))
	}
	v, times := l.v, l.times
	if b.Size() < s.Atoms {
		v, times = l.on(b)
	}
	steps := stepsFor(n, search.Progress)
	found, err := spectral.SmallestOfDiagonal(ctx, v, trace, times, spectral.Search{K: n, Ridge: search.Ridge, Seed: search.Seed, Progress: steps.at})
	if err != nil {
		return nil, err
	}
	steps.end()
	return b.coordinates(found, s.Atoms), nil
}

// diagonal is element (a, a) of C.
func (l laplacian) diagonal(a int) float64 {
	if l.slots != nil {
		return l.slots.diagonal(a)
	}
	m := l.counts
	for k := m.Start[a]; k < m.Start[a+1] && m.Column[k] <= uint32(a); k++ {
		if m.Column[k] == uint32(a) {
			return float64(m.Value[k])
		}
	}
	return 0
}

// Forms multiplies with V, and with L bundle by bundle.
func (s *Sparse) Forms(ctx context.Context, b Basis, rows [][]float32) (v, l []float32, err error) {
	if b.Parity != 0 {
		return nil, nil, errFlips
	}
	p := s.laplacian()
	y := linalg.New(len(rows), s.Atoms)
	for k, row := range rows { // which are 0 beside b
		copy(y.Row(k), row)
	}
	vy, ly := linalg.New(y.Rows, y.Cols), linalg.New(y.Rows, y.Cols)
	parallel.For(y.Rows, func(_, k int) {
		for a, x := range y.Row(k) {
			vy.Row(k)[a] = float32(float64(x) * p.v[a])
		}
	})
	if err := linalg.TimesRows(ctx, p.times, y, ly); err != nil {
		return nil, nil, err
	}
	vf, lf := linalg.New(y.Rows, y.Rows), linalg.New(y.Rows, y.Rows)
	linalg.AddMul(vf, 1, vy, y.T())
	linalg.AddMul(lf, 1, ly, y.T())
	return vf.Data, lf.Data, nil
}
