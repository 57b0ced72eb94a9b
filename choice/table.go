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

// Table is all that was chosen, and why, as the flags call it. What was given is in it with the rest, and is said to be.
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
	spaced := ofStyle
	if spread(im, ch.Style, ch.asked.Atoms) {
		spaced += ", less in colour"
	}
	if ch.nearer() {
		spaced = fmt.Sprintf("more than %g, at which the images hold too few atoms", ch.asked.MaxCosine)
	}
	ref, _ := ch.Style.reference(im.Shape.Channels)
	many := fmt.Sprintf("%d for an image, but at least %d, and at the most a patch in %d and %d", atomsImage, leastAtoms, unitsAtom, ref.Atoms)
	if ch.fewer() {
		many = fmt.Sprintf("the images hold no more with cosines below %g", c.MaxCosine)
	}
	given, rule, asked := ch.given, ch.rule, ch.asked
	return []Row{
		{"images", fmt.Sprint(im.Len), fmt.Sprintf("%.0f %% of their tiles are of one colour", 100*im.Blank)},
		{"size", fmt.Sprintf("%dx%d", im.Shape.Height, im.Shape.Width), fmt.Sprintf("as --size or DATA has it; of a folder without --size, a shorter side of more than %d pixels is brought to %d, and a longer one to %d at the most", most, few, longest)},
		{"style", string(ch.Style), ch.because},
		{"patch", fmt.Sprint(c.Patch), unless(given.Patch != 0, "grows with the size")},
		{"epsilon", whitening, unless(asked.Whiten != rule.Whiten || asked.Epsilon != rule.Epsilon, ofStyle)},
		{"atoms", fmt.Sprint(c.Atoms), unless(given.Atoms != 0, many)},
		{"max-cosine", fmt.Sprint(c.MaxCosine), unless(given.MaxCosine != 0, spaced)},
		{"threshold", fmt.Sprint(c.Threshold), unless(asked.Threshold != rule.Threshold, ofStyle)},
		{"context", context, unless(asked.Context != rule.Context, ofStyle+"; a radius grows with the size")},
		{"dims, skip", fmt.Sprintf("%d, %d", c.Dims, c.Skip), ofTwo("dims", given.Dims != 0, "skip", given.Skip != 0 || asked.Skip != rule.Skip, "with the root of the number of atoms")},
		{"pool, stride", fmt.Sprintf("%d, %d", c.Pool, c.Stride), ofTwo("pool", given.Pool != 0, "stride", asked.Stride != rule.Stride, "with the size")},
		{"thin", fmt.Sprint(max(1, c.Thin)), unless(asked.Thin != rule.Thin, "one patch in so many is embedded")},
		{"spectrum", fmt.Sprint(c.Spectrum), unless(asked.Spectrum != rule.Spectrum, ofStyle)},
		{"components", fmt.Sprint(c.Components), unless(asked.Components != rule.Components, fmt.Sprintf("%d of the style %s, where there are %d × as many images, else none", ref.Components, ch.Style, perComponent))},
		{"counted", counted, unless(asked.Images != rule.Images, "as many patches as the style's preset counts, at the most")},
	}
}

// unless is why a setting is as it is: a rule, or that a flag gave it.
func unless(given bool, rule string) string {
	if given {
		return "given"
	}
	return rule
}

// ofTwo is why two settings are as they are: they grow with something, or a flag gave them.
func ofTwo(a string, aGiven bool, b string, bGiven bool, with string) string {
	switch {
	case aGiven && bGiven:
		return "given"
	case aGiven:
		return fmt.Sprintf("%s given; %s grows %s", a, b, with)
	case bGiven:
		return fmt.Sprintf("%s given; %s grows %s", b, a, with)
	}
	return "grow " + with
}
