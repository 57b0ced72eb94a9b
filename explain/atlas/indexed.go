package atlas

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
	"github.com/sparse-manifold/smt/layout"
	"github.com/sparse-manifold/smt/outliers"
)

// Grouping says into how many groups items are put: K of them, 0 for what their graph says. The search for them begins
// with the seed.
type Grouping struct {
	K    int
	Seed uint64
}

// OfIndex lays out the items of an index by t-SNE of their neighbour graph. Their kinds are the class, if they have any, and
// the group, which comes last; the score is that of outliers. Title and Tile are left to the caller.
func OfIndex(ctx context.Context, x *index.Index, g *graph.Graph, in Grouping, report func(stage string, done, total int)) (*Map, error) {
	found, err := groups.Find(ctx, g, in.K, in.Seed, report)
	if err != nil {
		return nil, err
	}
	m := &Map{Items: x}
	if m.Kinds, err = classesOf(x); err != nil {
		return nil, err
	}
	m.Kinds = append(m.Kinds, groupKinds(found))
	odd := Scores{Name: "outlier score", Of: make([]float64, x.Len())}
	for _, s := range outliers.Scores(g) {
		odd.Of[s.Item] = s.Distance
	}
	m.Scores = []Scores{odd}
	near := make([][]layout.Near, x.Len())
	m.Near = make([][]knn.Neighbour, x.Len())
	for i := range near {
		m.Near[i] = g.Near(i)
		for _, n := range m.Near[i] {
			near[i] = append(near[i], layout.Near{Index: int32(n.Index), Square: 2 - 2*n.Cosine})
		}
	}
	start, err := firstTwo(ctx, x)
	if err != nil {
		return nil, err
	}
	// All neighbours count alike: of a graph of so few, that keeps more neighbourhoods than a Gaussian does.
	m.Places, err = layout.TSNE(ctx, layout.Gaussian(near, graph.Nearest), start, func(done, total int) { report("map", done, total) })
	return m, err
}

// classesOf is the classes of items, if they have any.
func classesOf(x *index.Index) ([]Kinds, error) {
	k := Kinds{Name: "class", Names: slices.Sorted(slices.Values(x.Classes())), Of: make([]int, x.Len())}
	if len(k.Names) == 0 {
		return nil, nil
	}
	number := map[string]int{"": -1}
	for c, name := range k.Names {
		number[name] = c
	}
	for i := range k.Of {
		item, err := x.Item(i)
		if err != nil {
			return nil, err
		}
		k.Of[i] = number[item.Label]
	}
	return []Kinds{k}, nil
}

func groupKinds(found *groups.Groups) Kinds {
	k := Kinds{Name: "group", Of: found.Of}
	for i, members := range found.Members {
		k.Names = append(k.Names, fmt.Sprintf("group %d, %s", i+1, plural.Of(len(members), "image")))
	}
	return k
}

// firstTwo are the first two values of each row, where a layout begins.
func firstTwo(ctx context.Context, x *index.Index) ([]layout.Point, error) {
	var start []layout.Point
	for b, err := range x.Blocks(ctx, embedding.Block) {
		if err != nil {
			return nil, err
		}
		for at := 0; at < len(b); at += x.Dim() {
			start = append(start, layout.Point{X: float64(b[at]), Y: float64(b[at+min(1, x.Dim()-1)])})
		}
	}
	return start, nil
}
