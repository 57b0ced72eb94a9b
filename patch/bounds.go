package patch

import (
	"fmt"
	"math"
)

// Check reports a whitening that is not (E[ppᵀ] + ridge·I)^(−1/2) of any patches, or with which
// the length of a patch may not be finite.
//
// Centred values are within ±1, so that the eigenvalues of E[ppᵀ] are between 0 and Dim, those
// of W between (Dim + ridge)^(−1/2) and ridge^(−1/2), and so are the values on its diagonal. What
// stands beside it is symmetric and, of a positive matrix, no larger than the root of the
// product of the two on the diagonal. Values are within a factor of 2 of that, and 2⁻²⁰ of the
// largest one, for rounding: eigenvalues are off by Dim²·2⁻⁵⁰ or less, which bounds W only if
// the ridge is twice as much.
//
// Those of Wx are within Dim·|W|, and the sum of their squares within Dim times the square of
// that. Half of the largest float32 is left for rounding.
func (t *Transform) Check(ridge float64) error {
	if t.Whitening == nil {
		return nil
	}
	dim := t.Dim()
	n := float64(dim)
	most := float64(float32(math.Sqrt(math.MaxFloat32/2/n) / n))
	if ridge >= n*n*0x1p-49 {
		most = min(most, 2/math.Sqrt(ridge))
	}
	least := 0.5 / math.Sqrt(n+ridge)
	at := func(i, j int) float64 { return float64(t.Whitening[i*dim+j]) }
	var largest float64
	roots := make([]float64, dim) // of the diagonal
	for i := range dim {
		if w := at(i, i); !(w >= least && w <= most) {
			return fmt.Errorf("the value in row %d, column %[1]d (index %d) is %g, want %.4g to %.4g on the diagonal", i, i*dim+i, t.Whitening[i*dim+i], least, most)
		}
		largest, roots[i] = max(largest, at(i, i)), math.Sqrt(at(i, i))
	}
	rounding := 0x1p-20 * largest
	for i := range dim {
		for j := range i {
			bound := roots[i]*roots[j] + rounding
			for _, p := range [][2]int{{i, j}, {j, i}} {
				if w := at(p[0], p[1]); !(math.Abs(w) <= bound) {
					return fmt.Errorf("the value in row %d, column %d (index %d) is %g, want at most %.4g in size", p[0], p[1], p[0]*dim+p[1], float32(w), bound)
				}
			}
			if v, w := at(i, j), at(j, i); math.Abs(v-w) > rounding {
				return fmt.Errorf("the value in row %d, column %d (index %d) is %g, and %g in row %[2]d, column %[1]d, want a symmetric matrix", i, j, i*dim+j, float32(v), float32(w))
			}
		}
	}
	return nil
}
