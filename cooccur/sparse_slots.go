package cooccur

import (
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// slots is the matrix C of units that stand in the same slot. With S the counts of pairs over
// their sum, S_ab of b to the right of a, l and r what is to the left and to the right of each
// atom in all,
//
//	C = S·diag(1/l)·Sᵀ + Sᵀ·diag(1/r)·S
//
// A pair is drawn, of it one unit, whose slot is a side of the other's atom; and then a second unit of that
// slot. C_ab is twice the probability that the atoms are a and b.
type slots struct {
	right, left     linalg.Sparse // S and Sᵀ
	byLeft, byRight linalg.Bundle // 1/l and 1/r, 0 for 0
	ofLeft, ofRight []float64     // 1/l and 1/r
}

// laplacianOfSlots makes the forms. V counts units. L is E(φ_i − φ_j)(φ_i − φ_j)ᵀ over pairs of
// one slot, so that its diagonal is r + l. Of transformed counts, as without slots, r and l are taken for
// what they would be if they were counts of units, and windows were not cut off by the end of a line.
func (s *Sparse) laplacianOfSlots() laplacian {
	n := s.Atoms
	l := laplacian{v: make([]float64, n), own: make([]float64, n), slots: &slots{right: s.ordered()}}
	for a := range n {
		l.v[a] = s.transform.of(float64(s.V[a]))
	}
	units := max(1, total(l.v))
	for a := range l.v {
		l.v[a] /= units
	}
	c := l.slots
	c.divide(max(1, c.sum()))
	c.left = transposed(c.right)
	left, right := l.v, l.v
	if s.transform == (Transform{}) {
		left, right = sums(c.left), sums(c.right)
	}
	for a := range l.own {
		l.own[a] = left[a] + right[a]
	}
	c.byLeft, c.ofLeft = inverse(left)
	c.byRight, c.ofRight = inverse(right)
	return l
}

// ordered are the counts, transformed, of ordered pairs.
func (s *Sparse) ordered() linalg.Sparse {
	m := linalg.Sparse{Start: make([]int, s.Atoms+1)}
	for a, row := range s.near {
		m.Start[a+1] = m.Start[a] + len(row.atoms)
	}
	m.Column, m.Value = make([]uint32, m.Start[s.Atoms]), make([]float32, m.Start[s.Atoms])
	parallel.For(s.Atoms, func(_, a int) {
		row, first := s.near[a], m.Start[a]
		copy(m.Column[first:], row.atoms)
		for k, n := range row.counts {
			m.Value[first+k] = float32(s.transform.of(float64(n)))
		}
	})
	return m
}

// transposed is mᵀ.
func transposed(m linalg.Sparse) linalg.Sparse {
	n := m.Rows()
	t := linalg.Sparse{Start: make([]int, n+1), Column: make([]uint32, len(m.Column)), Value: make([]float32, len(m.Value))}
	for _, b := range m.Column {
		t.Start[b+1]++
	}
	for a := range n {
		t.Start[a+1] += t.Start[a]
	}
	next := append([]int(nil), t.Start[:n]...)
	for a := range n { // in order, so that rows are in order of columns
		for k := m.Start[a]; k < m.Start[a+1]; k++ {
			b := m.Column[k]
			t.Column[next[b]], t.Value[next[b]] = uint32(a), m.Value[k]
			next[b]++
		}
	}
	return t
}

// sums are those of the rows of m.
func sums(m linalg.Sparse) []float64 {
	sums := make([]float64, m.Rows())
	parallel.For(len(sums), func(_, a int) {
		for _, x := range m.Value[m.Start[a]:m.Start[a+1]] {
			sums[a] += float64(x)
		}
	})
	return sums
}

// sum is that of all counts.
func (c *slots) sum() float64 { return total(sums(c.right)) }

func (c *slots) divide(by float64) {
	for k, x := range c.right.Value {
		c.right.Value[k] = float32(float64(x) / by)
	}
}

// inverse is 1/x, 0 for 0, as all vectors of a bundle and by itself.
func inverse(x []float64) (linalg.Bundle, []float64) {
	inverse, values := make([]float64, len(x)), make([]float32, len(x))
	for a, v := range x {
		if v > 0 {
			inverse[a] = 1 / v
			values[a] = float32(inverse[a])
		}
	}
	b := linalg.NewBundle(len(x))
	for i := range simd.Bundle {
		b.Set(i, values)
	}
	return b, inverse
}

// times writes C·x to y.
func (c *slots) times(x, y linalg.Bundle) {
	u, z := linalg.NewBundle(x.N), linalg.NewBundle(x.N)
	c.left.Times(x, u)
	for i, s := range c.byLeft.Data {
		u.Data[i] *= s
	}
	c.right.Times(u, y)
	c.right.Times(x, u)
	for i, s := range c.byRight.Data {
		u.Data[i] *= s
	}
	c.left.Times(u, z)
	for i, s := range z.Data {
		y.Data[i] += s
	}
}

// diagonal is element (a, a) of C.
func (c *slots) diagonal(a int) (sum float64) {
	add := func(m linalg.Sparse, of []float64) {
		for k := m.Start[a]; k < m.Start[a+1]; k++ {
			sum += float64(m.Value[k]) * float64(m.Value[k]) * of[m.Column[k]]
		}
	}
	add(c.right, c.ofLeft)
	add(c.left, c.ofRight)
	return sum
}
