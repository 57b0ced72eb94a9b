package vector

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// ExactPoints is the number of points up to which all neighbours are exact.
const ExactPoints = 20_000

// Neighbours are the k nearest other points of each point, nearest first, n × k, and the part of them
// that a sample says is right: 1 where they are exact.
type Neighbours struct {
	K      int
	Index  []int32
	Square []float64 // of the distances
	Recall float64
}

const (
	recallSample = 256
	recallWanted = 0.995 // of a sample, for 0.99 of all
	cellPoints   = 256   // about as many points has a cell
)

// neighbours finds the k nearest of all points.
func (c *cells) neighbours(ctx context.Context, k int, progress func(done, total int)) (*Neighbours, error) {
	n := c.points.N()
	factor, recall, err := 1.0, 1.0, error(nil)
	if n > ExactPoints {
		if factor, recall, err = c.factor(ctx, k); err != nil {
			return nil, err
		}
	}
	found := &Neighbours{K: k, Index: make([]int32, n*k), Square: make([]float64, n*k), Recall: recall}
	work := make([]visit, parallel.Workers(len(c.members)))
	done := 0
	const step = 64 // cells between two reports
	for first := 0; first < len(c.members); first += step {
		last := min(first+step, len(c.members))
		err := parallel.ForErr(ctx, last-first, func(w, i int) error {
			queries := c.members[first+i]
			if len(queries) == 0 {
				return nil
			}
			best, err := c.search(ctx, first+i, queries, k, factor, &work[w])
			if err != nil {
				return err
			}
			for j, q := range queries {
				for r, b := range best[j].best {
					found.Index[int(q)*k+r], found.Square[int(q)*k+r] = b.index, b.square
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i := first; i < last; i++ {
			done += len(c.members[i])
		}
		progress(done, n)
	}
	return found, nil
}

// factor is the largest one with which recallWanted of the neighbours of a sample of the points are found, and how
// many are. A neighbour is found if its cell's plane, times factor, is no further than the last neighbour: the search may find
// more, as it begins without any.
func (c *cells) factor(ctx context.Context, k int) (factor, recall float64, err error) {
	n := c.points.N()
	rng := rand.New(rand.NewPCG(uint64(n), 2))
	which := rng.Perm(n)[:recallSample]
	exact, err := nearest(ctx, c.points.pick(which), c.points, k+1) // with itself
	if err != nil {
		return 0, 0, err
	}
	of := make([]int, n)
	for a, members := range c.members {
		for _, i := range members {
			of[i] = a
		}
	}
	var parts []float64 // of the last neighbour's distance, at which there is a neighbour's plane
	for s, i := range which {
		all := exact[s*(k+1):][:k+1]
		x, a := c.points.Row(i), of[i]
		reach := root(all[k].square)
		for _, near := range all {
			b := of[near.index]
			switch apart := root(square(c.atoms.Row(a), c.atoms.Row(b))); {
			case int(near.index) == i:
			case a == b || reach == 0:
				parts = append(parts, 0)
			default:
				parts = append(parts, (square(x, c.atoms.Row(b))-square(x, c.atoms.Row(a)))/(2*apart)/reach)
			}
		}
	}
	slices.Sort(parts)
	part := max(parts[int(recallWanted*float64(len(parts)))], 1.0/mostFactor)
	found, _ := slices.BinarySearch(parts, math.Nextafter(part, 2))
	if part >= 1 {
		return 1, 1, nil
	}
	return 1 / part, float64(found) / float64(len(parts)), nil
}

// mostFactor bounds factor, in few dimensions, where hardly any neighbours are in other cells.
const mostFactor = 8

// Topology is the graph in which two points are near if either is among the nearest of the other or, if
// it is to be mutual, both are.
func (n *Neighbours) Topology(mutual bool) (*cooccur.Neighbours, error) {
	points := len(n.Index) / n.K
	lists := make([][]int32, points)
	for i := range lists {
		lists[i] = slices.Clone(n.Index[i*n.K : (i+1)*n.K])
	}
	if mutual {
		for i, list := range lists {
			lists[i] = slices.DeleteFunc(list, func(j int32) bool {
				return !slices.Contains(n.Index[int(j)*n.K:int(j+1)*n.K], int32(i))
			})
		}
	} else {
		for i := range points {
			for _, j := range n.Index[i*n.K : (i+1)*n.K] {
				lists[j] = append(lists[j], int32(i))
			}
		}
	}
	return cooccur.NewNeighbours(lists)
}

// Edges is the number of pairs of near points.
func Edges(g *cooccur.Neighbours) (edges int64) {
	for i := range g.Units() {
		edges += int64(len(g.Of(i)) - 1)
	}
	return edges / 2
}

// Pieces are the sizes of the pieces of a graph, between which there is no way, largest first.
func Pieces(g *cooccur.Neighbours) (sizes []int) {
	seen := make([]bool, g.Units())
	var open []int32
	for i := range seen {
		if seen[i] {
			continue
		}
		seen[i], open = true, append(open, int32(i))
		size := 0
		for len(open) > 0 {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			size++
			for _, j := range g.Of(int(at)) {
				if !seen[j] {
					seen[j], open = true, append(open, j)
				}
			}
		}
		sizes = append(sizes, size)
	}
	slices.SortFunc(sizes, func(a, b int) int { return b - a })
	return sizes
}
