package server

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/graph"
)

// drawn has the map drawn, and wants it.
func drawn(t *testing.T, s *Index) *httptest.ResponseRecorder {
	t.Helper()
	for range 3 { // it waits where something else is computed
		w := askOf(s, "GET", "/map", nil)
		if w.Code != http.StatusAccepted {
			return w
		}
		s.asked.Wait()
	}
	t.Error("no map comes")
	return askOf(s, "GET", "/map", nil)
}

// The map is the page that package atlas writes, under a policy of its own; that of all else stays as it is.
func TestMapOfAnIndex(t *testing.T) {
	x, ctx := indexed().x, t.Context()
	g, err := graph.New(ctx, x, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := atlas.OfIndex(ctx, x, g, atlas.Grouping{Seed: answers.Seed}, func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	m.Title = "small.index"
	var want bytes.Buffer
	if err := m.Write(ctx, &want, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w := drawn(t, indexed())
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want.Bytes()) {
			t.Errorf("the map: %d, %d bytes, want %d", w.Code, w.Body.Len(), want.Len())
		}
		if got := w.Header().Values("Content-Security-Policy"); len(got) != 1 || got[0] != atlas.Policy("'none'") {
			t.Errorf("the policies of the map are %q, want %q", got, atlas.Policy("'none'"))
		}
	}
	if got := askOf(indexed(), "GET", "/api/index", nil).Header().Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self'") {
		t.Errorf("the policy of all else is %q", got)
	}
}

// The root leads to the map, computes nothing, and may be opened by a link on another site. Its map may not.
func TestRootLeadsToTheMap(t *testing.T) {
	s := NewIndex(indexOf(2), Options{Name: "<b>.index"})
	from := func(path string) *httptest.ResponseRecorder {
		return example(s, route{pattern: "GET " + path}, header("Sec-Fetch-Site", "cross-site"))
	}
	w := from("/")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("/: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	for _, says := range []string{`http-equiv="refresh" content="0; url=/map"`, `href="/map"`, "<h1>&lt;b&gt;.index</h1>", "2 items"} {
		if !strings.Contains(w.Body.String(), says) {
			t.Errorf("/ does not say %s: %s", says, w.Body)
		}
	}
	mustRefuse(t, "/map", from("/map"), http.StatusForbidden, "another site")
	if s.graph != nil || len(s.computing) != 0 {
		t.Error("the root computes")
	}
}
