package smt

import (
	"encoding/hex"
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/patch"
)

// What the header of a model file may state beyond a valid configuration: numbers that a fit
// can lead to.

// mostPixels is more values of pixels than a fit can have read: its fingerprint alone would
// take months.
const mostPixels = 1 << 53

// check reports what no data have that a model of configuration c was fitted on. Images of
// the shape must fit c.
func (d Data) check(c Config) error {
	images := mostPixels / d.Shape.Len()
	sampled, counted := images, d.Images
	if c.Sample > 0 {
		sampled = min(sampled, c.Sample)
	}
	if d.Fingerprint != "" { // of Fit; Solve may be given statistics of other images than the encoder
		sampled, counted = min(sampled, d.Images), atMost(c.Images, d.Images)
	}
	switch digest, err := hex.DecodeString(d.Fingerprint); {
	case d.Images < 1 || d.Images > images:
		return fmt.Errorf("data: images is %d, want 1 to %d of %d × %d × %d", d.Images, images, d.Shape.Height, d.Shape.Width, d.Shape.Channels)
	case d.Counted < 0 || d.Counted > counted:
		return fmt.Errorf("data: counted is %d, want at most %d of the %s", d.Counted, counted, plural.Of(d.Images, "image"))
	case d.Sampled < 0 || d.Sampled > sampled:
		return fmt.Errorf("data: sampled is %d, want 0 to %d", d.Sampled, sampled)
	case d.Depth < 0 || d.Depth > 16:
		return fmt.Errorf("data: depth is %d, want 0 to 16 bits", d.Depth)
	case err != nil || len(digest) != 0 && len(digest) != 32:
		return fmt.Errorf("data: fingerprint is %q, want a SHA-256 in hexadecimal digits, or none", d.Fingerprint)
	}
	rows, cols := patch.Grid(d.Shape, c.Patch)
	patches := int64(d.completed(c).Counted) * int64(rows*cols)
	if c.Grayscale {
		patches *= 2
	}
	if d.Patches < 1 || d.Patches > patches {
		return fmt.Errorf("data: patches is %d, want 1 to %d, all that the counted images have", d.Patches, patches)
	}
	return nil
}

// checkObjective reports terms that no fit of configuration c to data d ends with. P V Pᵀ is the
// identity, so that the variance is 1, a covariance at most 1 in size and d·(d−1)
// squares of them over d less than d; P L Pᵀ has eigenvalues of 0 to c.mostEigenvalue.
// Where V is all but singular rounding goes beyond. In 13,700 fits of data and configurations
// that were drawn to be odd the variance was −1.6 to 3.4, the covariance up to 39·d, and the
// invariance not below −d times 2.1 of what the variance, which is computed in the same way,
// was off by.
func checkObjective(v VICReg, c Config, d Data) error {
	if err := v.Check(c.Dims, c.mostEigenvalue(d)); err != nil {
		return fmt.Errorf("header: objective: %w", err)
	}
	return nil
}
