package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/memory"
)

// compareForm is how curl sends two images.
const compareForm = "-F a=@FILE -F b=@FILE"

// compare makes a handler that splits the cosine of two uploaded images, by one of the models of the index, and answers what
// show makes of it. The two are decoded one after the other, as any upload, and not kept.
func (s *Index) compare(show func(*smt.Model, *explain.Comparison) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, release, err := s.form(w, r, compareForm)
		if err != nil {
			refuse(w, err)
			return
		}
		defer release()
		m, images, err := s.pairOf(r, f)
		if err != nil {
			refuse(w, err)
			return
		}
		s.answer(func(r *http.Request) (any, error) {
			e := explain.MemoryOf(m, m.Record().Data.Shape)
			if err := s.room().Enough("comparing two images", memory.Held(e.Why()+e.Unwhiten(m.Config().Atoms))); err != nil {
				return nil, problem{http.StatusServiceUnavailable, err.Error() + " more"}
			}
			c, err := explain.Compare(r.Context(), m, images[0], images[1])
			if err != nil {
				return nil, err
			}
			return show(m, c)
		})(w, r)
	}
}

func comparisonItself(_ *smt.Model, c *explain.Comparison) (any, error) { return c, nil }

func comparisonInPixels(m *smt.Model, c *explain.Comparison) (any, error) {
	p, err := draw.PairOf(m, c)
	if err != nil {
		return nil, err
	}
	return picture{p.Raster()}, nil
}

func comparisonDrawn(m *smt.Model, c *explain.Comparison) (any, error) {
	p, err := draw.PairOf(m, c)
	if err != nil {
		return nil, err
	}
	return drawing(p.Chart().File()), nil
}

// pairOf are the images of a form as the model sees them by which they are compared.
func (s *Index) pairOf(r *http.Request, f *form) (m *smt.Model, images [2]explain.Image, err error) {
	if err := s.decoding.enter(r.Context()); err != nil {
		return nil, images, err
	}
	defer s.decoding.leave()
	in, err := s.member(query(r, "model"))
	if err != nil {
		return nil, images, err
	}
	var has [2]bool
	for p, err := range f.parts() {
		if err != nil {
			return nil, images, err
		}
		i := strings.Index("ab", p.field)
		switch {
		case len(p.field) != 1 || i < 0:
			return nil, images, p.unknown("two files, a and b")
		case has[i]:
			return nil, images, p.again()
		case p.file == "":
			return nil, images, badRequest("%s is %.100q, and no file: the index has embeddings and thumbnails of its items, and a cosine is split over the pixels that were embedded: want both images as files, as of curl %s", p.field, p.content, compareForm)
		}
		if images[i], err = s.seenBy(r.Context(), in, p); err != nil {
			return nil, images, err
		}
		has[i] = true
	}
	for i, name := range []string{"a", "b"} {
		if !has[i] {
			return nil, images, badRequest("the form has no %q: want two files, as of curl %s", name, compareForm)
		}
	}
	return in.Model, images, nil
}

// member is one of the models of the index, by its name, or the only one. It is called by who has the place to decode.
func (s *Index) member(name string) (smt.Member, error) {
	models, err := s.ensemble()
	if err != nil {
		return smt.Member{}, err
	}
	members := models.Members()
	if name == "" && len(members) == 1 {
		return members[0], nil
	}
	var names []string
	for _, m := range members {
		if m.Name == name && name != "" {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return smt.Member{}, badRequest("model is %q: want one of those of the index: %s", name, strings.Join(names, ", "))
}

// seenBy is the image in a part of a form, as a member of the models sees it.
func (s *Index) seenBy(ctx context.Context, m smt.Member, p *formPart) (im explain.Image, err error) {
	pix, err := s.pixelsOf(ctx, p)
	if err != nil {
		return im, err
	}
	im, err = explain.ImageOf(m.Model.See(m.View(dataset.Single(s.x.Shape(), pix))), 0)
	im.ID = p.name()
	return im, err
}

// pixelsOf are those of the image in a part of a form, as the index has them. It is called by who has the place to decode.
func (s *Index) pixelsOf(ctx context.Context, p *formPart) ([]uint8, error) {
	size, err := declared(p.content)
	if err != nil {
		return nil, of(p.field, err)
	}
	defer freeLarge(size)
	decoded, err := pictureIn(ctx, p.content, s.x.Depth())
	if err != nil {
		return nil, of(p.field, err)
	}
	return decoded.Pixels(s.x.Shape()), nil
}
