package server

import (
	"bytes"
	"fmt"
	"html/template"
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
	written, err := atlas.PageMemory(s.x)
	if err != nil {
		return nil, err
	}
	g, err := s.related(ctx, atlas.Memory(items, 0)+written)
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

// entrance is the page at the root. A browser goes on to the map at once, and shows this until that is there.
var entrance = template.Must(template.New("entrance").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url=/map">
<title>{{.Name}}</title>
<link rel="icon" href="data:,">
<h1>{{.Name}}</h1>
<p><a href="/map">The map of {{.Items}}</a> is on its way. When it is asked for the first time, it has to be drawn.</p>
</html>
`))

// leading answers at the root with a page that leads to the map, and computes nothing itself: a link may lead to it.
func (s *Index) leading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" || r.Method == http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", atlas.Policy()) // its icon is in it
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// An error is the reader's, who is gone.
		_ = entrance.Execute(w, struct{ Name, Items string }{s.o.Name, plural.ApartOf(s.x.Len(), "item")})
	})
}
