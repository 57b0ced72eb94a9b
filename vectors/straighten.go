package vectors

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/sparse"
)

// shrink, times the mean of its diagonal, is added to the diagonal of the normal equations.
const shrink = 1e-4

// straightener finds combinations of the first smooth coordinates: those that have, among all, the distances
// between atoms that are nearest to those along the manifold. It is multidimensional scaling (Torgerson 1952), of
// the distances that Isomap takes (Tenenbaum, de Silva and Langford, Science 2000), within the span of the
// coordinates U, L landmarks × m, weighted by the points w of each landmark:
//
//	min_Q ‖W^½ (UQQᵀUᵀ − B) W^½‖,   B = −½ H D² Hᵀ,   H = 1 − 1wᵀ,
//
// solved by the eigenvectors of N⁻¹GN⁻¹, N = UᵀWU, G = UᵀWBWU. Of the first s coordinates N and G are the first s rows and
// columns. The embedding stays linear in codes, in units of the points' distances.
type straightener struct {
	normal, form *mat.Dense // N and G, m × m
}

func newStraightener(l *landmarks, kept []cooccur.Coordinate) *straightener {
	n, m := len(l.weights), len(kept)
	u, means := mat.NewDense(n, m, nil), make([]float64, m)
	for a, weight := range l.weights {
		for j, c := range kept {
			v := value(l.codes, a, c.Atoms)
			u.Set(a, j, v)
			means[j] += weight * v
		}
	}
	weighted := mat.NewDense(n, m, nil) // WU
	for a, weight := range l.weights {
		for j := range m {
			v := u.At(a, j) - means[j]
			u.Set(a, j, v)
			weighted.Set(a, j, weight*v)
		}
	}
	var half mat.Dense
	s := &straightener{new(mat.Dense), new(mat.Dense)}
	s.normal.Mul(u.T(), weighted)
	half.Mul(l.products, weighted)
	s.form.Mul(weighted.T(), &half)
	return s
}

// weights are Q, smooth × dims, for the first so many smooth coordinates.
func (s *straightener) weights(smooth, dims int) (*mat.Dense, error) {
	normal := mat.DenseCopyOf(s.normal.Slice(0, smooth, 0, smooth))
	ridge := shrink * mat.Trace(normal) / float64(smooth)
	for j := range smooth {
		normal.Set(j, j, normal.At(j, j)+ridge)
	}
	var half, form mat.Dense
	if err := half.Solve(normal, s.form.Slice(0, smooth, 0, smooth)); err != nil {
		return nil, err
	}
	if err := form.Solve(normal, half.T()); err != nil {
		return nil, err
	}
	return largest(&form, dims), nil
}

// value is that of a coordinate for unit i of codes.
func value(codes *sparse.Codes, i int, p []float32) (sum float64) {
	for k := codes.Start[i]; k < codes.Start[i+1]; k++ {
		sum += float64(codes.Value[k]) / sparse.SoftUnit * float64(p[codes.Atom[k]])
	}
	return sum
}

// largest are the eigenvectors of form with the largest eigenvalues, in columns, each times the root of its
// eigenvalue, and of the sign of its largest element.
func largest(form *mat.Dense, dims int) *mat.Dense {
	m, _ := form.Dims()
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
	q := mat.NewDense(m, dims, nil)
	for d := range dims {
		column := mat.Col(nil, m-1-d, &vectors)
		most := 0.0
		for _, x := range column {
			if math.Abs(x) > math.Abs(most) {
				most = x
			}
		}
		scale := math.Copysign(math.Sqrt(max(0, values[m-1-d])), most)
		for j, x := range column {
			q.Set(j, d, scale*x)
		}
	}
	return q
}

// combined are the combinations q of coordinates.
func combined(kept []cooccur.Coordinate, q *mat.Dense) []cooccur.Coordinate {
	_, dims := q.Dims()
	all := make([]cooccur.Coordinate, dims)
	for d := range all {
		sums := make([]float64, len(kept[0].Atoms))
		for j, c := range kept {
			for a, x := range c.Atoms {
				sums[a] += q.At(j, d) * float64(x)
			}
		}
		all[d].Atoms = make([]float32, len(sums))
		for a, x := range sums {
			all[d].Atoms[a] = float32(x)
		}
	}
	return all
}
