package smt

import (
	"encoding/hex"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/manifold"
)

// What a model file may hold beyond the right sizes: values that a fit can lead to, and such
// that no image makes a sum overflow. Sums are of float32, and half of the largest one is
// left for their rounding, which is less than a hundredth.

// checkAtoms wants unit vectors.
func checkAtoms(d *dictionary.Dictionary) error {
	for a := range d.N() {
		var sum float64
		for _, x := range d.Atoms[a*d.Dim : (a+1)*d.Dim] {
			sum += float64(x) * float64(x)
		}
		if math.Abs(sum-1) > 1e-3 {
			return fmt.Errorf("tensor atoms: atom %d has length %.4g, want a unit vector", a, math.Sqrt(sum))
		}
	}
	return nil
}

// leastLargest is what the largest value of a coordinate cannot come below: the variance of
// pφ is 1, and |pφ| at most the number of atoms times that value, so that it is 2⁻¹⁶ or
// more. 2⁻⁴⁰ is far from where units and squares underflow.
const leastLargest = 0x1p-40

// checkProjection wants values of Pᵀ, of n columns, with which ‖β‖² = ‖Pφ‖², of codes φ of at
// most 1, is finite: (atoms·|P|)² times the columns, those that complete a slice included.
func checkProjection(rows []float32, n int, name string) error {
	atoms := len(rows) / n
	most := float32(math.Sqrt(math.MaxFloat32/2/float64(n+simd.WordColumns)) / float64(atoms))
	for j, v := range manifold.Largest(rows, n) {
		if v == 0 || v >= leastLargest && v <= most {
			continue
		}
		if v < leastLargest {
			return fmt.Errorf("tensor %s: the largest value of coordinate %d is %g in size, want at least %g", name, j, v, leastLargest)
		}
		for a, x := range manifold.Column(rows, n, j) {
			if max(x, -x) == v {
				return fmt.Errorf("tensor %s: the value at atom %d, coordinate %d (index %d) is %g, want at most %.4g in size", name, a, j, a*n+j, x, most)
			}
		}
	}
	return nil
}

// checkEigenvalues wants what L p = λ V p can lead to, smallest first. For whole images
// L = V − B, with B a moment, so that λ is 0 to 1. A difference of two patches is at most twice
// the sum of their squares, and of a window's patches each is in at most so many pairs as
// it has neighbours; pairs are one at least, patches those that were coded. Rounding goes
// beyond where V is all but singular, for which there is a factor of 1,000.
func checkEigenvalues(values []float64, cfg Config, d Data) error {
	most := 1000.0
	if cfg.Context.Kind == cooccur.Window {
		side := float64(2*cfg.Context.Radius + 1)
		most *= 4 * side * side * float64(max(1, d.Patches))
	}
	for j, v := range values {
		if !(math.Abs(v) <= most) {
			return fmt.Errorf("tensor eigenvalues: value %d is %g, want at most %g in size", j, v, most)
		}
		if j > 0 && v < values[j-1] {
			return fmt.Errorf("tensor eigenvalues: value %d is %g after %g, want them in order, the dropped ones first", j, v, values[j-1])
		}
	}
	return nil
}

// checkSum compares the sum of eigenvalues with the one that the fit noted, of the same
// values in another order.
func checkSum(values []float64, noted float64) error {
	var sum, size float64
	for _, v := range values {
		sum += v
		size += math.Abs(v)
	}
	if !(math.Abs(sum-noted) <= 0x1p-51*float64(len(values))*size) {
		return fmt.Errorf("header: objective: eigenvalue_sum is %g, the tensor eigenvalues has %g", noted, sum)
	}
	return nil
}

// check reports what no data have.
func (d Data) check() error {
	switch digest, err := hex.DecodeString(d.Fingerprint); {
	case d.Images < 0:
		return fmt.Errorf("data: images is %d, want at least 0", d.Images)
	case d.Counted < 0 || d.Counted > d.Images:
		return fmt.Errorf("data: counted is %d, want at most the %d images", d.Counted, d.Images)
	case d.Sampled < 0: // more than Images, where Solve was given statistics of fewer
		return fmt.Errorf("data: sampled is %d, want at least 0", d.Sampled)
	case d.Depth < 0 || d.Depth > 16:
		return fmt.Errorf("data: depth is %d, want 0 to 16 bits", d.Depth)
	case d.Patches < 0:
		return fmt.Errorf("data: patches is %d, want at least 0", d.Patches)
	case err != nil || len(digest) != 0 && len(digest) != 32:
		return fmt.Errorf("data: fingerprint is %q, want a SHA-256 in hexadecimal digits, or none", d.Fingerprint)
	}
	return nil
}
