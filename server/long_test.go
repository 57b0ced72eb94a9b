package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sparse-manifold/smt/internal/memory"
)

// halted is a server of an index whose work halts at its first report, until go on is called or the server is closed.
func halted(t *testing.T) (s *Index, begun <-chan struct{}, goOn func()) {
	t.Helper()
	halts, on := make(chan struct{}), make(chan struct{})
	var first sync.Once
	s = NewIndex(indexOf(indexItems), Options{Name: "small.index", Progress: func(string, int, int) {
		first.Do(func() {
			close(halts)
			select {
			case <-on:
			case <-s.life.Done():
			}
		})
	}})
	goOn = sync.OnceFunc(func() { close(on) })
	t.Cleanup(func() { goOn(); s.Close() })
	return s, halts, goOn
}

var unwilling = header("Prefer", "wait=10, Respond-Async")

// later asks without waiting.
func later(s *Index, path string) *httptest.ResponseRecorder {
	return example(s, route{pattern: "GET " + path}, unwilling)
}

// mustBeAtWork wants to be told to ask again, and what is computed.
func mustBeAtWork(t *testing.T, w *httptest.ResponseRecorder) (now workAnswer) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &now); err != nil || w.Code != http.StatusAccepted || w.Header().Get("Retry-After") != "1" || w.Header().Get("Preference-Applied") != "respond-async" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	return now
}

// Who does not wait is told how far the work is, which goes on when all have left, is one for all, and is kept. Nothing else is
// begun meanwhile.
func TestWorkThatNobodyWaitsFor(t *testing.T) {
	s, begun, goOn := halted(t)
	mustBeAtWork(t, example(s, route{pattern: "GET /api/groups?k=3"}, func(r *http.Request) *http.Request { return gone(unwilling(r)) }))
	<-begun
	for _, path := range []string{"/api/groups?k=3", "/api/groups?k=4", "/api/duplicates", "/api/outliers?most=2"} {
		if now := mustBeAtWork(t, later(s, path)); now.Work != "groups" || now.Stage == "" || now.Total == 0 {
			t.Errorf("%s: it is at %+v", path, now)
		}
	}
	if w := askOf(s, "GET", "/api/status", nil); !strings.Contains(w.Body.String(), `"work":"groups"`) {
		t.Errorf("the status is %s", w.Body)
	}
	if w := askOf(s, "GET", "/map", nil); w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), "groups are computed before it") {
		t.Errorf("the map: %d %s", w.Code, w.Body)
	}
	goOn()
	s.asked.Wait()
	if w := askOf(s, "GET", "/api/status", nil); strings.TrimSpace(w.Body.String()) != `{"work":"","stage":"","done":0,"total":0}` {
		t.Errorf("in the end the status is %s", w.Body)
	}
	if s.lasting.last["duplicates"].answer != nil {
		t.Error("what was asked for beside other work was begun")
	}
	if err := s.computing.enter(t.Context()); err != nil { // who computes holds up nobody whose answer is kept
		t.Fatal(err)
	}
	defer s.computing.leave()
	got, waited := later(s, "/api/groups?k=3"), askOf(s, "GET", "/api/groups?k=3", nil)
	if want := askOf(indexed(), "GET", "/api/groups?k=3", nil); got.Code != http.StatusOK || got.Body.String() != want.Body.String() || waited.Body.String() != want.Body.String() {
		t.Errorf("%d %s, and %d %s\nwant %s", got.Code, got.Body, waited.Code, waited.Body, want.Body)
	}
}

// The server's end is the end of work that nobody waits for.
func TestCloseEndsWork(t *testing.T) {
	s, begun, _ := halted(t)
	if w := askOf(s, "GET", "/map", nil); w.Code != http.StatusAccepted {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	<-begun
	s.Close()
	if len(s.computing) != 0 || s.graph != nil || len(s.lasting.last) != 0 {
		t.Error("the work goes on, or was kept")
	}
	mustRefuse(t, "after the end", askOf(s, "GET", "/map", nil), http.StatusServiceUnavailable, "the work was given up")
}

// Why work failed is told to who asks next, and once.
func TestFaultIsToldOnce(t *testing.T) {
	s := NewIndex(indexOf(indexItems), Options{})
	s.room = func() memory.Room { return memory.Room{Bytes: 1, By: "this machine"} }
	for range 2 {
		mustBeAtWork(t, later(s, "/api/duplicates"))
		s.asked.Wait()
		mustBeAtWork(t, later(s, "/api/outliers")) // whose fault it is not
		s.asked.Wait()
		mustRefuse(t, "outliers", later(s, "/api/outliers"), http.StatusServiceUnavailable, "this machine allows")
		mustBeAtWork(t, later(s, "/api/outliers"))
		s.asked.Wait()
	}
}

// While the map is drawn, its page says how far it is, and loads itself again.
func TestPageWhileTheMapIsDrawn(t *testing.T) {
	s, begun, goOn := halted(t)
	first := askOf(s, "GET", "/map", nil)
	<-begun
	w := askOf(s, "GET", "/map", nil)
	if first.Code != http.StatusAccepted || w.Code != http.StatusAccepted || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d, then %d %s", first.Code, w.Code, w.Header().Get("Content-Type"))
	}
	now := s.work.Load()
	for _, says := range []string{`content="1; url=/map"`, "It is being drawn, " + now.Stage + ": 0 %", "<progress max="} {
		if !strings.Contains(w.Body.String(), says) {
			t.Errorf("it does not say %s: %s", says, w.Body)
		}
	}
	goOn()
	if w := drawn(t, s); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<canvas") {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
}
