package answers

import (
	"testing"

	"github.com/sparse-manifold/smt/graph"
)

// The graph counts where it takes the most, and what is asked of it where that does.
func TestMemory(t *testing.T) {
	making, held := graph.Memory(50_000, 2000, graph.Nearest)
	if got := Memory(50_000, 2000, 0); got != making {
		t.Errorf("the graph alone takes %g bytes, want %g", got, making)
	}
	if got, want := Memory(50_000, 2000, 1e11), held+1e11; got != want {
		t.Errorf("100 GB beside the graph take %g bytes, want %g", got, want)
	}
}
