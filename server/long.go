package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/internal/plural"
)

// workAnswer is what is computed about all items at the moment, and how much of its stage is done. It is empty where nothing is.
type workAnswer struct {
	Work  string `json:"work"`
	Stage string `json:"stage"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// status takes no place: it is asked for while others compute.
func (s *Index) status(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.work.Load())
}

// report tells how far the work is.
func (s *Index) report(stage string, done, total int) {
	now := *s.work.Load()
	now.Stage, now.Done, now.Total = stage, done, total
	s.work.Store(&now)
	s.o.Progress(stage, done, total)
}

// question reads a question. There is none about one item.
func (s *Index) question(r *http.Request, read func(r *http.Request) (*long, error)) (*long, error) {
	if err := s.several(); err != nil {
		return nil, err
	}
	return read(r)
}

func (s *Index) several() error {
	if s.x.Len() < 2 {
		return problem{http.StatusConflict, fmt.Sprintf("the index has %s: want 2 or more, to compare", plural.Of(s.x.Len(), "item"))}
	}
	return nil
}

// asking makes a handler of a function that reads a question about all items. Who asks waits for the answer, and when who
// asked leaves, the work stops. Who prefers not to wait is told how far the work is, and asks again; it goes on until the
// server ends.
func (s *Index) asking(read func(r *http.Request) (*long, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, err := s.question(r, read)
		if err != nil {
			refuse(w, err)
			return
		}
		if !hasty(r) {
			s.waiting(func(ctx context.Context) (any, error) { return s.awaited(ctx, q) })(w, r)
			return
		}
		switch a, err := s.begun(q); {
		case err != nil:
			refuse(w, err)
		case a == nil:
			w.Header().Set("Preference-Applied", "respond-async")
			w.Header().Set("Retry-After", "1")
			writeJSON(w, http.StatusAccepted, s.work.Load())
		default:
			s.answer(func(*http.Request) (any, error) { return q.part(a), nil })(w, r)
		}
	}
}

// hasty says whether who asks prefers not to wait (RFC 7240).
func hasty(r *http.Request) bool {
	for _, list := range r.Header.Values("Prefer") {
		for one := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(one), "respond-async") {
				return true
			}
		}
	}
	return false
}

// waiting makes a handler of a function that takes longer than writing an answer may: the time for that begins when it is done.
func (s *Index) waiting(f func(ctx context.Context) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Without a connection, as in tests, these are errors and change nothing.
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Time{})
		v, err := f(r.Context())
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		if err != nil {
			refuse(w, err)
			return
		}
		s.answer(func(*http.Request) (any, error) { return v, nil })(w, r)
	}
}

// alone computes about all items. One is at work at a time, as it takes all processors, and who waits for it holds no other place.
func (s *Index) alone(ctx context.Context, work string, f func(ctx context.Context) (any, error)) (any, error) {
	if err := s.computing.enter(ctx); err != nil {
		return nil, err
	}
	defer s.computing.leave()
	return s.busyWith(ctx, work, f)
}

// awaited is the part of an answer that is asked for. What is kept comes at once, whoever computes.
func (s *Index) awaited(ctx context.Context, q *long) (any, error) {
	a := s.lasting.get(q)
	if a == nil {
		var err error
		if a, err = s.alone(ctx, q.kind, s.finding(q)); err != nil {
			return nil, err
		}
	}
	return q.part(a), nil
}

// begun is the answer to a question, nil where it is not there yet. Then the work on it is begun, unless something else is
// worked on: who asks again begins it after that.
func (s *Index) begun(q *long) (any, error) {
	if a := s.lasting.get(q); a != nil {
		return a, nil
	}
	if err := s.lasting.fault(q); err != nil {
		return nil, err
	}
	if !s.computing.tryEnter() {
		return nil, nil
	}
	s.asked.Go(func() {
		defer s.computing.leave()
		if _, err := s.busyWith(s.life, q.kind, s.finding(q)); err != nil {
			s.lasting.fail(q, err)
		}
	})
	return nil, nil
}

// finding computes an answer and keeps it, unless somebody has meanwhile.
func (s *Index) finding(q *long) func(ctx context.Context) (any, error) {
	return func(ctx context.Context) (any, error) {
		if a := s.lasting.get(q); a != nil {
			return a, nil
		}
		a, err := q.find(ctx)
		if err == nil {
			s.lasting.keep(q, a)
		}
		return a, err
	}
}

// busyWith runs what computes about all items, for who has the place to do so, and says what it is.
func (s *Index) busyWith(ctx context.Context, work string, f func(ctx context.Context) (any, error)) (any, error) {
	s.work.Store(&workAnswer{Work: work})
	defer s.work.Store(&workAnswer{})
	return f(ctx)
}
