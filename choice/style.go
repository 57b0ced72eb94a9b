package choice

import "github.com/sparse-manifold/smt"

// Style is a way to fit that suits some images; a preset is its point of reference.
type Style string

const (
	// Shapes compares patches with those around them, as they look: a part of an outline is near what the
	// outline goes on as. The preset mnist is of this style.
	Shapes Style = "shapes"
	// Scenes compares whitened patches with all of their image: textures and colours that are seen together are near.
	// The preset cifar is of this style.
	Scenes Style = "scenes"
)

// reference is the preset that a style goes through, and the side of the images that it was made for.
func (s Style) reference() (c smt.Config, side int) {
	name, side := "cifar", 32
	if s == Shapes {
		name, side = "mnist", 28
	}
	c, err := smt.Preset(name)
	if err != nil {
		panic(err) // a name of the program's own
	}
	return c, side
}
