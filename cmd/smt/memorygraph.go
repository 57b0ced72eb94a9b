package main

import (
	"fmt"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
)

// enoughToAsk says so if work on the items of an index takes more memory than there is room for: their neighbour graph, and
// asking bytes beside it.
func enoughToAsk(work string, x *index.Index, asking float64, room memory.Room) error {
	need := memory.Estimate(answers.Memory(x.Len(), x.Dim(), asking))
	return room.Enough(fmt.Sprintf("%s %s of %s", work, numberOf(x.Len(), "item"), numberOf(x.Dim(), "value")), need)
}
