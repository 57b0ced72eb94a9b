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
	n := len(start)
	if n < 5 {
		return slices.Clone(start), nil // too few to have neighbours
	}
	perplexity = min(perplexity, float64(n-1)/4)
	return layout.TSNE(ctx, layout.Gaussian(nearest(x, d, min(n-1, int(3*perplexity))), perplexity), start, progress)
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
