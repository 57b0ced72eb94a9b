package sparse

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/simd"
)

// support is the atoms that are active in the code of a unit x, and the values that minimise
//
//	½‖x − Aα‖² + λ Σα,    α ≥ 0,
//
// among codes with these atoms alone. On them the minimum solves Gα = Aᵀx − λ, G = AᵀA, by a
// Cholesky factor of G that grows with the support. Sums are in float64, in a fixed order, and
// products are rounded before they are added, so that no compiler fuses the two: values are the
// same on every machine.
type support struct {
	atoms []uint16
	value []float64 // α, positive once settled
	gain  []float64 // a·x − λ
	// Row i of G's lower triangle, and of its factor's, begins at i(i+1)/2.
	gram, factor []float64
	target       []float64 // scratch
}

// dependent is the least squared distance of an atom, a unit vector, from the span of a support
// that it joins.
const dependent = 1e-8

// gone is the value of an atom that is to leave the support.
const gone = -1

func (s *support) reset() {
	s.atoms, s.value, s.gain, s.gram, s.factor = s.atoms[:0], s.value[:0], s.gain[:0], s.gram[:0], s.factor[:0]
}

// triangleRow is row i of a lower triangle.
func triangleRow(t []float64, i int) []float64 { return t[i*(i+1)/2:][:i+1] }

// descent is αᵀ(Aᵀx − λ): settled values make the objective smaller by half of that.
func (s *support) descent() (sum float64) {
	for i, v := range s.value {
		sum += float64(v * s.gain[i])
	}
	return sum
}

// join adds an atom at value 0. An atom that depends on the support leaves it as it was: it is then
// in s.target as a combination of those there are, and join reports false.
func (s *support) join(t *table, x []float32, lambda float64, atom uint16) bool {
	n := len(s.atoms)
	s.atoms = append(s.atoms, atom)
	s.gram = t.products(t.rows[int(atom)*t.stride:][:t.stride], s.atoms, s.gram)
	if pivot := s.extend(n); pivot <= dependent {
		s.target = append(s.target[:0], triangleRow(s.factor, n)[:n]...)
		s.atoms, s.gram, s.factor = s.atoms[:n], s.gram[:n*(n+1)/2], s.factor[:n*(n+1)/2]
		s.solveTransposed(s.target)
		return false
	}
	s.value, s.gain = append(s.value, 0), t.products(x, s.atoms[n:], s.gain)
	s.gain[n] -= lambda
	return true
}

// extend adds row n to the factor, and returns the square that its pivot is the root of, or
// should be: rounding may leave less than dependent of it.
func (s *support) extend(n int) (pivot float64) {
	s.factor = append(s.factor, triangleRow(s.gram, n)...)
	row := triangleRow(s.factor, n)
	for i := range n {
		before := triangleRow(s.factor, i)
		row[i] = (row[i] - product64(row[:i], before)) / before[i]
	}
	pivot = row[n] - product64(row[:n], row)
	row[n] = math.Sqrt(max(pivot, dependent))
	return pivot
}

// settle moves the values to the minimum on the support. Atoms whose values come to zero on the way
// there leave it (Lawson and Hanson, Solving Least Squares Problems, chapter 23).
func (s *support) settle() {
	for len(s.atoms) > 0 {
		s.target = append(s.target[:0], s.gain...)
		for i := range s.target {
			row := triangleRow(s.factor, i)
			s.target[i] = (s.target[i] - product64(s.target[:i], row)) / row[i]
		}
		s.solveTransposed(s.target)
		if slices.Min(s.target) > 0 {
			copy(s.value, s.target)
			return
		}
		step := 1.0
		for i, to := range s.target {
			if to <= 0 {
				step = min(step, untilZero(s.value[i], to))
			}
		}
		for i, to := range s.target {
			from := s.value[i]
			s.value[i] = max(0, from+float64(step*(to-from)))
			if to <= 0 && untilZero(from, to) <= step {
				s.value[i] = gone
			}
		}
		s.leave()
	}
}

// untilZero is the part of the way from a value to one that is not positive at which there is zero.
func untilZero(from, to float64) float64 {
	if from == 0 {
		return 0
	}
	return from / (from - to)
}

// exchange moves along s.target, a combination of the support that is another atom, until an atom of
// the support comes to zero and leaves it. Aα does not change if the other atom gets the amount
// moved, which is infinite where no atom comes to zero.
func (s *support) exchange() (amount float64) {
	amount = math.Inf(1)
	for i, w := range s.target {
		if w > 0 {
			amount = min(amount, s.value[i]/w)
		}
	}
	if math.IsInf(amount, 1) {
		return amount
	}
	for i, w := range s.target {
		from := s.value[i]
		s.value[i] = max(0, from-float64(amount*w))
		if w > 0 && from/w <= amount {
			s.value[i] = gone
		}
	}
	s.leave()
	return amount
}

// leave leaves out the atoms that are gone, and factors G again from the first of them on.
func (s *support) leave() {
	first := slices.Index(s.value, gone)
	if first < 0 {
		return
	}
	gram, kept := s.gram[:first*(first+1)/2], first // kept rows are written over those that are gone
	for i := first; i < len(s.value); i++ {
		if s.value[i] == gone {
			continue
		}
		for j, v := range triangleRow(s.gram, i) {
			if s.value[j] != gone {
				gram = append(gram, v)
			}
		}
	}
	for i := first; i < len(s.value); i++ {
		if s.value[i] != gone {
			s.atoms[kept], s.value[kept], s.gain[kept] = s.atoms[i], s.value[i], s.gain[i]
			kept++
		}
	}
	s.atoms, s.value, s.gain, s.gram = s.atoms[:kept], s.value[:kept], s.gain[:kept], gram
	s.factor = s.factor[:first*(first+1)/2]
	for i := first; i < kept; i++ {
		s.extend(i)
	}
}

// solveTransposed overwrites y with the solution z of Cᵀz = y, C the factor.
func (s *support) solveTransposed(y []float64) {
	for i := len(y) - 1; i >= 0; i-- {
		row := triangleRow(s.factor, i)
		y[i] /= row[i]
		for j := range i {
			y[j] -= float64(row[j] * y[i])
		}
	}
}

// product64 is the product of x and as many values of y.
func product64(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

// products appends to out the products of x, as long as a row of the table, and atoms.
func (t *table) products(x []float32, atoms []uint16, out []float64) []float64 {
	n := len(out)
	out = slices.Grow(out, len(atoms))[:n+len(atoms)]
	simd.DotDoubles(atoms, x, t.rows, t.stride, out[n:])
	return out
}
