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

// other is the style that this is not.
func (s Style) other() Style {
	if s == Shapes {
		return Scenes
	}
	return Shapes
}

// reference is the configuration that a style goes through for images of so many channels, and the side of the images that
// it was made for: a preset, or, for gray scenes, what the gray member of the preset best does otherwise.
func (s Style) reference(channels int) (c smt.Config, side int) {
	name, side := "cifar", 32
	if s == Shapes {
		name, side = "mnist", 28
	}
	c, err := smt.Preset(name)
	if err != nil {
		panic(err) // a name of the program's own
	}
	if s == Scenes && channels == 1 {
		for _, r := range smt.Best() {
			if r.Gray {
				c.Epsilon, c.Threshold, c.MaxCosine = r.Config.Epsilon, r.Config.Threshold, r.Config.MaxCosine
			}
		}
	}
	return c, side
}
