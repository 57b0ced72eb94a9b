package cooccur

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/sparse"
)

// TestExactForms holds the forms in float64 against those of float32, of every context, with flips and without.
func TestExactForms(t *testing.T) {
	const atoms, rows, cols, k = 9, 3, 4, 3
	rng := rand.New(rand.NewPCG(3, 8))
	mirror := []uint16{1, 0, 2, 4, 3, 5, 7, 6, 8}
	for _, c := range contexts() {
		s, _ := dense(c, atoms, 1, rows, cols)
		var codes []*sparse.Codes
		for range 5 {
			codes = append(codes, randomCodes(rng, rows*cols, atoms, 1))
		}
		if err := accumulate(s, codes); err != nil {
			t.Fatal(err)
		}
		for _, m := range [][]uint16{nil, mirror} {
			for _, b := range Bases(atoms, m) {
				forms := make([][]float32, k)
				for i := range forms {
					y := make([]float32, b.Size())
					for j := range y {
						y[j] = float32(rng.NormFloat64())
					}
					forms[i] = make([]float32, atoms)
					b.Expand(y, forms[i])
				}
				v, l, err := s.Forms(t.Context(), b, forms)
				if err != nil {
					t.Fatal(err)
				}
				exactV, exactL, err := s.ExactForms(t.Context(), b, forms)
				if err != nil {
					t.Fatal(err)
				}
				for i := range v {
					if math.Abs(exactV[i]-float64(v[i])) > 1e-5 || math.Abs(exactL[i]-float64(l[i])) > 1e-5 {
						t.Fatalf("%+v parity %d, element %d: V %g and %g, L %g and %g", c, b.Parity, i, exactV[i], v[i], exactL[i], l[i])
					}
				}
				refinedIsOrthonormal(t, s, b, forms)
			}
		}
	}
}

// refinedIsOrthonormal solves in the span of forms that are not orthonormal.
func refinedIsOrthonormal(t *testing.T, s *Dense, b Basis, forms [][]float32) {
	t.Helper()
	var found []Coordinate
	for _, f := range forms {
		found = append(found, Coordinate{0, int8(b.Parity), f})
	}
	better, err := s.Refined(t.Context(), b, found)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([][]float32, len(better))
	for i, c := range better {
		rows[i] = c.Atoms
	}
	v, l, err := s.ExactForms(t.Context(), b, rows)
	if err != nil {
		t.Fatal(err)
	}
	for i := range better {
		for j := range better {
			wantV, wantL := 0.0, 0.0
			if i == j {
				wantV, wantL = 1, better[i].Eigenvalue
			}
			if at := i*len(better) + j; math.Abs(v[at]-wantV) > 1e-5 || math.Abs(l[at]-wantL) > 1e-5 {
				t.Fatalf("coordinates %d and %d: V %g, want %g; L %g, want %g", i, j, v[at], wantV, l[at], wantL)
			}
		}
	}
	same := []Coordinate{found[0], found[0]}
	if kept, err := s.Refined(t.Context(), b, same); err != nil || len(kept) != 2 || &kept[0].Atoms[0] != &found[0].Atoms[0] {
		t.Errorf("coordinates that depend on one another: %v, %v, want them as they were", kept, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Refined(ctx, b, found); !errors.Is(err, context.Canceled) {
		t.Errorf("after it was stopped: %v", err)
	}
}
