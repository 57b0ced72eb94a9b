package server

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/internal/plural"
)

// page is an answer that is a page.
type page []byte

// mapPage answers with the page of smt map, which has a policy of its own.
func (s *Index) mapPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", atlas.Policy())
	s.alone(s.drawMap)(w, r)
}

// drawMap keeps the page.
func (s *Index) drawMap(r *http.Request) (any, error) {
	if s.drawn != nil {
		return s.drawn, nil
	}
	ctx, items := r.Context(), s.x.Len()
	if items > atlas.Most {
		return nil, problem{http.StatusConflict, fmt.Sprintf("the index has %s: want at most %d for a map", plural.Of(items, "item"), atlas.Most)}
	}
	g, err := s.related(ctx, atlas.Memory(items, 0)+atlas.PageMemory(items))
	if err != nil {
		return nil, err
	}
	m, err := atlas.OfIndex(ctx, s.x, g, atlas.Grouping{Seed: answers.Seed}, s.o.Progress)
	if err != nil {
		return nil, err
	}
	m.Title = s.o.Name
	var b bytes.Buffer
	if err := m.Write(ctx, &b, func(done, total int) { s.o.Progress("thumbnails", done, total) }); err != nil {
		return nil, err
	}
	s.drawn = bytes.Clone(b.Bytes()) // without what the buffer has to spare
	return s.drawn, nil
}

// leading leads from the root to the map.
func leading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && r.Method != http.MethodPost {
			http.Redirect(w, r, "/map", http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}
