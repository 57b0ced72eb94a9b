package words

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/plural"
)

// mostRead is more words, or lines, than any corpus has: those of 4 petabytes, as they are kept.
const mostRead = 1 << 50

// check wants numbers that a fit can lead to, and such that no vector overflows.
func (m *Model) check() error {
	if err := m.checkCounts(); err != nil {
		return err
	}
	if err := m.checkApart(); err != nil {
		return err
	}
	v := m.usage()
	if err := m.checkEigenvalues(v); err != nil {
		return err
	}
	if err := m.checkProjection(v); err != nil {
		return err
	}
	return m.checkObjective()
}

// checkCounts wants those of words to sum to what was kept of what was read.
func (m *Model) checkCounts() error {
	d := m.data
	switch {
	case d.Lines < 1 || d.Lines > mostRead:
		return fmt.Errorf("header: data: lines is %d, want 1 to %d", d.Lines, int64(mostRead))
	case d.Read < 1 || d.Read > mostRead:
		return fmt.Errorf("header: data: read is %d, want 1 to %d", d.Read, int64(mostRead))
	case d.Kept < 1 || d.Kept > d.Read:
		return fmt.Errorf("header: data: kept is %d, want 1 to the %s that were read", d.Kept, plural.Of(d.Read, "word"))
	}
	left := d.Kept
	for i, c := range m.counts {
		if c < int64(m.cfg.MinCount) || c > left {
			return fmt.Errorf("tensor counts: element %d is %d, want %d to %d, of %s in all", i, c, m.cfg.MinCount, left, plural.Of(d.Kept, "word"))
		}
		left -= c
	}
	if left != 0 {
		return fmt.Errorf("header: data: kept is %d, the tensor counts has %s in all", d.Kept, plural.Of(d.Kept-left, "word"))
	}
	return nil
}

// usage is V's diagonal, of the words and then of those apart. It follows from the counts: a word is one
// atom, and V has nothing beside its diagonal.
func (m *Model) usage() []float64 {
	power := m.cfg.Transform.Power
	if power == 0 {
		power = 1
	}
	counts := slices.Clone(m.counts)
	for _, a := range m.data.Apart {
		counts = append(counts, a.Count)
	}
	v, sum := make([]float64, len(counts)), 0.0
	for a, c := range counts {
		v[a] = math.Pow(float64(c), power)
		sum += v[a]
	}
	for a := range v {
		v[a] /= sum
	}
	return v
}

// eigenvalueBounds are those of λ in L p = λ V p. L is diag(own) − C, where no value is negative, those of C
// sum to 2, and rows of C sum to own where counts are as they are: L is then positive, and
// 2·own its bound, of which a share of 2 is at most all. Of transformed counts own is 2V, and λ is 2 less
// an eigenvalue of V⁻¹C, at most the largest sum of its rows. With slots C is a product with itself, so
// that λ is at most 2; of the sum of a row both factors are divided by elements of V.
func (m *Model) eigenvalueBounds(v []float64) (least, most float64) {
	const rounding = 0.01
	smallest := math.Inf(1)
	for _, x := range v {
		smallest = min(smallest, x)
	}
	switch {
	case m.cfg.Transform == (cooccur.Transform{}): // even a power of 1 is a transform, by which own is 2V
		return -rounding / smallest, 4 * (1 + rounding) / smallest
	case m.cfg.Context.Slots:
		return -2 * (1 + rounding) / (smallest * smallest), 2 + rounding
	default:
		return -2 * (1 + rounding) / smallest, 2 + 2*(1+rounding)/smallest
	}
}

// checkEigenvalues wants values that L allows, smallest first, of the sum that was noted.
func (m *Model) checkEigenvalues(v []float64) error {
	least, most := m.eigenvalueBounds(v)
	var sum, size float64
	for i, x := range m.values {
		if !(x >= least && x <= most) {
			return fmt.Errorf("tensor eigenvalues: element %d is %g, want %.4g to %.4g", i, x, least, most)
		}
		if i > 0 && x < m.values[i-1] {
			return fmt.Errorf("tensor eigenvalues: element %d is %g, after %g: want the smallest first", i, x, m.values[i-1])
		}
		sum, size = sum+x, size+math.Abs(x)
	}
	if noted := m.vicreg.EigenvalueSum; !(math.Abs(sum-noted) <= 0x1p-51*float64(len(m.values))*size) {
		return fmt.Errorf("header: objective: eigenvalue_sum is %g, the tensor eigenvalues has %g", noted, sum)
	}
	return nil
}

// checkProjection wants coordinates p of the variance 1 = pVpᵀ = Σ_a V_aa p_a², but for rounding:
// none is 0 everywhere, and none of its values is much beyond 1/√V_aa.
func (m *Model) checkProjection(v []float64) error {
	dims := m.cfg.Dims
	const least, most = 0.9, 1.1
	sums := make([]float64, dims)
	for a, usage := range v[:len(m.words)] {
		for j, x := range m.rows[a*dims:][:dims] {
			share := usage * float64(x) * float64(x)
			if share > most {
				return fmt.Errorf("tensor projection: the value of word %d, coordinate %d is %g, want at most %.4g in size", a, j, x, math.Sqrt(most/usage))
			}
			sums[j] += share
		}
	}
	for j, s := range sums {
		if !(s >= least && s <= most) {
			return fmt.Errorf("tensor projection: the variance of coordinate %d is %.4g, want 1, or what rounding makes of it", j, s)
		}
	}
	return nil
}

// checkObjective wants the terms that coordinates of variance 1 have, which have nothing in common.
func (m *Model) checkObjective() error {
	o, dims := m.vicreg, float64(m.cfg.Dims)
	room := dims
	for _, x := range m.values {
		room += math.Abs(x)
	}
	const rounding = 0.01
	switch {
	case !(math.Abs(o.Variance-1) <= rounding):
		return fmt.Errorf("header: objective: variance is %g, want 1, or what rounding makes of it", o.Variance)
	case !(o.Covariance >= 0 && o.Covariance <= rounding*dims):
		return fmt.Errorf("header: objective: covariance is %g, want 0 to %g", o.Covariance, rounding*dims)
	case !(math.Abs(o.Invariance-o.EigenvalueSum) <= rounding*room):
		return fmt.Errorf("header: objective: invariance is %g, want %g, the sum of the eigenvalues", o.Invariance, o.EigenvalueSum)
	}
	return nil
}
