package manifold

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
)

// Statistics of parts, in any order, lead to the solution that the whole leads to.
func TestPartsInAnyOrder(t *testing.T) {
	for name, e := range engines(t) {
		want := learned(t, e)
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(seed, 2))
			order := rng.Perm(groups)
			sum, err := e.Statistics()
			if err != nil {
				t.Fatal(err)
			}
			for len(order) > 0 {
				n := 1 + rng.IntN(len(order))
				part, err := e.Collect(t.Context(), e.src.pick(order[:n]), nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := sum.Add(part); err != nil {
					t.Fatal(err)
				}
				order = order[n:]
			}
			s, err := e.Solve(t.Context(), sum, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text(s) != want {
				t.Errorf("%s, seed %d: another solution", name, seed)
			}
		}
	}
}

// What was learned meets its constraints, on statistics of every kind.
func TestObjective(t *testing.T) {
	for name, e := range engines(t) {
		s, err := e.Learn(t.Context(), e.src, Run{})
		if err != nil {
			t.Fatal(err)
		}
		if v := s.VICReg; math.Abs(v.Invariance-v.EigenvalueSum) > 1e-3*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-3 || v.Covariance > 1e-5 {
			t.Errorf("%s: objective %+v, want invariance = sum of eigenvalues, variance 1 and covariance 0", name, v)
		}
	}
}

// Half of the coordinates of each part, and more where one has more of the
// smoothest, are the same as all of both.
func TestSmallestOfTwoParts(t *testing.T) {
	e := engines(t)["whole grids"]
	s, err := e.Collect(t.Context(), e.src, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []cooccur.Coordinate
	for _, b := range e.bases() {
		found, err := e.solveOn(t.Context(), s, b, b.Size(), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, byValue)
	for n := 1; n <= e.atoms; n++ {
		got, err := e.smallest(t.Context(), s, e.bases(), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range got {
			if math.Abs(c.Eigenvalue-all[i].Eigenvalue) > 1e-5 || c.Parity != all[i].Parity {
				t.Fatalf("%d coordinates: number %d has eigenvalue %g, parity %d, want %g, %d", n, i, c.Eigenvalue, c.Parity, all[i].Eigenvalue, all[i].Parity)
			}
		}
	}
}

// One coordinate of packed statistics is found too.
func TestOneCoordinateOfPacked(t *testing.T) {
	e := engines(t)["packed"]
	e.cfg.Dims, e.cfg.Skip = 1, 0
	if s, err := e.Learn(t.Context(), e.src, Run{Progress: func(string, int, int) {}}); err != nil || len(s.Kept) != 1 {
		t.Errorf("%v, error %v", s, err)
	}
}
