package server

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/internal/memory"
)

// Where memory is short, what needs the neighbour graph is refused with what it takes, and nothing else is.
func TestGraphNeedsRoom(t *testing.T) {
	s := NewIndex(indexOf(indexItems), Options{})
	var left int64
	s.room = func() memory.Room { return memory.Room{Bytes: left, By: "this machine"} }
	graphs := memory.Held(answers.Memory(indexItems, s.x.Dim(), 0))
	left = graphs - 1
	short := fmt.Sprintf("the answer by neighbours of 60 items of %d values takes about %s of memory, and this machine allows ", s.x.Dim(), memory.Size(graphs))
	for _, path := range []string{"/api/duplicates", "/api/duplicates?threshold=0.1", "/api/outliers"} {
		mustRefuse(t, path, askOf(s, "GET", path, nil), http.StatusServiceUnavailable, short+memory.Size(left)+" more; images can be searched for still")
	}
	if s.graph != nil || len(s.computing) != 0 {
		t.Error("what was refused was begun, or keeps its place")
	}
	mustAnswer(t, s, "GET", "/api/items/kind%2F7.png/neighbours", nil)
	mustAnswer(t, s, "POST", "/api/search", draw.PNG(draw.Photo(testImage())))

	left = graphs
	mustAnswer(t, s, "GET", "/api/duplicates", nil)
	if s.graph == nil {
		t.Fatal("no graph is kept")
	}
	// The graph that is kept is not counted again.
	grouping := memory.Held(groups.Memory(indexItems, graph.Nearest, 5))
	left = grouping - 1
	mustRefuse(t, "groups", askOf(s, "GET", "/api/groups?k=5", nil), http.StatusServiceUnavailable, "the answer of 60 items")
	left = grouping
	mustAnswer(t, s, "GET", "/api/groups?k=5", nil)
	written, err := atlas.PageMemory(s.x)
	if err != nil {
		t.Fatal(err)
	}
	mapping := memory.Held(atlas.Memory(indexItems, 0) + written)
	left = mapping - 1
	mustRefuse(t, "map", drawn(t, s), http.StatusServiceUnavailable, "the answer of 60 items")
	left = mapping
	if w := drawn(t, s); w.Code != http.StatusOK {
		t.Errorf("/map: %d %s", w.Code, w.Body)
	}
	left = 1 // and what was answered is kept
	mustAnswer(t, s, "GET", "/api/groups?k=5", nil)
	mustAnswer(t, s, "GET", "/api/duplicates", nil)
	mustAnswer(t, s, "GET", "/map", nil)
}

func mustAnswer(t *testing.T, s http.Handler, method, path string, body []byte) {
	t.Helper()
	if w := askOf(s, method, path, bytes.NewReader(body)); w.Code != http.StatusOK {
		t.Errorf("%s: %d %s", path, w.Code, w.Body)
	}
}
