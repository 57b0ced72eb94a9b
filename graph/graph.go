package graph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

// Nearest is the number of neighbours that spreading labels was measured with ("The readout" in docs/research).
const Nearest = 10

// Equal is the cosine from which on two items are equal, but for the rounding of sums in float32.
const Equal = 1 - 1e-5

// Graph is the neighbour graph of a bank. It does not change, and may be used from many goroutines.
type Graph struct {
	k       int
	near    []knn.Neighbour // of each item k, the nearest first
	hubness []float32
	weights linalg.Sparse // W
	inverse []float32     // of the root of each row's sum of W; 0 for a row of zeros
}

// New finds the k nearest of each item of a set, of all others if there are fewer. It goes through the
// set a few times, which is thus best a file or an index. report, if not nil, is told how far a stage has come.
func New(ctx context.Context, set embedding.Set, k int, report func(stage string, done, total int)) (*Graph, error) {
	n := set.Len()
	if n < 2 || k < 1 {
		return nil, fmt.Errorf("graph: %s, %s of each: want at least 2 items and 1 neighbour", plural.Of(n, "item"), plural.Of(k, "neighbour"))
	}
	if report == nil {
		report = func(string, int, int) {}
	}
	return newGraph(ctx, searching{set, split(set), max(1, queryBytes/(5*set.Dim())), report}, min(k, n-1))
}

func newGraph(ctx context.Context, s searching, k int) (*Graph, error) {
	n := s.set.Len()
	g := &Graph{k: k, near: make([]knn.Neighbour, n*k), hubness: make([]float32, n)}
	own := make([]int, s.set.Len())
	for i := range own {
		own[i] = i
	}
	if err := s.measure(ctx, s.set, own, g.hubness); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	if err := s.search(ctx, g); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	g.connect()
	return g, nil
}

// Len is the number of items.
func (g *Graph) Len() int { return len(g.hubness) }

// Near are the nearest other items of item i, by their cosines less 0.7 of their hubness, nearest first. The cosines
// they have are the plain ones. Flip is set where the neighbour's flip is nearer than the neighbour. The slice is
// not to be changed.
func (g *Graph) Near(i int) []knn.Neighbour { return g.near[i*g.k : (i+1)*g.k] }

// Hubness is r of item i: the mean of its ten largest cosines to a sample of the bank.
func (g *Graph) Hubness(i int) float64 { return float64(g.hubness[i]) }

// Edges are row i of W: the items with a weight, in increasing order, and their weights. W is symmetric and
// has zeros on the diagonal. The slices are not to be changed.
func (g *Graph) Edges(i int) (items []uint32, weights []float32) {
	from, to := g.weights.Start[i], g.weights.Start[i+1]
	return g.weights.Column[from:to], g.weights.Value[from:to]
}

// Degree is the sum of row i of W.
func (g *Graph) Degree(i int) (sum float64) {
	_, weights := g.Edges(i)
	for _, w := range weights {
		sum += float64(w)
	}
	return sum
}

// Times writes S·x to y. Both have a row of so many columns for each item, row-major, and are not the same memory.
func (g *Graph) Times(y, x []float32, columns int) {
	const few = 64 // rows of a piece
	n := g.Len()
	y, x = y[:n*columns], x[:n*columns]
	parallel.For((n+few-1)/few, func(_, p int) {
		for i := p * few; i < min(n, (p+1)*few); i++ {
			row := y[i*columns : (i+1)*columns]
			clear(row)
			items, weights := g.Edges(i)
			for e, j := range items {
				w := g.inverse[i] * weights[e] * g.inverse[j]
				for c, v := range x[int(j)*columns : (int(j)+1)*columns] {
					row[c] += w * v
				}
			}
		}
	})
}

// connect makes W of the nearest of each item.
func (g *Graph) connect() {
	type edge struct {
		item   uint32
		weight float32
	}
	n := g.Len()
	rows := make([][]edge, n)
	for i := range n {
		for _, v := range g.Near(i) {
			if c := v.Cosine; c > 0 {
				half := c * c * c / 2
				rows[i] = append(rows[i], edge{uint32(v.Index), half})
				rows[v.Index] = append(rows[v.Index], edge{uint32(i), half})
			}
		}
	}
	w := linalg.Sparse{Start: make([]int, 1, n+1)}
	g.inverse = make([]float32, n)
	for _, row := range rows {
		slices.SortFunc(row, func(a, b edge) int { return cmp.Compare(a.item, b.item) })
		for k, e := range row {
			if k > 0 && row[k-1].item == e.item { // each is among the nearest of the other
				w.Value[len(w.Value)-1] += e.weight
				continue
			}
			w.Column, w.Value = append(w.Column, e.item), append(w.Value, e.weight)
		}
		w.Start = append(w.Start, len(w.Column))
	}
	g.weights = w
	for i := range n {
		if d := g.Degree(i); d > 0 {
			g.inverse[i] = float32(1 / math.Sqrt(d))
		}
	}
}
