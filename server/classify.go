package server

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/internal/plural"
)

// whyMost bounds the items that are told to speak for an answer.
const whyMost = 20

// classify names the classes of an item, or of all without a label, by the labels in the body. These are read at once,
// so that a fault does not wait, and again when their turn has come: who waits holds no more than the body.
func (s *Index) classify(w http.ResponseWriter, r *http.Request) {
	why, err := between(r, "why", 0, whyMost, 3)
	if err != nil { // before the body is read
		refuse(w, err)
		return
	}
	file, release, err := s.body(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer release()
	if err := s.readable(r, file); err != nil {
		refuse(w, err)
		return
	}
	s.alone(func(r *http.Request) (any, error) {
		q, err := s.unnamed(r, file)
		if err != nil {
			return nil, err
		}
		return s.named(r, q, why)
	})(w, r)
}

// readable looks for faults in what is asked.
func (s *Index) readable(r *http.Request, file []byte) error {
	if err := s.busy.enter(r.Context()); err != nil {
		return err
	}
	defer s.busy.leave()
	_, err := s.unnamed(r, file)
	return err
}

// unnamed are items whose classes are asked for.
type unnamed struct {
	labels *answers.Labels
	items  []int
	own    []int // items that do not speak for themselves: none where one is asked for
}

// unnamed reads the labels of a file, and looks for the item that is asked for. Without labels, those of the index are taken.
func (s *Index) unnamed(r *http.Request, file []byte) (*unnamed, error) {
	ids, err := answers.IDs(r.Context(), s.x)
	if err != nil {
		return nil, err
	}
	q := &unnamed{}
	switch {
	case len(file) > 0:
		if q.labels, err = answers.ReadLabels(bytes.NewReader(file), ids); err != nil {
			return nil, badRequest("labels: %v", err)
		}
	case len(s.x.Classes()) < 2:
		return nil, badRequest("the items of the index have %s of their own: want labels in the body, as CSV", plural.Of(len(s.x.Classes()), "class"))
	default:
		if q.labels, err = answers.OwnLabels(s.x); err != nil {
			return nil, err
		}
	}
	if id := query(r, "item"); r.URL.Query().Has("item") {
		i := slices.Index(ids, id)
		if i < 0 {
			return nil, notFound("no item %q: want the id of an item", id)
		}
		q.items = []int{i}
		return q, nil
	}
	q.items = q.labels.Open()
	if q.own = q.items; len(q.items) == 0 {
		return nil, badRequest("all items of the index have labels: want one, as ?item=")
	}
	return q, nil
}

// named learns from labels and answers.
func (s *Index) named(r *http.Request, q *unnamed, why int) (any, error) {
	// The answer has a probability of each item and class, as a number and as its digits.
	said := 32 * float64(len(q.items)) * float64(len(q.labels.Classes))
	ctx, began := r.Context(), time.Now()
	g, err := s.related(ctx, q.labels.Memory(s.x.Dim())+said)
	if err != nil {
		return nil, err
	}
	c, err := answers.Learn(ctx, s.x, g, q.labels, s.o.Progress)
	if err != nil {
		return nil, err
	}
	found, err := answers.Classify(ctx, s.x, c, q.labels, answers.Unnamed{Images: s.x.Pick(q.items), Own: q.own, Why: why})
	if err != nil {
		return nil, err
	}
	found.Index, found.Seconds = s.o.Name, time.Since(began).Seconds()
	return found, nil
}
