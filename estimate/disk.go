package estimate

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// ModelFile is the number of bytes of a model file, its header apart, for images of a
// shape, with all the components that are asked for.
func ModelFile(c smt.Config, s dataset.Shape) int64 {
	atoms, coordinates, dim := int64(c.Atoms), int64(c.Dims+c.Skip), int64(c.Patch*c.Patch*s.Channels)
	n := 4*atoms*dim + 4*atoms*coordinates + 8*coordinates
	if c.Whiten {
		n += 4 * dim * dim
	}
	if c.Flips {
		n += 2*atoms + coordinates
	}
	if k, dim := int64(min(c.Components, c.Dim(s))), int64(c.Dim(s)); k > 0 {
		span := dim
		if c.Flips {
			span /= 2 // as many values are even as are odd, or nearly so
		}
		n += 4*dim + 4*k*span + 8*k
	}
	return n
}

// Checkpoint is the number of bytes of the statistics of so many images, as smt.Checkpoint
// keeps them, their header apart: all of them, where they are counted in full, and at least
// so many, where they are packed.
func Checkpoint(c smt.Config, images int) int64 {
	n := int64(c.Atoms)
	if !c.Packed() {
		return 2 * 8 * (n * (n + 1) / 2)
	}
	if c.Images > 0 {
		images = min(images, c.Images)
	}
	if c.Grayscale {
		images *= 2
	}
	orbits := n / 2 // at least: an atom that is its own flip is one of its own
	return 2*4*(orbits*(orbits+1)/2) + int64(images)*n
}
