package smt

import (
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

// FitMemory estimates the bytes that Fit takes at the most, for a number of images
// of a shape. It is meant for dictionaries so large that memory matters: there the
// estimate is a little too large.
func (c Config) FitMemory(s dataset.Shape, images int) int64 {
	atoms, n := int64(c.Atoms), int64(images)
	if c.Images > 0 {
		n = min(n, int64(c.Images))
	}
	if c.Grayscale {
		n *= 2
	}
	part := atoms // of the eigenproblem that is solved at a time
	if c.Flips {
		part = atoms/2 + atoms/64
	}
	step := max(1, c.Step)
	patches := int64((s.Height-c.Patch)/step+1) * int64((s.Width-c.Patch)/step+1)
	// One atom in a hundred is active, of two bytes in a batch of codes.
	codes := cooccur.BatchImages * patches * atoms / 100 * 2
	rest := codes + min(atoms<<15, 2<<30) + 256<<20
	if c.packs() {
		// The two triangles, the code sums, V of a part.
		return 4*part*part + n*atoms + 4*part*part + rest
	}
	// V and M in 64 bits, V and L of a part, one of them twice where rows are not whole
	// blocks and must be moved apart.
	return 8*atoms*atoms + 3*4*part*part + rest
}
