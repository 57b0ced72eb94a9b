package choice

import (
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
)

// Row is one line of what was chosen.
type Row struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	Why     string `json:"why"`
}

// Table is all that was chosen, and why, as the flags call it. What was given is in it with the rest.
func (ch *Choice) Table() []Row {
	c, im := ch.Config, ch.Images
	context := string(c.Context.Kind)
	if c.Context.Kind == cooccur.Window {
		context = fmt.Sprintf("%s of radius %d", context, c.Context.Radius)
	}
	whitening := "none"
	if c.Whiten {
		whitening = fmt.Sprintf("%g", c.Epsilon)
	}
	counted := "all"
	if c.Images > 0 {
		counted = fmt.Sprint(c.Images)
	}
	ofStyle := "of the style " + string(ch.Style)
	spaced := ofStyle + "; more where the images hold too few atoms"
	if spread(im, ch.Style, ch.asked.Atoms) {
		spaced = ofStyle + ", less in colour; more where the images hold too few atoms"
	}
	return []Row{
		{"images", fmt.Sprint(im.Len), fmt.Sprintf("%.0f %% of their tiles are of one colour", 100*im.Blank)},
		{"size", fmt.Sprintf("%dx%d", im.Shape.Height, im.Shape.Width), fmt.Sprintf("a shorter side of more than %d pixels is brought to %d, of a folder", most, few)},
		{"style", string(ch.Style), ch.because},
		{"patch", fmt.Sprint(c.Patch), "grows with the size"},
		{"epsilon", whitening, ofStyle},
		{"atoms", fmt.Sprint(c.Atoms), fmt.Sprintf("%d for an image, but at least %d and a patch in %d at the most", atomsImage, leastAtoms, unitsAtom)},
		{"max-cosine", fmt.Sprint(c.MaxCosine), spaced},
		{"threshold", fmt.Sprint(c.Threshold), ofStyle},
		{"context", context, ofStyle + "; a radius grows with the size"},
		{"dims, skip", fmt.Sprintf("%d, %d", c.Dims, c.Skip), "grow with the root of the number of atoms"},
		{"pool, stride", fmt.Sprintf("%d, %d", c.Pool, c.Stride), "grow with the size"},
		{"thin", fmt.Sprint(max(1, c.Thin)), "one patch in so many is embedded"},
		{"spectrum", fmt.Sprint(c.Spectrum), ofStyle},
		{"components", fmt.Sprint(c.Components), fmt.Sprintf("%s, of at least %d × as many images", ofStyle, perComponent)},
		{"counted", counted, "as many patches as the style's preset counts, at the most"},
	}
}
