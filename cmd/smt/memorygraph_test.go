package main

import (
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
)

// What is asked of an index is refused where there is less room than it takes, and says what it would take.
func TestEnoughToAsk(t *testing.T) {
	x, err := index.Open(indexSmall(t, 60))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	need := needToMap(x.Len(), x.Dim(), 0)
	if err := enoughToAsk("mapping", x, need, memory.Room{Bytes: need, By: "this machine"}); err != nil {
		t.Error(err)
	}
	if err := enoughToAsk("mapping", x, need, memory.Room{}); err != nil {
		t.Errorf("a system that does not tell: %v", err)
	}
	room := memory.Room{Bytes: need - 1, By: "this machine"}
	err = enoughToAsk("mapping", x, need, room)
	if err == nil || !strings.HasPrefix(err.Error(), "mapping 60 items of 12 values takes about ") || !strings.HasSuffix(err.Error(), "this machine allows "+size(room.Bytes)) {
		t.Errorf("a byte too little: error %v", err)
	}
	// The graph counts where it takes the most, and what is asked of it where that does.
	making, held := graph.Memory(50_000, 2000, graph.Nearest)
	if got, want := needToAsk(50_000, 2000, 0), memory.Estimate(making); got != want {
		t.Errorf("the graph alone takes %d bytes, want %d", got, want)
	}
	if got, want := needToAsk(50_000, 2000, 1e11), memory.Estimate(held+1e11); got != want {
		t.Errorf("100 GB beside the graph take %d bytes, want %d", got, want)
	}
	// More items, longer embeddings and more groups take more.
	small := needToMap(50_000, 500, 2)
	for what, larger := range map[string]int64{"items": needToMap(200_000, 500, 2), "values": needToMap(50_000, 2000, 2), "groups": needToMap(50_000, 500, 3000)} {
		if larger <= small {
			t.Errorf("more %s: %d bytes, not more than %d", what, larger, small)
		}
	}
}
