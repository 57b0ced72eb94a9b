package shapes

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

// centred is points less their mean, in float64.
func centred(p *vector.Points) *mat.Dense {
	m := mat.NewDense(p.N(), p.Dim, nil)
	for j := range p.Dim {
		mean := 0.0
		for i := range p.N() {
			mean += float64(p.Row(i)[j]) / float64(p.N())
		}
		for i := range p.N() {
			m.Set(i, j, float64(p.Row(i)[j])-mean)
		}
	}
	return m
}

// largestAngle is the largest principal angle between the spaces of the columns of two sets of as many points, in
// degrees.
func largestAngle(x, y *vector.Points) float64 {
	basis := func(p *vector.Points) *mat.Dense {
		var svd mat.SVD
		svd.Factorize(centred(p), mat.SVDThin)
		var u mat.Dense
		svd.UTo(&u)
		return &u
	}
	var product mat.Dense
	product.Mul(basis(x).T(), basis(y))
	var svd mat.SVD
	svd.Factorize(&product, mat.SVDNone)
	values := svd.Values(nil)
	return math.Acos(min(1, values[len(values)-1])) * 180 / math.Pi
}

// outOfSample fits to nine of ten points, embeds the others, and compares with where a fit to all of them has
// them: how far away they are, turned and mirrored so that the nine agree best, as a part of the deviation of all, and the part
// of the nearest of the nine that are the same.
func outOfSample(ctx context.Context, all *vector.Points, c vectors.Config, refit *vectors.Model) (away, same float64, err error) {
	first := &vector.Points{Dim: all.Dim, X: all.X[:all.N()*9/10*all.Dim]}
	m, err := vectors.Fit(ctx, first, c, manifold.Run{})
	if err != nil {
		return 0, 0, err
	}
	x, err := m.Embed(ctx, all)
	if err != nil {
		return 0, 0, err
	}
	y, err := refit.Embed(ctx, all)
	if err != nil {
		return 0, 0, err
	}
	d, n := m.Dim(), first.N()
	ours, theirs := centred(&vector.Points{Dim: d, X: x}), centred(&vector.Points{Dim: d, X: y})
	var product, u, v, turn, turned, off mat.Dense
	product.Mul(ours.Slice(0, n, 0, d).T(), theirs.Slice(0, n, 0, d))
	var svd mat.SVD
	svd.Factorize(&product, mat.SVDThin)
	svd.UTo(&u)
	svd.VTo(&v)
	turn.Mul(&u, v.T())
	turned.Mul(ours, &turn)
	off.Sub(&turned, theirs)
	part := mat.Norm(off.Slice(n, all.N(), 0, d), 2) / math.Sqrt(float64(all.N()-n))
	away = part / (mat.Norm(theirs, 2) / math.Sqrt(float64(all.N())))
	return away, sameNearest(&vector.Points{Dim: d, X: x}, &vector.Points{Dim: d, X: y}, n), nil
}

// sameNearest is the part of the nearest of the first n points, of each of the others, that are the same for x and for y.
func sameNearest(x, y *vector.Points, n int) float64 {
	counts := make([]int, x.N()-n)
	parallel.For(len(counts), func(_, i int) {
		near := nearestOf(x, n+i, n)
		for _, j := range nearestOf(y, n+i, n) {
			if slices.Contains(near, j) {
				counts[i]++
			}
		}
	})
	sum := 0
	for _, c := range counts {
		sum += c
	}
	return float64(sum) / float64(neighbours*len(counts))
}

// nearestOf are the neighbours nearest to point i among the first n.
func nearestOf(p *vector.Points, i, n int) []int {
	squares, order := make([]float64, n), make([]int, n)
	for j := range n {
		order[j] = j
		for k, v := range p.Row(j) {
			d := float64(v) - float64(p.Row(i)[k])
			squares[j] += d * d
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(squares[a], squares[b]), cmp.Compare(a, b)) })
	return order[:neighbours]
}
