package report

import (
	"cmp"
	"fmt"
	"html/template"
	"image"
	"slices"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
)

// The section on whole images and their neighbours.

type imageSection struct {
	*judge.Judgement
	Top1     draw.Share
	Origin   explain.Origin // of these
	Rows     []neighbourRow // the first of each class
	Mistakes []neighbourRow // the surest of the wrong votes
	Matrix   *Picture       // of confusion
	ByClass  *Picture
	Worst    string // the most common mistake
}

type neighbourRow struct {
	ID         string
	Query      template.HTML
	Label      string
	Voted      string
	Right      bool
	Share      float64
	Neighbours []neighbourView
}

type neighbourView struct {
	ID           string
	Image        template.HTML
	Right, Wrong bool // neither without labels
	Cosine, Vote float64
	Label        string
	Flip         bool
}

const (
	neighboursShown = 8
	rowsShown       = 10
	mistakesShown   = 4
	imageSide       = 64 // pixels that an image is shown at
)

func (w *writer) images() error {
	bank, test := w.o.Images.Bank, w.o.Images.Test
	if bank == nil || test == nil {
		return nil
	}
	p := judge.Paper(w.cfg.Flips)
	var sets [2]judge.Labelled
	for i, src := range []dataset.Source{bank, test} {
		m := w.m
		if i == 1 {
			m = m.Whole()
		}
		e, err := m.Embeddings(src)
		if err != nil {
			return err
		}
		sets[i] = judge.Labelled{Set: e, Labels: src}
	}
	j, err := judge.Judge(w.ctx, sets[0], sets[1], p, w.o.Progress)
	if err != nil {
		return err
	}
	w.judgement = j
	s := &imageSection{Judgement: j, Top1: shareOf(j.Top1(), j.Labelled), Origin: w.o.Images.Origin}
	add := func(to *[]neighbourRow, q judge.Query) error {
		row, err := w.neighbours(q)
		*to = append(*to, row)
		return err
	}
	for _, q := range w.firsts() {
		if err := add(&s.Rows, q); err != nil {
			return err
		}
	}
	if j.Classes != nil {
		for _, q := range w.mistakes(mistakesShown) {
			if err := add(&s.Mistakes, q); err != nil {
				return err
			}
		}
		classes := make([]draw.Share, len(j.Classes))
		for t := range j.Classes {
			classes[t] = shareOf(j.Accuracy(t))
		}
		s.Matrix = w.book.chart("confusion", draw.Confusion(j.Classes, j.Confusion))
		s.ByClass = w.book.chart("classes", draw.Classes(j.Classes, classes, s.Top1))
		s.Worst = worst(j)
	}
	if err := w.neighbourPicture(); err != nil {
		return err
	}
	w.summary.KNN = summed(j)
	w.summary.KNN.Origin = w.o.Images.Origin
	w.page.Images = s
	return nil
}

func shareOf(p float64, n int) draw.Share {
	return draw.Share{Value: p, Error: judge.StandardError(p, n), Of: n}
}

// Tests is the number of images whose neighbours were looked for.
func (s *imageSection) Tests() int { return len(s.Queries) }

// First are the rows that the page begins with.
func (s *imageSection) First() []neighbourRow { return s.Rows[:min(3, len(s.Rows))] }

func summed(j *judge.Judgement) *KNN {
	k := &KNN{Protocol: j.Protocol, Bank: j.Bank, Test: len(j.Queries), Confusion: j.Confusion}
	if j.Classes != nil {
		top1 := j.Top1()
		k.Top1, k.Accuracy = &top1, map[string]float64{}
		for t, name := range j.Classes {
			k.Accuracy[name], _ = j.Accuracy(t)
		}
	}
	return k
}

// firsts are the first query of each class, or the first queries.
func (w *writer) firsts() []judge.Query {
	var out []judge.Query
	seen := map[int]bool{}
	for _, q := range w.judgement.Queries {
		if len(out) < rowsShown && (w.judgement.Classes == nil || !seen[q.Label]) {
			seen[q.Label] = true
			out = append(out, q)
		}
	}
	slices.SortStableFunc(out, func(a, b judge.Query) int { return cmp.Compare(a.Label, b.Label) })
	return out
}

// mistakes are the wrong votes that were the most nearly unanimous.
func (w *writer) mistakes(n int) []judge.Query {
	var wrong []judge.Query
	for _, q := range w.judgement.Queries {
		if q.Label >= 0 && q.Voted >= 0 && q.Voted != q.Label {
			wrong = append(wrong, q)
		}
	}
	slices.SortStableFunc(wrong, func(a, b judge.Query) int { return cmp.Compare(b.Share, a.Share) })
	return wrong[:min(n, len(wrong))]
}

// worst names the pair of classes most often taken for each other.
func worst(j *judge.Judgement) string {
	most, text := 0, ""
	for a := range j.Classes {
		for b := range a {
			if n := j.Confusion[a][b] + j.Confusion[b][a]; n > most {
				most, text = n, fmt.Sprintf("%s and %s, %s", j.Classes[b], j.Classes[a], plural.Of(n, "time"))
			}
		}
	}
	return text
}

func (w *writer) class(label int) string {
	if c := w.judgement.Classes; label >= 0 && label < len(c) {
		return c[label]
	}
	return ""
}

// photo is image i of src, or its flip.
func photo(src dataset.Source, i int, flip bool) (explain.Image, error) {
	im, err := explain.ImageOf(src, i)
	if flip {
		im = im.Flipped()
	}
	return im, err
}

func shown(im explain.Image, alt string) template.HTML {
	return small(alt, draw.Photo(im), imageSide)
}

func (w *writer) neighbours(q judge.Query) (neighbourRow, error) {
	im, err := photo(w.o.Images.Test, q.Index, false)
	if err != nil {
		return neighbourRow{}, err
	}
	row := neighbourRow{ID: q.ID, Label: w.class(q.Label), Voted: w.class(q.Voted), Right: q.Voted == q.Label, Share: q.Share}
	row.Query = shown(im, "Image"+comma(row.Label))
	for _, n := range q.Neighbours[:min(neighboursShown, len(q.Neighbours))] {
		near, err := photo(w.o.Images.Bank, n.Index, n.Flip)
		if err != nil {
			return row, err
		}
		v := neighbourView{ID: n.ID, Cosine: n.Cosine, Vote: n.Vote, Label: w.class(n.Label), Flip: n.Flip}
		if q.Label >= 0 && n.Label >= 0 {
			v.Right, v.Wrong = n.Label == q.Label, n.Label != q.Label
		}
		v.Image = shown(near, fmt.Sprintf("Neighbour, %s, cosine %.2f", v.Label, n.Cosine))
		row.Neighbours = append(row.Neighbours, v)
	}
	return row, nil
}

// neighbourPicture is the neighbours as one picture, framed as on the page.
func (w *writer) neighbourPicture() error {
	shape := w.o.Images.Test.Shape()
	const gap = 3
	size := draw.Fit(image.NewNRGBA(image.Rect(0, 0, shape.Width, shape.Height)), imageSide).Rect
	width, height := size.Dx()+2*gap, size.Dy()+2*gap
	queries := w.firsts()
	out := image.NewNRGBA(image.Rect(0, 0, (neighboursShown+1)*width+4*gap, len(queries)*height))
	put := func(src dataset.Source, i int, flip bool, x, y int, mark string) error {
		im, err := photo(src, i, flip)
		if err != nil {
			return err
		}
		draw.Framed(out, draw.Fit(draw.Photo(im), imageSide), x+gap, y+gap, mark)
		return nil
	}
	for r, q := range queries {
		if err := put(w.o.Images.Test, q.Index, false, 0, r*height, ""); err != nil {
			return err
		}
		for k, n := range q.Neighbours[:min(neighboursShown, len(q.Neighbours))] {
			mark := ""
			if q.Label >= 0 && n.Label >= 0 {
				mark = map[bool]string{true: "right", false: "wrong"}[n.Label == q.Label]
			}
			if err := put(w.o.Images.Bank, n.Index, n.Flip, (k+1)*width+4*gap, r*height, mark); err != nil {
				return err
			}
		}
	}
	w.book.image("neighbours", "", out, 1)
	return nil
}
