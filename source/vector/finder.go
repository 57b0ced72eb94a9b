package vector

import "context"

// finder finds neighbours.
type finder interface {
	// order lists the points, so that those next to one another are near.
	order() []int32
	// find searches for the nearest other points of some points. It calls done with how many more are done.
	find(ctx context.Context, which []int32, into *Neighbours, done func(points int)) error
	// partly reports whether a search for a part of the points takes about that part of the time.
	partly() bool
	// recall is the part of what it finds that is right.
	recall() float64
}

// finderOf is a tree, or cells: those of the atoms if these are few enough. The nearest atoms of the points, one more than are
// active, are returned if they were computed for it.
func finderOf(ctx context.Context, p *Points, coder *Coder, neighbours int) (finder, []near, error) {
	if p.Dim <= treeValues {
		return newTree(p), nil, nil
	}
	centres, k := coder.atoms, coder.active+1
	atoms, err := nearest(ctx, p, centres, k)
	if err != nil {
		return nil, nil, err
	}
	own := atoms
	if n := max(2, p.N()/cellPoints); centres.N() > n {
		if centres, err = KMeans(ctx, p, n, 1); err != nil {
			return nil, nil, err
		}
		if own, err = nearest(ctx, p, centres, 1); err != nil {
			return nil, nil, err
		}
		k = 1
	}
	of := make([]int32, p.N())
	for i := range of {
		of[i] = own[i*k].index
	}
	c, err := newCells(ctx, p, centres, of, neighbours)
	return c, atoms, err
}
