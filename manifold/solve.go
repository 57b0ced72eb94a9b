package manifold

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Solution is what was learned.
type Solution struct {
	// Kept are the coordinates of an embedding, smoothest first, and Dropped those before
	// them.
	Kept, Dropped []cooccur.Coordinate
	VICReg        VICReg
	Of            cooccur.Summary // what the statistics were of
	// Atoms are those that coordinates have values at, in increasing order; nil for all. Sparse
	// statistics alone leave any out, those that co-occur with none of these, where values are 0.
	Atoms []int32
}

// VICReg holds the terms of the VICReg objective (Bardes, Ponce and LeCun, ICLR
// 2022) of the embedding of units, over the groups it was learned from. SMT minimises
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

// Solve finds the smoothest coordinates of statistics of e's codes. Sparse statistics whose atoms are in
// pieces are solved for the largest of them, or a PiecesError.
func (e *Encoder) Solve(ctx context.Context, s cooccur.Statistics, progress Progress) (*Solution, error) {
	if err := e.Check(s); err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	of, names := s.Of(), e.cfg.Names
	if of.Coded == 0 {
		if e.coder == nil {
			return nil, fmt.Errorf("smt: none of the %s of all %s, %d, has a code", names.Units, names.Groups, of.Groups)
		}
		return nil, fmt.Errorf("smt: none of the %s of all %s, %d, has an atom with cosine %g: lower the threshold", names.Units, names.Groups, of.Groups, e.cfg.Threshold)
	}
	bases, atoms, err := e.basesOf(s)
	if err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	if counts, is := s.(*cooccur.Sparse); is {
		s = counts.Transformed(e.cfg.Transform)
	}
	progress.report("solving", 0, 1)
	want := e.cfg.Skip + e.cfg.Dims
	all, err := e.smallest(ctx, s, bases, want, progress)
	if err != nil {
		return nil, err
	}
	vicreg, err := e.objective(bases, all[e.cfg.Skip:], func(b cooccur.Basis, rows [][]float32) (v, l []float64, err error) {
		v32, l32, err := s.Forms(ctx, b, rows)
		return float64s(v32), float64s(l32), err
	})
	if err != nil {
		return nil, err
	}
	if counts, is := s.(*cooccur.Dense); is && vicreg.Unmet() != nil {
		if all, vicreg, err = e.refined(ctx, counts, bases, all); err != nil {
			return nil, err
		}
	}
	kept := all[e.cfg.Skip:]
	progress.report("solving", 1, 1)
	return &Solution{Kept: kept, Dropped: slices.Clone(all[:e.cfg.Skip]), VICReg: vicreg, Of: of, Atoms: atoms}, nil
}

// bases are those that the problem is solved on, each by itself.
func (e *Encoder) bases() []cooccur.Basis { return cooccur.Bases(e.atoms, e.mirror) }

// smallest returns the n coordinates with the smallest eigenvalues, smallest first.
func (e *Encoder) smallest(ctx context.Context, s cooccur.Statistics, bases []cooccur.Basis, n int, progress Progress) ([]cooccur.Coordinate, error) {
	var sizes []int
	for _, b := range bases {
		sizes = append(sizes, b.Size())
	}
	found, err := spectral.Bases(sizes, n, eigenvalues, func(basis, n int, beside []float64) ([]cooccur.Coordinate, error) {
		return e.solveOn(ctx, s, bases[basis], n, beside, progress)
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(found...)
	slices.SortStableFunc(all, byValue)
	if len(all) < n {
		return nil, fmt.Errorf("smt: %s wanted after %d skipped, the problem has %d", plural.Of(e.cfg.Dims, "coordinate"), e.cfg.Skip, len(all))
	}
	return all[:n], nil
}

func byValue(a, b cooccur.Coordinate) int { return cmp.Compare(a.Eigenvalue, b.Eigenvalue) }

func eigenvalues(all []cooccur.Coordinate) (values []float64) {
	for _, c := range all {
		values = append(values, c.Eigenvalue)
	}
	return values
}

// solveOn solves on the codes that b spans. It returns all coordinates that are among the n smoothest of both
// bases, and maybe more. beside are eigenvalues on the other basis, or nil.
func (e *Encoder) solveOn(ctx context.Context, s cooccur.Statistics, b cooccur.Basis, n int, beside []float64, progress Progress) ([]cooccur.Coordinate, error) {
	if err := ctx.Err(); err != nil { // factoring, which is first, does not look
		return nil, err
	}
	stage := map[int]string{0: "solving", 1: "solving even part", -1: "solving odd part"}[b.Parity]
	found, err := s.Smallest(ctx, b, n, beside, cooccur.Search{Ridge: e.cfg.Ridge, Seed: e.cfg.Seed, Progress: func(done, total int) {
		progress.report(stage, done, total)
	}})
	var singular *spectral.SingularError
	if errors.As(err, &singular) {
		names := e.cfg.Names
		cause := fmt.Sprintf("its codes are a combination of other atoms', or there are fewer %s than atoms", names.Units)
		if singular.Empty {
			cause = fmt.Sprintf("no %s uses it", names.Unit)
		}
		return nil, fmt.Errorf("smt: V cannot be factored at atom %d: %s: use more %s, fewer atoms or a larger ridge than %g: %w",
			b.Atom(singular.Row), cause, names.Groups, e.cfg.Ridge, err)
	}
	return found, err
}

// formsOf returns PVPᵀ and PLPᵀ of rows of P.
type formsOf func(b cooccur.Basis, rows [][]float32) (v, l []float64, err error)

// objective computes the VICReg terms from the statistics and P alone: nothing
// of the solver enters but the eigenvalues that are compared with.
func (e *Encoder) objective(bases []cooccur.Basis, kept []cooccur.Coordinate, forms formsOf) (VICReg, error) {
	d := len(kept)
	var v VICReg
	covariance := make([]float64, d*d)
	for _, b := range bases {
		var part []int // rows of P that do not vanish on b
		var rows [][]float32
		for i, c := range kept {
			if int(c.Parity) == b.Parity {
				part, rows = append(part, i), append(rows, c.Atoms)
				v.EigenvalueSum += c.Eigenvalue
			}
		}
		if len(part) == 0 {
			continue
		}
		variance, invariance, err := forms(b, rows)
		if err != nil {
			return v, err
		}
		for k := range part {
			v.Invariance += invariance[k*len(part)+k]
		}
		for k, i := range part {
			for l, j := range part {
				covariance[i*d+j] = variance[k*len(part)+l]
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
