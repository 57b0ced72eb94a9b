package index

import (
	"fmt"
	"github.com/sparse-manifold/smt/internal/plural"
)

// unique reports an id that comes twice among images and the items of an index, which may be nil.
func unique(x *Index, of Items) error {
	known := 0
	if x != nil {
		known = x.n
	}
	at := make(map[string]int, known+of.Len())
	for i := range known {
		id, err := x.ID(i)
		if err != nil {
			return err
		}
		at[id] = i
	}
	var first error
	already := 0
	for i := range of.Len() {
		id := of.ID(i)
		before, twice := at[id]
		switch {
		case !twice:
			at[id] = known + i
		case before >= known:
			return fmt.Errorf("images %d and %d are both called %q: want each once", before-known, i, id)
		default:
			if already++; first == nil {
				first = fmt.Errorf("it has %q already, as item %d", id, before)
			}
		}
	}
	if already > 1 {
		return fmt.Errorf("%w, and %d more of the %s: want images that are not in it", first, already-1, plural.Of(of.Len(), "image"))
	}
	if first != nil {
		return fmt.Errorf("%w: want images that are not in it", first)
	}
	return nil
}
