package server

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/plural"
)

// whyMost bounds the items that are told to speak for an answer.
const whyMost = 20

// classify names the classes of an item, of all without a label, or of the images of a form, by the labels in the body. What
// is sent is read at once, so that a fault does not wait, and labels again when their turn has come: who waits holds no more
// than the body and embeddings.
func (s *Index) classify(w http.ResponseWriter, r *http.Request) {
	why, err := between(r, "why", 0, whyMost, 3)
	if err != nil { // before the body is read
		refuse(w, err)
		return
	}
	sent, release, err := s.labelled(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer release()
	if err := s.readable(r, sent); err != nil {
		refuse(w, err)
		return
	}
	if err := s.several(); err != nil {
		refuse(w, err)
		return
	}
	s.waiting(func(ctx context.Context) (any, error) {
		return s.alone(ctx, "classes", func(ctx context.Context) (any, error) {
			l, q, err := s.unnamed(r, sent)
			if err != nil {
				return nil, err
			}
			q.Why = why
			return s.classified(ctx, l, q)
		})
	})(w, r)
}

// readable looks for faults in what is asked.
func (s *Index) readable(r *http.Request, sent *labelled) error {
	if err := s.busy.enter(r.Context()); err != nil {
		return err
	}
	defer s.busy.leave()
	_, _, err := s.unnamed(r, sent)
	return err
}

// unnamed reads the labels that were sent, or takes those of the index, and tells whose classes are asked for: those of the
// images that were sent, of the item that is named, or of all items without a label, which do not speak for themselves.
func (s *Index) unnamed(r *http.Request, sent *labelled) (*answers.Labels, answers.Unnamed, error) {
	l, err := s.labels(r.Context(), sent.labels)
	if err != nil {
		return nil, answers.Unnamed{}, err
	}
	id, named := query(r, "item"), r.URL.Query().Has("item")
	switch {
	case named && sent.images != nil:
		return nil, answers.Unnamed{}, badRequest("item is %q, and images were sent: want one of both", id)
	case sent.images != nil:
		return l, answers.Unnamed{Images: sent.images, Pixels: sent.pixels}, nil
	case named:
		i, err := s.numberOf(r.Context(), id)
		if err != nil {
			return nil, answers.Unnamed{}, err
		}
		if i < 0 {
			return nil, answers.Unnamed{}, notFound("no item %q: want the id of an item", id)
		}
		return l, answers.Unnamed{Images: s.x.Pick([]int{i}), Own: []int{i}}, nil
	}
	open := l.Open()
	if len(open) == 0 {
		return nil, answers.Unnamed{}, badRequest("all items of the index have labels: want one, as ?item=, or an image, as of curl %s", classifyForm)
	}
	return l, answers.Unnamed{Images: s.x.Pick(open), Own: open}, nil
}

// labels reads labels from a file, or, if that is empty, takes those of the index.
func (s *Index) labels(ctx context.Context, file []byte) (*answers.Labels, error) {
	switch {
	case len(file) > 0:
		items, err := s.ids(ctx)
		if err != nil {
			return nil, err
		}
		l, err := answers.ReadLabels(bytes.NewReader(file), items)
		if err != nil {
			return nil, badRequest("labels: %v", err)
		}
		return l, nil
	case len(s.x.Classes()) < 2:
		return nil, badRequest("the items of the index have %s of their own: want labels in the body, as CSV", plural.Of(len(s.x.Classes()), "class"))
	default:
		return answers.OwnLabels(s.x)
	}
}

// classified learns from labels and answers.
func (s *Index) classified(ctx context.Context, l *answers.Labels, q answers.Unnamed) (any, error) {
	// The answer has a probability of each image and class, as a number and as its digits.
	said := 32 * float64(q.Images.Len()) * float64(len(l.Classes))
	if q.Why > 0 && q.Pixels.Of != nil { // one image is split after the other
		said += atomsMemory(q.Pixels.Models, s.x.Shape())
	}
	began := time.Now()
	g, err := s.related(ctx, l.Memory(s.x.Dim())+said)
	if err != nil {
		return nil, err
	}
	c, err := answers.Learn(ctx, s.x, g, l, s.report)
	if err != nil {
		return nil, err
	}
	found, err := answers.Classify(ctx, s.x, c, l, q)
	if err != nil {
		return nil, err
	}
	found.Index, found.Seconds = s.o.Name, time.Since(began).Seconds()
	return found, nil
}

// atomsMemory is what splitting a score over the atoms of an image takes, in bytes, by the member that takes most.
func atomsMemory(e *smt.Ensemble, s dataset.Shape) (most float64) {
	for _, m := range e.Members() {
		seen := s
		seen.Channels = m.Model.Record().Data.Shape.Channels
		most = max(most, explain.MemoryOf(m.Model, seen).Why())
	}
	return most * float64(len(e.Members())) // all are held
}
