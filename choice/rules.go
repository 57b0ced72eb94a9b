package choice

import (
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/patch"
)

// Images whose shorter side has more than most pixels are brought to few, and their longer side to longest at the most.
const (
	most    = 40
	few     = 32
	longest = 96
)

// Size is the shape that images of a shape are brought to where that is open, as time goes with the number of pixels.
func Size(s dataset.Shape) dataset.Shape {
	short, long := min(s.Height, s.Width), max(s.Height, s.Width)
	if short <= most && long <= longest {
		return s
	}
	by := min(1, float64(few)/float64(short), longest/float64(long))
	s.Height, s.Width = scaled(s.Height, by), scaled(s.Width, by)
	return s
}

// scaled is n times by, rounded, and at least 1.
func scaled(n int, by float64) int { return max(1, int(math.Round(float64(n)*by))) }

const (
	leastPatch   = 3   // pixels; a smaller patch has no structure
	mostPatch    = 64  // pixels; whitening takes memory with the fourth power of a patch's side
	mostRadius   = 6   // patches; time goes with the square of a window's radius
	unitsAtom    = 8   // patches there are for an atom, at least
	atomsImage   = 2   // atoms for an image, and
	leastAtoms   = 512 // no fewer than these, where there are patches for them
	perComponent = 8   // images for a component, at least; of fewer images there are none

	// Atoms of shapes in colour do better that are less alike than the preset's, which are of gray digits: their cosines are
	// less by so much for each halving of their number, down to the least. Of fewer than leastApart it is worth nothing.
	perHalving  = 0.125
	leastCosine = 0.75
	leastApart  = 1000
)

// Given is what is fixed of a configuration already, so that the rest follows it. A field that is 0 is open.
type Given struct {
	Patch, Atoms, Dims, Skip, Pool int
	MaxCosine                      float64
}

// Rule is the configuration of a style for images. Lengths grow with the images, and numbers shrink with what there is to
// learn from.
func Rule(im Images, style Style, given Given) smt.Config {
	c, side := style.reference(im.Shape.Channels)
	ref := c
	short := min(im.Shape.Height, im.Shape.Width)
	c.Patch = orElse(given.Patch, min(short, mostPatch, max(leastPatch, scaled(ref.Patch, float64(short)/float64(side)))))
	rows, cols := patch.Grid(im.Shape, c.Patch)
	by := float64(min(rows, cols)) / float64(side-ref.Patch+1)
	c.Pool = orElse(given.Pool, max(1, min(rows, cols, scaled(ref.Pool, by))))
	c.Stride = min(scaled(ref.Stride, by), c.Pool)
	if c.Context.Radius > 0 {
		c.Context.Radius = min(scaled(ref.Context.Radius, by), mostRadius)
	}

	units := max(1, rows*cols)
	c.Atoms = orElse(given.Atoms, max(2, given.Dims+given.Skip, min(ref.Atoms, max(leastAtoms, atomsImage*im.Len), units*im.Len/unitsAtom)))
	if spread(im, style, c.Atoms) {
		halvings := max(0, math.Log2(float64(ref.Atoms)/float64(c.Atoms)))
		c.MaxCosine = max(leastCosine, math.Round(100*(ref.MaxCosine-perHalving*halvings))/100)
	}
	part := math.Sqrt(float64(c.Atoms) / float64(ref.Atoms))
	c.Dims = orElse(given.Dims, max(1, min(c.Atoms-given.Skip, scaled(ref.Dims, part))))
	c.Skip = min(int(math.Round(float64(ref.Skip)*float64(c.Dims)/float64(ref.Dims))), c.Atoms-c.Dims)
	if im.Len < perComponent*ref.Components {
		c.Components = 0
	}
	c.Images = counted(ref, im.Len, units, (side-ref.Patch+1)*(side-ref.Patch+1))
	return c
}

// spread reports whether so many atoms are to be less alike than those of the style's preset.
func spread(im Images, style Style, atoms int) bool {
	return style == Shapes && im.Shape.Channels == 3 && atoms >= leastApart
}

const leastCounted = 100 // images that are counted, however large they are

// counted is how many of n images are counted, 0 for all: as many patches as the reference counts.
func counted(ref smt.Config, n, units, refUnits int) int {
	if most := max(ref.Images*refUnits/units, leastCounted); most < n {
		return most
	}
	return 0
}

// orElse is what was given, or else what is chosen.
func orElse(given, chosen int) int {
	if given != 0 {
		return given
	}
	return chosen
}
