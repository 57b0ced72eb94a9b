package server

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// enough refuses an answer that takes more memory than is left: asking bytes of its own, and the neighbour graph where
// that is not kept yet. What the server has already is not counted again. Only who has the place to compute calls it.
func (s *Index) enough(asking float64) error {
	items, dim := s.x.Len(), s.x.Dim()
	work, need := "the answer", asking
	if s.graph == nil {
		work, need = "the answer by neighbours", answers.Memory(items, dim, asking)
	}
	work = fmt.Sprintf("%s of %s of %s", work, plural.ApartOf(items, "item"), plural.ApartOf(dim, "value"))
	err := s.room().Enough(work, memory.Held(need))
	if err != nil {
		debug.FreeOSMemory() // what answers before left behind is room too
		err = s.room().Enough(work, memory.Held(need))
	}
	if err != nil {
		return problem{http.StatusServiceUnavailable, err.Error() + " more; images can be searched for still"}
	}
	return nil
}
