package choice

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Seed decides which images are looked at and tried.
const Seed = 1

// manyThings is how far images stand out from others, at the least, that are of many things. Sets of digits and of hands come
// to 4.0 to 6.0, sets of photographs of ten and more kinds to 9.6 to 15.3 ("Settings from the images" in docs/research).
const manyThings = 7.5

// Choice is a configuration that was chosen for images, and what led to it.
type Choice struct {
	Config smt.Config `json:"-"`
	// Encoder has the atoms of Config, for smt.Encoded. It is nil where none had to be chosen.
	Encoder *smt.Encoder `json:"-"`
	Images  Images       `json:"images"`
	Style   Style        `json:"style"`
	// StandsOut is how far an image stands out from the others in a small model, 0 where none was made.
	StandsOut float64 `json:"stands_out,omitempty"`
	// Why is a line on the style, and one on the atoms where they are not those that the rules ask for.
	Why []string `json:"why"`

	given   Given
	rule    smt.Config // as the rules have it, given's fields among it
	asked   smt.Config // with what else is fixed already
	because string     // of the style
}

// Make chooses how a model of the images of src is fitted. override puts what is fixed already into a configuration, also
// fields that given has not. report is told how far the work has come.
func Make(ctx context.Context, src dataset.Source, given Given, override func(smt.Config) (smt.Config, error), report func(stage string, done, total int)) (*Choice, error) {
	im, err := Look(ctx, src, Seed)
	if err != nil {
		return nil, err
	}
	ch := &Choice{Images: im}
	likely := byColour(im)
	if _, err := override(Rule(im, likely, given)); err != nil {
		if _, other := override(Rule(im, likely.other(), given)); other != nil {
			return nil, err // before the trial, as both are wrong
		}
	}
	report("choosing settings", 0, 2)
	if ch.because, err = ch.chooseStyle(ctx, src); err != nil {
		return nil, err
	}
	report("choosing settings", 1, 2)
	ch.given, ch.rule = given, Rule(im, ch.Style, given)
	if ch.asked, err = override(ch.rule); err != nil {
		return nil, err
	}
	c, e, err := settle(ctx, src, ch.asked, given)
	if err != nil {
		return nil, err
	}
	if c.Atoms < ch.asked.Atoms { // coordinates follow their number
		given := given
		given.Atoms = c.Atoms
		fewer, err := override(Rule(im, ch.Style, given))
		if err != nil {
			return nil, err
		}
		fewer.Atoms, fewer.MaxCosine = c.Atoms, c.MaxCosine
		c = fewer
	}
	ch.Config, ch.Encoder = c, e
	ch.explain()
	report("choosing settings", 2, 2)
	return ch, nil
}

// chooseStyle chooses the style, and says why.
func (ch *Choice) chooseStyle(ctx context.Context, src dataset.Source) (because string, err error) {
	ch.Style = byColour(ch.Images)
	if src.Len() < fewToTry {
		return "as there are too few images for a trial", nil
	}
	score, err := trial(ctx, src, ch.Images)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil: // the fit says what is wrong with images, if anything is
		return fmt.Sprintf("as a trial failed (%v)", err), nil
	}
	ch.StandsOut, ch.Style = score, Shapes
	if score >= manyThings {
		ch.Style = Scenes
		return fmt.Sprintf("as images stand out from each other by %.1f standard deviations, %g or more", score, manyThings), nil
	}
	return fmt.Sprintf("as images stand out from each other by %.1f standard deviations, less than %g", score, manyThings), nil
}

// byColour is the style of images that no trial is made of.
func byColour(im Images) Style {
	if im.Shape.Channels == 1 {
		return Shapes
	}
	return Scenes
}

// explain says what was chosen and why.
func (ch *Choice) explain() {
	c, im := ch.Config, ch.Images
	ch.Why = []string{fmt.Sprintf("settings chosen for %s of %d × %d: style %s, %s; patches of %d, %s, %s",
		plural.ApartOf(im.Len, "image"), im.Shape.Height, im.Shape.Width, ch.Style, ch.because, c.Patch, plural.ApartOf(c.Atoms, "atom"), plural.ApartOf(c.Dims, "coordinate"))}
	switch {
	case ch.fewer():
		ch.Why = append(ch.Why, fmt.Sprintf("%s, not %s: the images hold no more with cosines below %g", plural.ApartOf(c.Atoms, "atom"), plural.Apart(ch.asked.Atoms), c.MaxCosine))
	case ch.nearer():
		ch.Why = append(ch.Why, fmt.Sprintf("cosines of atoms below %g, not %g: at that the images hold %s", c.MaxCosine, ch.asked.MaxCosine, plural.Apart(c.Atoms)))
	}
}

// fewer reports whether the images hold fewer atoms than were asked for.
func (ch *Choice) fewer() bool { return ch.Config.Atoms < ch.asked.Atoms }

// nearer reports whether atoms are more alike than was asked for, so that there are as many.
func (ch *Choice) nearer() bool { return ch.Config.MaxCosine > ch.asked.MaxCosine }
