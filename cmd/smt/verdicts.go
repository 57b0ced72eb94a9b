package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/plural"
)

const (
	classesShown = 8   // of an image, the most probable
	seenSide     = 192 // pixels of an image as a model sees it, at most
	atomSide     = 64  // of an atom
)

// verdictSection is an image with its classes, and what speaks for the first of them.
type verdictSection struct {
	Image, Label string
	Picture      template.URL
	Classes      []probableClass
	Speakers     []galleryItem
	Sums         string
	Atoms        []atomFigure
}

// probableClass is a class, or what is left of them, and its probability.
type probableClass struct {
	Name    string
	Percent float64
}

// atomFigure is an atom beside the image as its member of the models sees it.
type atomFigure struct {
	Name, Note    string
	Picture, Seen template.URL
	Frames        []frame
}

// frame is a place in an image, in hundredths of its sides.
type frame struct{ X, Y, Width, Height float64 }

// writeVerdicts writes the page of an answer to the file that --html names, an image at a time.
func (j *classifyJob) writeVerdicts(ctx context.Context, r *classified) (err error) {
	f, err := j.create(ctx, j.page)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Abort())
		}
	}()
	if err := pages.ExecuteTemplate(f, "head", "Classes of "+numberOf(len(r.Images), "image")); err != nil {
		return err
	}
	if err := pages.ExecuteTemplate(f, "lead", "By "+r.how()+"."); err != nil {
		return err
	}
	for i := range r.Images {
		if err := ctx.Err(); err != nil {
			return err
		}
		section, err := j.section(r, i)
		if err != nil {
			return err
		}
		if err := pages.ExecuteTemplate(f, "verdict", section); err != nil {
			return err
		}
	}
	if _, err := f.Write([]byte("</html>\n")); err != nil {
		return err
	}
	return f.Commit()
}

// section is image i of an answer.
func (j *classifyJob) section(r *classified, i int) (*verdictSection, error) {
	v := &r.Images[i]
	picture, err := j.picture(i)
	if err != nil {
		return nil, err
	}
	s := &verdictSection{Image: v.Image, Label: v.Label, Picture: dataURL(picture), Classes: mostProbable(r.Classes, v.Probabilities)}
	for _, w := range v.Why {
		picture, err := j.x.Thumbnail(w.Number)
		if err != nil {
			return nil, err
		}
		label := w.Label
		if label == "" {
			label = "no label"
		}
		note := fmt.Sprintf("%s, %.1f %%, cosine %.3f", label, 100*w.Share, w.Cosine)
		if w.Flip {
			note += ", its flip"
		}
		s.Speakers = append(s.Speakers, galleryItem{w.ID, note, w.Flip, dataURL(picture)})
	}
	if len(v.Atoms) == 0 {
		return s, nil
	}
	s.Sums = fmt.Sprintf("All %s that are active add up to %.4f, the score. In brackets, what they add to the score of %s, which comes second.",
		plural.Of(v.Split.Active, "atom"), v.Split.Sum, v.Split.RunnerUp)
	s.Atoms, err = atomFigures(j.asked.Pixels.Models, dataset.Single(j.x.Shape(), j.asked.Pixels.Of[i]), v.Atoms)
	return s, err
}

// picture is that of image i: of a file its own, of an item its thumbnail.
func (j *classifyJob) picture(i int) ([]byte, error) {
	if j.pictures != nil {
		return j.pictures[i], nil
	}
	return j.x.Thumbnail(j.asked.Own[i])
}

// mostProbable are the most probable classes, and what is left for the others.
func mostProbable(names []string, probabilities []float64) (classes []probableClass) {
	for i, p := range probabilities {
		classes = append(classes, probableClass{names[i], 100 * p})
	}
	slices.SortStableFunc(classes, func(a, b probableClass) int { return cmp.Compare(b.Percent, a.Percent) })
	if n := len(classes) - classesShown; n > 1 {
		rest := probableClass{Name: fmt.Sprintf("%d others", n)}
		for _, c := range classes[classesShown:] {
			rest.Percent += c.Percent
		}
		classes = append(classes[:classesShown], rest)
	}
	return classes
}

// atomFigures are the atoms of the only image of src that speak for its class.
func atomFigures(e *smt.Ensemble, src dataset.Source, atoms []answers.Atom) ([]atomFigure, error) {
	views := map[int]*memberView{}
	for from, m := range e.Whole().Members() {
		v, err := viewOf(m, src, from, atoms)
		if err != nil {
			return nil, err
		}
		views[from] = v
	}
	var figures []atomFigure
	for _, a := range atoms {
		v := views[a.From]
		f := atomFigure{
			Name:    fmt.Sprintf("atom %d", a.Atom),
			Note:    fmt.Sprintf("%+.4f (%+.4f), %.1f %%, in %s", a.Part, a.RunnerUp, 100*a.Share, plural.Of(a.Patches, "patch")),
			Picture: v.atoms[a.Atom],
			Seen:    v.seen,
		}
		if a.Member != "" {
			f.Name += " of " + a.Member
		}
		w, h := float64(v.shape.Width)/100, float64(v.shape.Height)/100
		for _, p := range a.Places {
			f.Frames = append(f.Frames, frame{float64(p[0]) / w, float64(p[1]) / h, float64(p[2]) / w, float64(p[3]) / h})
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// memberView is what a member of the models sees, and its atoms that are shown.
type memberView struct {
	shape dataset.Shape
	seen  template.URL
	atoms map[int]template.URL
}

// viewOf is the view that a member has of the only image of src, nil where no atom is its.
func viewOf(m smt.Member, src dataset.Source, from int, atoms []answers.Atom) (*memberView, error) {
	t, all := m.Model.Stages().Transform, m.Model.Stages().Dictionary.Atoms
	dim := t.Dim()
	var numbers []int
	var whitened []float32
	for _, a := range atoms {
		if a.From == from {
			numbers, whitened = append(numbers, a.Atom), append(whitened, all[a.Atom*dim:][:dim]...)
		}
	}
	if numbers == nil {
		return nil, nil
	}
	pixels, err := explain.Unwhiten(m.Model, whitened)
	if err != nil {
		return nil, err
	}
	im, err := explain.ImageOf(m.Model.See(m.View(src)), 0)
	if err != nil {
		return nil, err
	}
	v := &memberView{shape: im.Shape, seen: dataURL(draw.PNG(draw.Fit(draw.Photo(im), seenSide))), atoms: map[int]template.URL{}}
	for i, a := range numbers {
		v.atoms[a] = dataURL(draw.PNG(draw.Fit(draw.Patch(pixels[i*dim:][:dim], t.Size, t.Channels), atomSide)))
	}
	return v, nil
}
