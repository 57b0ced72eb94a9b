package server

import (
	"context"
	"net/http"
	"sync"
	"testing"
)

// The graph is computed once, whoever asks and for what, and again only where who asked first has left.
func TestIndexComputesOnce(t *testing.T) {
	begun := map[string]int{} // of who has the place to compute
	ctx, leave := context.WithCancel(t.Context())
	var s *Index // which the function below looks at
	s = NewIndex(indexOf(indexItems), Options{Progress: func(stage string, done, _ int) {
		if len(s.computing) != 1 {
			t.Error("it computes without its place")
		}
		if done == 0 {
			begun[stage]++
		}
		leave()
	}})
	left := example(s, route{pattern: "GET /api/duplicates"}, func(r *http.Request) *http.Request { return r.WithContext(ctx) })
	mustRefuse(t, "who has left", left, http.StatusServiceUnavailable, "given up")
	if s.graph != nil || len(s.computing) != 0 {
		t.Error("what was given up is kept, or goes on")
	}
	clear(begun)
	var all sync.WaitGroup
	for i := range 12 {
		path := []string{"/api/duplicates", "/api/outliers", "/api/groups", "/map"}[i%4]
		all.Go(func() {
			if w := askOf(s, "GET", path, nil); w.Code != http.StatusOK && (path != "/map" || w.Code != http.StatusAccepted) {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if w := drawn(t, s); w.Code != http.StatusOK {
		t.Errorf("/map: %d %s", w.Code, w.Body)
	}
	if len(begun) == 0 {
		t.Fatal("nothing was computed")
	}
	for stage, times := range begun {
		if times != 1 {
			t.Errorf("%s was begun %d times", stage, times)
		}
	}
}
