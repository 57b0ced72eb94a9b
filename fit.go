package smt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/spectral"
)

// Fit learns a model from the images of src. Labels are not used. The model
// depends on the images, cfg and cfg.Seed, not on the number of workers.
//
// All images are read first: one that cannot be read is found before any long work.
func Fit(ctx context.Context, src dataset.Source, cfg Config, list ...Option) (*Model, error) {
	if err := cfg.check(src); err != nil {
		return nil, err
	}
	o := apply(list)
	images, err := fingerprint(ctx, src, o)
	if err != nil {
		return nil, err
	}
	e, err := NewEncoder(ctx, src, cfg, list...)
	if err != nil {
		return nil, err
	}
	views := e.views(bounded(src, cfg.Images, cfg.Seed+1))
	k, err := e.begin(images, views.Len(), o)
	if err != nil {
		return nil, err
	}
	o.counted = k.counted
	if k.done, err = e.collect(ctx, views, k.done, k.s, o); err != nil {
		return nil, k.stopped(ctx, err)
	}
	k.rest()
	m, err := e.solve(ctx, k.s, o)
	if err != nil {
		return nil, k.stopped(ctx, err)
	}
	m.data.Fingerprint = images
	m.data.Images = src.Len()
	m.data.Depth = dataset.Depth(src)
	return m, nil
}

// VICReg holds the terms of the VICReg objective (Bardes, Ponce and LeCun, ICLR
// 2022) of the patch embedding, over the images it was learned from. SMT minimises
// the first under hard constraints that fix the other two.
type VICReg struct {
	// Invariance is E‖β_i − β_ctx(i)‖², tr PLPᵀ. It equals EigenvalueSum.
	Invariance float64 `json:"invariance"`
	// Variance is the mean variance of a coordinate, tr PVPᵀ/d. It equals 1.
	Variance float64 `json:"variance"`
	// Covariance is the sum of the squared covariances of different
	// coordinates, over d. It equals 0.
	Covariance float64 `json:"covariance"`
	// EigenvalueSum is the sum of the d eigenvalues kept.
	EigenvalueSum float64 `json:"eigenvalue_sum"`
}

// coordinate is one row of the linear map P.
type coordinate struct {
	value  float64
	row    []float32 // Atoms values
	parity int8      // under flips: 1, −1, or 0 without them
}

// Solve makes a model of the encoder and the statistics of its codes.
func (e *Encoder) Solve(ctx context.Context, s *cooccur.Statistics, list ...Option) (*Model, error) {
	if err := e.check(s); err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	return e.solve(ctx, s, apply(list))
}

func (e *Encoder) solve(ctx context.Context, s statistics, o options) (*Model, error) {
	p := e.problem(s, o)
	if p.coded == 0 {
		return nil, fmt.Errorf("smt: none of the patches of %d images has an atom with cosine %g: lower the threshold", p.images, e.cfg.Threshold)
	}
	o.report("solving", 0, 1)
	want := e.cfg.Skip + e.cfg.Dims
	all, err := e.smallest(ctx, p, want)
	if err != nil {
		return nil, err
	}
	kept := all[e.cfg.Skip:want]
	vicreg, err := objective(ctx, p, kept) // of the solution, before it is rounded
	if err != nil {
		return nil, err
	}
	roundToWords(all[:want])
	m := newModel(e, kept)
	m.dropped = slices.Clone(all[:e.cfg.Skip])
	m.vicreg = vicreg
	m.data = e.dataOf(p)
	o.report("solving", 1, 1)
	return m, nil
}

// smallest returns the n coordinates with the smallest eigenvalues, smallest first.
func (e *Encoder) smallest(ctx context.Context, p problem, n int) ([]coordinate, error) {
	var sizes []int
	for _, b := range p.bases {
		sizes = append(sizes, b.Size())
	}
	parts, err := spectral.Parts(sizes, n, func(part, n int, beside []float64) (*spectral.Solution, error) {
		return e.solvePart(ctx, p, p.bases[part], n, beside)
	})
	if err != nil {
		return nil, err
	}
	var all []coordinate
	for i, solution := range parts {
		all = append(all, e.coordinates(p.bases[i], solution)...)
	}
	slices.SortStableFunc(all, byValue)
	if len(all) < n {
		return nil, fmt.Errorf("smt: %d coordinates wanted after %d skipped, the problem has %d", e.cfg.Dims, e.cfg.Skip, len(all))
	}
	return all[:n], nil
}

func byValue(a, b coordinate) int { return cmp.Compare(a.value, b.value) }

// solvePart finds the coordinates of the part that b spans that are among the n
// smoothest of these and those with the values beside.
func (e *Encoder) solvePart(ctx context.Context, p problem, b cooccur.Basis, n int, beside []float64) (*spectral.Solution, error) {
	if err := ctx.Err(); err != nil { // factoring, which is first, does not look
		return nil, err
	}
	solution, err := p.solve(ctx, b, n, beside)
	var singular *spectral.SingularError
	if errors.As(err, &singular) {
		cause := "its codes are a combination of other atoms', or there are fewer patches than atoms"
		if singular.Empty {
			cause = "no patch uses it"
		}
		return nil, fmt.Errorf("smt: V cannot be factored at atom %d: %s: use more images, fewer atoms or a larger ridge than %g: %w",
			b.Atom(singular.Row), cause, e.cfg.Ridge, err)
	}
	return solution, err
}

// coordinates are the rows of P that a solution on the codes that b spans leads to.
func (e *Encoder) coordinates(b cooccur.Basis, s *spectral.Solution) []coordinate {
	all := make([]coordinate, len(s.Values))
	for i, value := range s.Values {
		row := make([]float32, e.dict.N())
		b.Expand(s.Vectors.Row(i), row)
		all[i] = coordinate{value, row, int8(b.Parity)}
	}
	return all
}

// objective computes the VICReg terms from the statistics and P alone: nothing
// of the solver enters but the eigenvalues that are compared with.
func objective(ctx context.Context, p problem, kept []coordinate) (VICReg, error) {
	d := len(kept)
	var v VICReg
	covariance := make([]float64, d*d)
	for _, b := range p.bases {
		var part []int // rows of P that do not vanish on b
		for i, c := range kept {
			if int(c.parity) == b.Parity {
				part = append(part, i)
			}
		}
		if len(part) == 0 {
			continue
		}
		atoms := linalg.New(len(part), len(kept[0].row))
		for k, i := range part {
			copy(atoms.Row(k), kept[i].row)
			v.EigenvalueSum += kept[i].value
		}
		variance, invariance, err := p.forms(ctx, b, b.Restrict(atoms))
		if err != nil {
			return v, err
		}
		v.Invariance += trace(invariance)
		for k, i := range part {
			for l, j := range part {
				covariance[i*d+j] = float64(variance.At(k, l))
			}
		}
	}
	for i := range d {
		for j := range d {
			if x := covariance[i*d+j]; i == j {
				v.Variance += x / float64(d)
			} else {
				v.Covariance += x * x / float64(d)
			}
		}
	}
	return v, nil
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

func trace(m linalg.Matrix) (t float64) {
	for i := range m.Rows {
		t += float64(m.At(i, i))
	}
	return t
}
