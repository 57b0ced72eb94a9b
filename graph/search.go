package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

const (
	// hubSample is the number of items that hubness is estimated against, as by smt eval --hubs 4000.
	hubSample = 4000
	// blockRows is the number of rows read at a time, hubRows that whose hubness is estimated at a time.
	blockRows, hubRows = 384, 2048
	// queryBytes bounds the memory of the items that are searched for at a time.
	queryBytes = 2 << 30
)

// split is the number of values that knn shall take for even ones.
func split(set embedding.Set) int {
	if even := set.Even(); even >= 0 {
		return even
	}
	return set.Dim()
}

type searching struct {
	set      embedding.Set
	split    int
	together int // items that are searched for at a time
	report   func(stage string, done, total int)
}

// stream calls use with the rows of a set, scaled to unit length, and the number of the first of them.
func (s searching) stream(ctx context.Context, stage string, set embedding.Set, rows int, use func(block []float32, first int) error) error {
	dim, first := set.Dim(), 0
	s.report(stage, 0, set.Len())
	for block, err := range set.Blocks(ctx, embedding.BlockRows(rows, dim)) {
		if err != nil {
			return err
		}
		n := len(block) / dim
		parallel.For(n, func(_, i int) { linalg.Unit(block[i*dim : (i+1)*dim]) })
		if err := use(block, first); err != nil {
			return err
		}
		first += n
		s.report(stage, first, set.Len())
	}
	return nil
}

// Hubness is r of items: see Graph.Hubness. own has the numbers of those that are of the bank, −1 for others, and is nil if none is.
func Hubness(ctx context.Context, bank, items embedding.Set, own []int) ([]float32, error) {
	if bank.Dim() != items.Dim() || bank.Even() != items.Even() {
		return nil, fmt.Errorf("graph: items have %s, %d of them even, those of the bank %d and %d", plural.Of(items.Dim(), "value"), items.Even(), bank.Dim(), bank.Even())
	}
	hubness := make([]float32, items.Len())
	s := searching{set: bank, split: split(bank), report: func(string, int, int) {}}
	if own == nil {
		own = slices.Repeat([]int{-1}, items.Len())
	}
	if err := s.measure(ctx, items, own, hubness); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	return hubness, nil
}

// measure writes the hubness of items, which have the numbers own in the bank, or −1.
func (s searching) measure(ctx context.Context, items embedding.Set, own []int, hubness []float32) error {
	dim := s.set.Dim()
	sample := knn.HubSample(s.set.Len(), hubSample)
	h := knn.NewHubs(sample, dim, s.split)
	err := s.stream(ctx, "sampling", s.set.Pick(sample), blockRows, func(block []float32, first int) error {
		parallel.For(len(block)/dim, func(_, i int) { h.Set(first+i, block[i*dim:(i+1)*dim]) })
		return nil
	})
	if err != nil {
		return err
	}
	return s.stream(ctx, "hubs", items, hubRows, func(block []float32, first int) error {
		biases := hubness[first : first+len(block)/dim]
		if err := h.BiasesOf(block, own[first:first+len(biases)], biases); err != nil {
			return err
		}
		for i := range biases {
			biases[i] /= knn.HubShare
		}
		return nil
	})
}

// search finds the nearest of all items, of as many at a time as there is room for.
func (s searching) search(ctx context.Context, g *Graph) error {
	n, dim := s.set.Len(), s.set.Dim()
	bias := make([]float32, n)
	for i, r := range g.hubness {
		bias[i] = knn.HubShare * r
	}
	for first := 0; first < n; first += s.together {
		items := make([]int, min(s.together, n-first))
		for i := range items {
			items[i] = first + i
		}
		// k others, each perhaps with its flip, and the item itself with its own.
		found, err := knn.New(len(items), dim, s.split, 2*(g.k+1))
		if err != nil {
			return err
		}
		err = s.stream(ctx, "reading", s.set.Pick(items), blockRows, func(block []float32, at int) error {
			parallel.For(len(block)/dim, func(_, i int) { found.SetQuery(at+i, block[i*dim:(i+1)*dim]) })
			return nil
		})
		if err != nil {
			return err
		}
		rows := min(blockRows, knn.Rows(len(items), dim))
		err = s.stream(ctx, "neighbours", s.set, rows, func(block []float32, at int) error {
			found.SearchBiased(block, bias[at:at+len(block)/dim], at)
			return nil
		})
		if err != nil {
			return err
		}
		for i, item := range items {
			g.take(item, found.Neighbours(i))
		}
	}
	return nil
}

// take keeps the nearest of those that were found for an item: others than the item, and each once.
func (g *Graph) take(item int, found []knn.Neighbour) {
	near := g.Near(item)[:0]
	for _, v := range found {
		same := func(o knn.Neighbour) bool { return o.Index == v.Index }
		if v.Index == item || len(near) == g.k || slices.ContainsFunc(near, same) {
			continue
		}
		v.Cosine += knn.HubShare * g.hubness[v.Index]
		near = append(near, v)
	}
}
