package cooccur

import (
	"context"
	"runtime/debug"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// pencil is the pair of quadratic forms V and L, both n × n and symmetric, on a
// space of codes. Rows are whole blocks of 32 values apart, with zeros between.
type pencil struct {
	Basis
	V, L linalg.Matrix
}

// elements returns elements (i, j) of V and L of s on the codes that b spans, in float64.
func (s *Dense) elements(b Basis) func(i, j int) (v, l float64) {
	unit := float64(s.Denominator) * float64(s.Denominator)
	vScale := 1 / (unit * float64(max(1, s.Coded)))
	var lScale float64
	switch {
	case s.Context.Kind == Whole:
		lScale = vScale / (float64(s.weightScale()) * (1 << weightBits))
	case s.Context.Difference == 1:
		lScale = 2 / (unit * float64(max(1, s.Pairs)))
	default:
		lScale = 1 / (unit * (1 << (2 * meanBits)) * float64(max(1, s.Inner)))
	}
	return func(i, j int) (v, l float64) {
		v, l = vScale*b.sum(s.V, i, j), lScale*b.sum(s.M, i, j)
		if s.Context.Kind == Whole {
			l = v - l // E[(φ−μ)(φ−μ)ᵀ] = E[φφᵀ] − E[μμᵀ]
		}
		return v, l
	}
}

// pencil returns V and L of s on the codes that b spans.
func (s *Dense) pencil(b Basis) pencil {
	n := b.Size()
	p := pencil{Basis: b, V: linalg.NewPadded(n, n), L: linalg.NewPadded(n, n)}
	stride, element := p.V.RowStride, s.elements(b)
	parallel.For(n, func(_, i int) {
		for j := range i + 1 {
			v, l := element(i, j)
			p.V.Data[i*stride+j], p.L.Data[i*stride+j] = float32(v), float32(l)
		}
	})
	linalg.MirrorLower(p.V)
	linalg.MirrorLower(p.L)
	return p
}

// Usage is the diagonal of V.
func (s *Dense) Usage() []float64 {
	usage := make([]float64, s.Atoms)
	for a := range usage {
		usage[a] = float64(s.V[a*(a+1)/2+a]) / float64(max(1, s.Coded)) / float64(s.Denominator*s.Denominator)
	}
	return usage
}

// reclaim gives memory back before matrices of size n are made, if these are as large as anything: the last ones must be
// gone. For small ones it would take longer than to solve the problem.
func reclaim(n int) {
	const large = 1024 // 4 MiB a matrix
	if n >= large {
		debug.FreeOSMemory()
	}
}

// Smallest solves with both matrices in memory.
func (s *Dense) Smallest(ctx context.Context, b Basis, n int, beside []float64, search Search) ([]Coordinate, error) {
	reclaim(b.Size())
	p := s.pencil(b)
	found, err := spectral.Smallest(ctx, p.V, p.L, spectral.Search{K: n, Beside: beside, Ridge: search.Ridge, Seed: search.Seed})
	if err != nil {
		return nil, err
	}
	return b.coordinates(found, s.Atoms), nil
}

// Forms multiplies with the matrices.
func (s *Dense) Forms(ctx context.Context, b Basis, rows [][]float32) (v, l []float32, err error) {
	reclaim(b.Size())
	p, y := s.pencil(b), b.restrictRows(rows)
	vy, err := form(ctx, y, p.V)
	if err != nil {
		return nil, nil, err
	}
	ly, err := form(ctx, y, p.L)
	return vy.Data, ly.Data, err
}

// form is y·q·yᵀ.
func form(ctx context.Context, y, q linalg.Matrix) (linalg.Matrix, error) {
	yq := linalg.New(y.Rows, q.Cols)
	if err := linalg.AddMulUntil(ctx, yq, 1, y, q); err != nil {
		return linalg.Matrix{}, err
	}
	f := linalg.New(y.Rows, y.Rows)
	linalg.AddMul(f, 1, yq, y.T())
	return f, nil
}

// sum is element (i, j) of the form with the sums t.
func (b *Basis) sum(t []int64, i, j int) float64 {
	a0, a1, b0, b1 := int(b.first[i]), int(b.second[i]), int(b.first[j]), int(b.second[j])
	if b.Parity == 0 {
		return float64(at(t, a0, b0))
	}
	return b.element(i, j, at(t, a0, b0)+at(t, a1, b1), at(t, a0, b1)+at(t, a1, b0))
}

// at is element (a, b) of a symmetric matrix given by its lower triangle.
func at(t []int64, a, b int) int64 {
	if a < b {
		a, b = b, a
	}
	return t[a*(a+1)/2+b]
}
