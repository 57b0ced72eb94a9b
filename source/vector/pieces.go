package vector

import (
	"context"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pieces"
)

// coverRounds is how many passes go over the points whose neighbours are not known: those of one pass are far from one another,
// and one search reaches points of the next passes, which need none.
const coverRounds = 16

// connected reports whether the graph, in which either of two near points is among the nearest of the other, is in one piece.
// It searches for no more neighbours than that takes: of points that no edge reaches, then of the smaller
// pieces, twice as many of each piece every time. If it is not in
// one piece, all neighbours are known then.
func (n *Neighbours) connected(ctx context.Context, f finder, done func(points int)) (bool, error) {
	sets := pieces.NewSets(len(n.Known))
	join := func(which []int32) {
		for _, i := range which {
			for _, j := range n.of(int(i)) {
				sets.Join(i, j)
			}
		}
	}
	search := func(which []int32) error {
		if err := f.find(ctx, which, n, done); err != nil {
			return err
		}
		join(which)
		return nil
	}
	order := f.order()
	join(slices.DeleteFunc(slices.Clone(order), func(i int32) bool { return !n.Known[i] }))
	var some []int32
	for round := range coverRounds {
		some = some[:0]
		for at := round; at < len(order); at += coverRounds {
			if i := order[at]; sets.Size(i) == 1 {
				some = append(some, i)
			}
		}
		if err := search(some); err != nil {
			return false, err
		}
	}
	for each := 1; sets.Count() > 1; each *= 2 {
		largest, taken := sets.Largest(), make([]int, len(order))
		some = some[:0]
		for _, i := range order {
			if root := sets.Root(i); root != largest && !n.Known[i] && taken[root] < each {
				taken[root]++
				some = append(some, i)
			}
		}
		if len(some) > 0 {
			if err := search(some); err != nil {
				return false, err
			}
			continue
		}
		// What is left leads from the largest piece to others, if at all.
		for _, i := range order {
			if !n.Known[i] {
				some = append(some, i)
			}
		}
		err := search(some)
		return sets.Count() == 1, err
	}
	return true, nil
}

// Pieces are the sizes of the pieces of a graph, between which there is no way, largest first.
func Pieces(g *cooccur.Neighbours) (sizes []int) {
	sets := pieces.NewSets(g.Units())
	for i := range g.Units() {
		for _, j := range g.Of(i) {
			sets.Join(int32(i), j)
		}
	}
	for _, piece := range sets.Groups() {
		sizes = append(sizes, len(piece))
	}
	return sizes
}
