package main

import (
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
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
	asking := atlas.Memory(x.Len(), 0)
	need := memory.Estimate(answers.Memory(x.Len(), x.Dim(), asking))
	if err := enoughToAsk("mapping", x, asking, memory.Room{Bytes: need, By: "this machine"}); err != nil {
		t.Error(err)
	}
	room := memory.Room{Bytes: need - 1, By: "this machine"}
	err = enoughToAsk("mapping", x, asking, room)
	if err == nil || !strings.HasPrefix(err.Error(), "mapping 60 items of 12 values takes about ") || !strings.HasSuffix(err.Error(), "this machine allows "+size(room.Bytes)) {
		t.Errorf("a byte too little: error %v", err)
	}
}
