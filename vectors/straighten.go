package vectors

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/sparse"
)

const (
	mostLandmarks = 1024 // atoms whose distances are kept
	// shrink, times the mean of its diagonal, is added to the diagonal of the normal equations.
	shrink = 1e-4
)

// straighten returns dims combinations of smooth coordinates: those that have, among all, the distances
// between atoms that are nearest to those along the manifold. It is multidimensional scaling (Torgerson 1952), of
// the distances that Isomap takes (Tenenbaum, de Silva and Langford, Science 2000), within the span of the
// coordinates U, L landmarks × m, weighted by the points w of each landmark:
//
//	min_Q ‖W^½ (UQQᵀUᵀ − B) W^½‖,   B = −½ H D² Hᵀ,   H = 1 − 1wᵀ,
//
// solved by the eigenvectors of RBRᵀ, R = (UᵀWU)⁻¹UᵀW. The embedding stays linear in codes, in units of the
// points' distances.
func straighten(ctx context.Context, kept []cooccur.Coordinate, src *vector.Source, coder *vector.Coder, dims int) ([]cooccur.Coordinate, error) {
	atoms := src.Atoms()
	n, m := min(atoms.Points.N(), mostLandmarks), len(kept)
	codes, err := coder.Encode(ctx, atoms.Points)
	if err != nil {
		return nil, err
	}
	weights, all := make([]float64, n), 0.0
	for a := range n {
		weights[a] = float64(atoms.Used[a])
		all += weights[a]
	}
	u, means := mat.NewDense(n, m, nil), make([]float64, m)
	for a := range n {
		weights[a] /= all
		for j, c := range kept {
			v := value(codes, a, c.Atoms)
			u.Set(a, j, v)
			means[j] += weights[a] * v
		}
	}
	weighted := mat.NewDense(n, m, nil) // WU
	for a := range n {
		for j := range m {
			v := u.At(a, j) - means[j]
			u.Set(a, j, v)
			weighted.Set(a, j, weights[a]*v)
		}
	}
	squares, err := landmarkSquares(ctx, atoms, n)
	if err != nil {
		return nil, err
	}
	centre(squares, weights)
	var normal, r, half, form mat.Dense
	normal.Mul(u.T(), weighted)
	ridge := shrink * mat.Trace(&normal) / float64(m)
	for j := range m {
		normal.Set(j, j, normal.At(j, j)+ridge)
	}
	if err := r.Solve(&normal, weighted.T()); err != nil {
		return nil, err
	}
	half.Mul(&r, squares)
	form.Mul(&half, r.T())
	return combine(kept, &form, dims), nil
}

// value is that of a coordinate for unit i of codes.
func value(codes *sparse.Codes, i int, p []float32) (sum float64) {
	for k := codes.Start[i]; k < codes.Start[i+1]; k++ {
		sum += float64(codes.Value[k]) / sparse.SoftUnit * float64(p[codes.Atom[k]])
	}
	return sum
}

// landmarkSquares are the squares of the shortest ways between the first n atoms. Those of
// atoms without points, which weigh nothing, are taken for half as long again as the longest.
func landmarkSquares(ctx context.Context, atoms *vector.AtomGraph, n int) (*mat.Dense, error) {
	squares := mat.NewDense(n, n, nil)
	longest := make([]float64, n)
	err := parallel.ForErr(ctx, n, func(_, a int) error {
		for b, d := range atoms.Distances(a)[:n] {
			squares.Set(a, b, d*d)
			if !math.IsInf(d, 1) {
				longest[a] = max(longest[a], d)
			}
		}
		return nil
	})
	most := 0.0
	for _, d := range longest {
		most = max(most, d)
	}
	for a := range n {
		for b := range n {
			if math.IsInf(squares.At(a, b), 1) {
				squares.Set(a, b, 2.25*most*most)
			}
		}
	}
	return squares, err
}

// centre makes −½ H D² Hᵀ of D².
func centre(squares *mat.Dense, weights []float64) {
	n := len(weights)
	rows, all := make([]float64, n), 0.0
	for a := range n {
		for b, w := range weights {
			rows[a] += w * squares.At(a, b)
		}
		all += weights[a] * rows[a]
	}
	for a := range n {
		for b := range n {
			squares.Set(a, b, -(squares.At(a, b)-rows[a]-rows[b]+all)/2)
		}
	}
}

// combine are the combinations of coordinates that the largest eigenvectors of form are, each times the root of its
// eigenvalue, and of the sign of its largest element.
func combine(kept []cooccur.Coordinate, form *mat.Dense, dims int) []cooccur.Coordinate {
	m := len(kept)
	symmetric := mat.NewSymDense(m, nil)
	for i := range m {
		for j := range i + 1 {
			symmetric.SetSym(i, j, (form.At(i, j)+form.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	eigen.Factorize(symmetric, true) // which fails for infinite values alone
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	all := make([]cooccur.Coordinate, dims)
	for d := range all {
		column := mat.Col(nil, m-1-d, &vectors)
		largest := 0.0
		for _, x := range column {
			if math.Abs(x) > math.Abs(largest) {
				largest = x
			}
		}
		scale := math.Copysign(math.Sqrt(max(0, values[m-1-d])), largest)
		sums := make([]float64, len(kept[0].Atoms))
		for j, c := range kept {
			for a, x := range c.Atoms {
				sums[a] += scale * column[j] * float64(x)
			}
		}
		all[d].Atoms = make([]float32, len(sums))
		for a, x := range sums {
			all[d].Atoms[a] = float32(x)
		}
	}
	return all
}
