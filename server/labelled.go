package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/plural"
)

// labelled is what a request to classify has in its body.
type labelled struct {
	labels []byte             // a file of them, empty for none
	images *embedding.Vectors // those whose classes are asked for, embedded; nil for none
	pixels answers.Pixels     // of these
}

const (
	// classifyForm is how curl sends images, and labels.
	classifyForm = "-F image=@FILE -F labels=@FILE.csv"
	// classifiedMost bounds the images of a form.
	classifiedMost = 100
)

// labelled reads a body that is a file of labels, or a form of labels and of images, which it embeds.
func (s *Index) labelled(w http.ResponseWriter, r *http.Request) (sent *labelled, release func(), err error) {
	if !isForm(r) {
		file, release, err := s.body(w, r)
		return &labelled{labels: file}, release, err
	}
	f, release, err := s.form(w, r, classifyForm)
	if err != nil {
		return nil, nil, err
	}
	if sent, err = s.labelledBy(r.Context(), f); err != nil {
		release()
	}
	return sent, release, err
}

// labelledBy reads a form. Of its memory the labels keep what they need.
func (s *Index) labelledBy(ctx context.Context, f *form) (*labelled, error) {
	if err := s.decoding.enter(ctx); err != nil {
		return nil, err
	}
	defer s.decoding.leave()
	var labels *formPart
	var pixels answers.Pixels
	images := &embedding.Vectors{Width: s.x.Dim(), EvenWidth: s.x.Even()}
	for p, err := range f.parts() {
		switch {
		case err != nil:
			return nil, err
		case p.field == "labels" && labels != nil:
			return nil, p.again()
		case p.field == "labels":
			labels = p
			continue
		case p.field != "image":
			return nil, p.unknown("image, and labels")
		case len(images.Rows) == classifiedMost:
			return nil, badRequest("the form has more than %s: want so many at most", plural.Of(classifiedMost, "image"))
		}
		row, pix, err := s.embedPart(ctx, p)
		if err != nil {
			return nil, err
		}
		pixels.Of = append(pixels.Of, pix)
		images.Rows, images.IDs = append(images.Rows, row), append(images.IDs, p.name())
	}
	if len(images.Rows) == 0 {
		return nil, badRequest("the form has no image: want one or more, as of curl %s", classifyForm)
	}
	pixels.Models = s.models // which embedding has read
	sent := &labelled{images: images, pixels: pixels}
	if labels != nil {
		sent.labels = append(f.body[:0], labels.content...)
	}
	return sent, nil
}

// embedPart is the embedding of the image in a part of a form, and its pixels. It is called by who has the place to decode.
func (s *Index) embedPart(ctx context.Context, p *formPart) (row []float32, pix []byte, err error) {
	if pix, err = s.pixelsOf(ctx, p); err != nil {
		return nil, nil, err
	}
	row, err = s.embedPixels(ctx, pix)
	return slices.Clone(row), pix, err // of a block that may be used again
}
