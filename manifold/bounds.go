package manifold

import (
	"fmt"
	"math"
)

// Check reports terms that no fit of so many coordinates with eigenvalues of at most largest ends with. P V Pᵀ is
// the identity but for rounding, so that the variance is 1 and invariance a sum of eigenvalues.
func (v VICReg) Check(dims int, largest float64) error {
	d := float64(dims)
	least, most := -d*(0.01+10*math.Abs(v.Variance-1)), d*largest
	switch {
	case !(math.Abs(v.Variance) <= 5):
		return fmt.Errorf("variance is %g, want 1, or what rounding makes of it, at most 5 in size", v.Variance)
	case !(v.Covariance >= 0 && v.Covariance <= 1000*d):
		return fmt.Errorf("covariance is %g, want 0 to %g", v.Covariance, 1000*d)
	case !(v.Invariance >= least && v.Invariance <= most):
		return fmt.Errorf("invariance is %g, want %.4g to %g", v.Invariance, least, most)
	}
	return nil
}

// Sizes are what the largest value of a coordinate p of codes of values up to 1 is at least and at most in size,
// sixteen times as wide as follows from E(pφ)² = pVpᵀ = 1. The values of a code sum to at most sum. second is
// the mean of ‖φ‖² over the units, at least. The solver sees to it that a hundredth of p(V + ρI)pᵀ is V's, ρ being the
// ridge times the mean of V's diagonal; without a ridge that float32 adds, float64 leaves 2⁻⁵³ of that.
func Sizes(atoms int, sum, second, ridge float64) (least, most float64) {
	const slack = 16
	low := 0x1p-53 * second / 2
	if ridge >= 0x1p-23 {
		low = ridge * second / float64(atoms)
	}
	return 1 / (slack * sum), math.Sqrt(slack * 100 / low)
}
