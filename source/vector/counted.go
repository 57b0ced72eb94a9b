package vector

import (
	"context"
	"slices"
)

const (
	// centrePoints is the number of points whose edges are counted, where there are more than ExactPoints.
	centrePoints = 20_000
	// centreEdges is the number of edges of each of those that are counted. Edges of one point are alike, as they share its code: few
	// of many points say more than many of few.
	centreEdges = 3
)

// counted is the part of a graph that is counted.
type counted struct {
	centres []int32 // points from which edges lead
	edges   int     // of each centre
	units   []int32 // the centres, and where their edges lead to, in increasing order
	all     bool    // whether that is all of the graph
}

// counted chooses what is counted, and searches for it. That is all, unless points are many, the graph is in one piece, and
// a search for a part of it is faster.
func (n *Neighbours) counted(ctx context.Context, f finder, mutual bool, done func(points int)) (*counted, error) {
	order := f.order()
	if len(order) > ExactPoints && f.partly() && !mutual {
		c := &counted{edges: min(n.K, centreEdges)}
		for i := range centrePoints {
			c.centres = append(c.centres, order[i*len(order)/centrePoints])
		}
		if err := f.find(ctx, c.centres, n, done); err != nil {
			return nil, err
		}
		if whole, err := n.connected(ctx, f, done); err != nil {
			return nil, err
		} else if whole {
			c.units = slices.Clone(c.centres)
			c.each(n, func(_, j int32) { c.units = append(c.units, j) })
			slices.Sort(c.units)
			c.units = slices.Compact(c.units)
			return c, nil
		}
	}
	rest := slices.DeleteFunc(slices.Clone(order), func(i int32) bool { return n.Known[i] })
	if err := f.find(ctx, rest, n, done); err != nil {
		return nil, err
	}
	c := &counted{centres: make([]int32, len(order)), edges: n.K, all: true}
	for i := range c.centres {
		c.centres[i] = int32(i)
	}
	c.units = c.centres
	return c, nil
}

// each calls f with both ends of each edge that is counted. If these are not all, they lead to neighbours evenly
// spread from the nearest to the furthest, others for each centre.
func (c *counted) each(n *Neighbours, f func(i, j int32)) {
	for rank, i := range c.centres {
		all := n.of(int(i))
		for e := range c.edges {
			f(i, all[(rank+e*n.K/c.edges)%n.K])
		}
	}
}
