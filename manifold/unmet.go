package manifold

import (
	"fmt"
	"math"
)

// What rounding may leave of the constraints of a fit.
const (
	// SumWithin is how far Invariance may be from EigenvalueSum, as a share of it.
	SumWithin = 1e-3
	// SumFloor is how far it may be in any case: a sum of zeros has no share.
	SumFloor = 1e-5
	// VarianceWithin is how far Variance may be from 1.
	VarianceWithin = 1e-3
	// CovarianceWithin is how large Covariance may be.
	CovarianceWithin = 1e-5
)

// Unmet is an error that says which term is not what the constraints make it, or nil. Numbers that are not
// finite do not meet them.
func (v VICReg) Unmet() error {
	const why = "V is all but singular, and digits are lost in rounding: use more data, fewer atoms or coordinates, or a larger ridge"
	switch {
	case !(math.Abs(v.Invariance-v.EigenvalueSum) <= max(SumFloor, SumWithin*math.Abs(v.EigenvalueSum))):
		return fmt.Errorf("invariance is %.6g, the sum of the eigenvalues %.6g: %s", v.Invariance, v.EigenvalueSum, why)
	case !(math.Abs(v.Variance-1) <= VarianceWithin):
		return fmt.Errorf("variance is %.6g, want 1: %s", v.Variance, why)
	case !(v.Covariance <= CovarianceWithin):
		return fmt.Errorf("covariance is %.2g, want 0: %s", v.Covariance, why)
	}
	return nil
}
