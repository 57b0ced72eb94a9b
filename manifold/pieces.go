package manifold

import (
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pieces"
	"github.com/sparse-manifold/smt/internal/plural"
)

// PiecesError is that atoms are in pieces, between which nothing co-occurs, so that nothing says how pieces lie to
// one another. In one solution of all, each would take a coordinate that tells it from the others, and the
// rest would go to the smoothest of them.
type PiecesError struct {
	Pieces [][]int32 // atoms of each, the largest first
	Wanted int       // coordinates
	units  string
}

func (e *PiecesError) Error() string {
	var sizes []int
	for _, p := range e.Pieces {
		sizes = append(sizes, len(p))
	}
	return fmt.Sprintf("the atoms of %s are in %s, of %s, between which nothing co-occurs: %s want one piece of as many atoms, and no other",
		e.units, plural.Of(len(sizes), "piece"), pieces.Sizes(sizes, "atoms"), plural.Of(e.Wanted, "coordinate"))
}

// basesOf are the bases that s is solved on. Of sparse statistics in pieces that is the largest, and atoms
// are its own; they are nil where none is left out. Those of other pieces stay contexts of these. Pieces
// with as many atoms as there are coordinates are not left out, as each of them has a solution by itself.
func (e *Encoder) basesOf(s cooccur.Statistics) (bases []cooccur.Basis, atoms []int32, err error) {
	counts, is := s.(*cooccur.Sparse)
	if !is {
		return e.bases(), nil, nil
	}
	all, want := counts.Pieces(), e.cfg.Skip+e.cfg.Dims
	switch {
	case len(all) == 1:
		return e.bases(), nil, nil
	case len(all[0]) < want || len(all[1]) >= want:
		return nil, nil, &PiecesError{all, want, e.cfg.Names.Units}
	}
	return []cooccur.Basis{cooccur.BasisOf(all[0])}, all[0], nil
}
