package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/internal/plural"
)

// page is an answer that is a page.
type page []byte

// mapPage answers with the page of smt map, which has a policy of its own. Until that is drawn, it answers with a page that says
// how far it is, and loads itself again. It is drawn once for all who ask, whether they wait or not.
func (s *Index) mapPage(w http.ResponseWriter, r *http.Request) {
	q, err := s.question(r, s.findMap)
	if err != nil {
		refuse(w, err)
		return
	}
	a, err := s.begun(q)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", atlas.Policy("'none'"))
	if a != nil {
		s.answer(func(*http.Request) (any, error) { return a, nil })(w, r)
		return
	}
	now := s.work.Load()
	p := s.beforeMap()
	p.Stage, p.Done, p.Total, p.After = "It is being drawn", now.Done, now.Total, 1
	if now.Stage != "" {
		p.Stage += ", " + now.Stage
	}
	if now.Work != "" && now.Work != q.kind {
		p.Stage = now.Work + " are computed before it"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusAccepted)
	_ = p.Write(w) // an error is the reader's, who is gone
}

// findMap draws the map.
func (s *Index) findMap(*http.Request) (*long, error) {
	items := s.x.Len()
	if items > atlas.Most {
		return nil, problem{http.StatusConflict, fmt.Sprintf("the index has %s: want at most %d for a map", plural.Of(items, "item"), atlas.Most)}
	}
	return &long{kind: "map", find: s.drawMap}, nil
}

func (s *Index) drawMap(ctx context.Context) (any, error) {
	written, err := atlas.PageMemory(s.x)
	if err != nil {
		return nil, err
	}
	g, err := s.related(ctx, atlas.Memory(s.x.Len(), 0)+written)
	if err != nil {
		return nil, err
	}
	m, err := atlas.OfIndex(ctx, s.x, g, atlas.Grouping{Seed: answers.Seed}, s.report)
	if err != nil {
		return nil, err
	}
	m.Title = s.o.Name
	var b bytes.Buffer
	if err := m.Write(ctx, &b, func(done, total int) { s.report("thumbnails", done, total) }); err != nil {
		return nil, err
	}
	return page(bytes.Clone(b.Bytes())), nil // without what the buffer has to spare
}

// beforeMap is the page that leads to the map.
func (s *Index) beforeMap() atlas.Waiting {
	return atlas.Waiting{Title: s.o.Name, About: "The map of " + plural.ApartOf(s.x.Len(), "item") + " has to be drawn once.", Next: "/map"}
}

// leading answers at the root with a page that leads to the map, and computes nothing itself: a link may lead to it.
func (s *Index) leading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" || r.Method == http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", atlas.Policy("'none'"))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = s.beforeMap().Write(w) // an error is the reader's, who is gone
	})
}
