package explain

import (
	"cmp"
	"context"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/layout"
)

// Point is a place in the plane.
type Point = layout.Point

// Plane is TSNE of vectors that begins where their first two values lie.
func Plane(ctx context.Context, x []float32, d int, perplexity float64, progress func(done, total int)) ([]Point, error) {
	var start []Point
	for v := range slices.Chunk(x, d) {
		start = append(start, Point{X: float64(v[0]), Y: float64(v[min(1, d-1)])})
	}
	return TSNE(ctx, x, d, start, perplexity, progress)
}

// TSNE lays out vectors, n × d, in the plane so that those with a large cosine
// are neighbours (layout.TSNE). It goes on from the given start, whose scale does not matter. The
// n × n cosines are held in memory, which is meant for some thousands of vectors.
func TSNE(ctx context.Context, x []float32, d int, start []Point, perplexity float64, progress func(done, total int)) ([]Point, error) {
	near, perplexity := nearestOf(x, d, perplexity)
	return tsne(ctx, near, start, perplexity, progress)
}

// nearestOf are the neighbours of vectors that a layout is made of, and its perplexity, which is less for few of them.
func nearestOf(x []float32, d int, perplexity float64) ([][]layout.Near, float64) {
	n := len(x) / d
	if n < fewest {
		return nearest(x, d, max(0, n-1)), 0
	}
	perplexity = min(perplexity, float64(n-1)/4)
	return nearest(x, d, min(n-1, int(3*perplexity))), perplexity
}

// fewest are as many points as have neighbours.
const fewest = 5

func tsne(ctx context.Context, near [][]layout.Near, start []Point, perplexity float64, progress func(done, total int)) ([]Point, error) {
	if len(start) < fewest {
		return slices.Clone(start), nil
	}
	return layout.TSNE(ctx, layout.Gaussian(near, perplexity), start, progress)
}

// nearest are the k vectors of largest cosine to each one.
func nearest(x []float32, d, k int) [][]layout.Near {
	n := len(x) / d
	unit := slices.Clone(x)
	for i := range n {
		toUnit(row(unit, i, d))
	}
	cosines := linalg.New(n, n)
	linalg.AddMul(cosines, 1, linalg.Wrap(n, d, unit), linalg.Wrap(n, d, unit).T())
	near := make([][]layout.Near, n)
	parallel.For(n, func(_, i int) {
		c := cosines.Row(i)
		order := make([]int, 0, n-1)
		for j := range n {
			if j != i {
				order = append(order, j)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(c[b], c[a]), a-b) })
		for _, j := range order[:k] {
			near[i] = append(near[i], layout.Near{Index: int32(j), Square: 2 - 2*c[j]}) // ‖x_i − x_j‖²
		}
	})
	return near
}
