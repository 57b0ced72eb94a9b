package patch

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Whiten returns t with the ZCA matrix of the centred patches p of the images of src,
// (E[ppᵀ] + ridge·I)^(−1/2). The second moment is taken about zero, as nothing but the mean of Center is
// subtracted where the matrix is applied. With flips, every image counts as itself and its left-right
// flip, so that whitening commutes with flipping.
//
// Moments are summed in float32 over groups of images, and in float64 over groups. The bounds of the
// groups do not depend on the number of workers.
func (t Transform) Whiten(ctx context.Context, src dataset.Source, ridge float64, flips bool) (*Transform, error) {
	dim := t.Dim()
	moment := mat.NewSymDense(dim, nil)
	var count float64
	const group = 64 // images summed in float32 before they join the float64 sum
	n := (src.Len() + group - 1) / group
	workers := parallel.Workers(n)
	type partial struct {
		sum   linalg.Matrix
		count float64
	}
	scratch := make([]Patches, workers)
	pixels := make([][]uint8, workers)
	for g0 := 0; g0 < n; g0 += workers {
		parts := make([]partial, min(workers, n-g0))
		err := parallel.ForErr(ctx, len(parts), func(w, i int) error {
			if pixels[w] == nil {
				pixels[w] = make([]uint8, src.Shape().Len())
			}
			parts[i].sum = linalg.New(dim, dim)
			first := (g0 + i) * group
			for k := first; k < min(first+group, src.Len()); k++ {
				if err := src.Image(k, pixels[w]); err != nil {
					return err
				}
				cut := t.Cut(pixels[w], src.Shape(), nil)
				// Bands of whole linalg.SumRows, so that the sum does not depend on them.
				for from := 0; from < cut.Len(); from += t.BandLen() {
					if err := ctx.Err(); err != nil {
						return err
					}
					p := &scratch[w]
					cut.centred(from, min(from+t.BandLen(), cut.Len()), p)
					for j, b := range p.Blank {
						if b {
							clear(p.raw.Row(j))
						} else {
							parts[i].count++
						}
					}
					linalg.AddMulSerial(parts[i].sum, p.raw.T(), p.raw)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			count += part.count
			for i := range dim {
				for j := i; j < dim; j++ {
					moment.SetSym(i, j, moment.At(i, j)+float64(part.sum.At(i, j)))
				}
			}
		}
	}
	if count == 0 {
		return nil, fmt.Errorf("patch: whitening: every patch of %s is blank", plural.Of(src.Len(), "image"))
	}
	moment.ScaleSym(1/count, moment)
	if flips {
		moment = t.withFlips(moment)
	}
	var root []float32
	var err error
	// The decomposition is a library's and cannot be stopped. Of large patches it takes minutes.
	if left := parallel.Leave(ctx, func() { root, err = inverseRoot(moment, ridge) }); left != nil {
		return nil, left
	}
	if err != nil {
		return nil, err
	}
	t.Whitening = root
	if err := t.Check(ridge); err != nil {
		other := "larger"
		if ridge > 1 { // which takes no eigenvalue of W beyond a bound, but all below what float32 has
			other = "smaller"
		}
		return nil, fmt.Errorf("patch: whitening: %w; choose a %s epsilon than %g", err, other, ridge)
	}
	return &t, nil
}

// withFlips is the moment of patches and their flips, m being that of the patches.
func (t *Transform) withFlips(m *mat.SymDense) *mat.SymDense {
	out := mat.NewSymDense(t.Dim(), nil)
	for i := range t.Dim() {
		for j := i; j < t.Dim(); j++ {
			out.SetSym(i, j, (m.At(i, j)+m.At(t.FlipIndex(i), t.FlipIndex(j)))/2)
		}
	}
	return out
}

// FlipIndex is the place that value i of a patch has in the flipped patch.
func (t *Transform) FlipIndex(i int) int {
	line := t.Size * t.Channels
	x := i % line / t.Channels
	return i + (t.Size-1-2*x)*t.Channels
}

// Flip is FlipIndex of all values of a patch.
func (t *Transform) Flip() []int {
	flip := make([]int, t.Dim())
	for i := range flip {
		flip[i] = t.FlipIndex(i)
	}
	return flip
}

// inverseRoot is (m + ridge·I)^(−1/2).
func inverseRoot(m *mat.SymDense, ridge float64) ([]float32, error) {
	n := m.SymmetricDim()
	var eig mat.EigenSym
	if !eig.Factorize(m, true) {
		return nil, fmt.Errorf("patch: whitening: the eigendecomposition of the %d × %d patch covariance did not converge", n, n)
	}
	values := eig.Values(nil)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	if low := values[0] + ridge; !(low > 0) {
		return nil, fmt.Errorf("patch: whitening: the patch covariance is singular (smallest eigenvalue %.3g) and epsilon is %g; choose a larger epsilon", values[0], ridge)
	}
	scaled := mat.NewDense(n, n, nil)
	for j, v := range values {
		s := 1 / math.Sqrt(v+ridge)
		for i := range n {
			scaled.Set(i, j, vectors.At(i, j)*s)
		}
	}
	var root mat.Dense
	root.Mul(scaled, vectors.T())
	out := make([]float32, n*n)
	for i := range n {
		for j := range n {
			out[i*n+j] = float32(root.At(i, j))
		}
	}
	return out, nil
}
