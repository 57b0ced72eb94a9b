package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

var solvers = map[string]func(ctx context.Context, v, l linalg.Matrix, search Search) (*Solution, error){
	"Smallest": Smallest, "SmallestOfDifference": ofDifference,
}

func TestSmallestAgreesWithDense(t *testing.T) {
	for _, c := range []struct{ n, k int }{{1, 1}, {30, 30}, {60, 7}, {129, 9}, {900, 60}} {
		for name, solve := range solvers {
			t.Run(fmt.Sprintf("%s/%d/%d", name, c.n, c.k), func(t *testing.T) { agreesWithDense(t, solve, c.n, c.k) })
		}
	}
}

func agreesWithDense(t *testing.T, solve func(ctx context.Context, v, l linalg.Matrix, search Search) (*Solution, error), n, k int) {
	v, l := pencil(n, uint64(n))
	want := oracle(t, v, l)
	got, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: k, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for j := range k {
		sum += got.Values[j]
		// float32 entries of A, of size 1; iteration stops a little above.
		if d := got.Values[j] - want[j]; math.Abs(d) > 1e-3 {
			t.Errorf("eigenvalue %d is %g, want %g", j, got.Values[j], want[j])
		}
	}
	p := float64s(got.Vectors)
	isDiagonal(t, "PVPᵀ", formOf(p, sym(v)), ones, 2e-4)
	if trace := mat.Trace(formOf(p, sym(l))); math.Abs(trace-sum) > 1e-4*float64(k) {
		t.Errorf("objective %g, sum of eigenvalues %g", trace, sum)
	}
}

// A coordinate that nothing uses has V = L = 0: it must not look smooth.
func TestUnusedCoordinateIsNotTaken(t *testing.T) {
	v, l := pencil(40, 3)
	for i := range 40 {
		for _, m := range []linalg.Matrix{v, l} {
			m.Data[7*40+i], m.Data[i*40+7] = 0, 0
		}
	}
	for name, solve := range solvers {
		_, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: 5, Seed: 1})
		var singular *SingularError
		if !errors.As(err, &singular) || singular.Row != 7 || !singular.Empty {
			t.Fatalf("%s without a ridge: %v, want coordinate 7 named as empty", name, err)
		}
		s, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: 5, Ridge: 1e-6, Seed: 1})
		if err != nil {
			t.Fatal(name, err)
		}
		for j := range 5 {
			if w := math.Abs(float64(s.Vectors.At(j, 7))); w > 1 {
				t.Errorf("%s: vector %d has weight %g on a coordinate that nothing uses", name, j, w)
			}
		}
	}
}

// What a ridge that matters does to the subspace must not show in PVPᵀ = I and
// the objective, and coordinates that only the ridge determines are refused.
func TestRidgeIsTakenOut(t *testing.T) {
	const n, k = 60, 12
	v, l := pencil(n, 4)
	for i := range n { // the second half hardly occurs
		for j := range n {
			scale := float32(1)
			if i >= n/2 {
				scale *= 0.02
			}
			if j >= n/2 {
				scale *= 0.02
			}
			v.Data[i*n+j] *= scale
			l.Data[i*n+j] *= scale
		}
	}
	s, err := Smallest(context.Background(), copyOf(v), copyOf(l), Search{K: k, Ridge: 1e-3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := float64s(s.Vectors)
	isDiagonal(t, "PVPᵀ", formOf(p, sym(v)), ones, 2e-4)
	isDiagonal(t, "PLPᵀ", formOf(p, sym(l)), func(i int) float64 { return s.Values[i] }, 2e-4)
	for i := range n {
		for j := range n {
			if i >= n/2 || j >= n/2 {
				v.Data[i*n+j], l.Data[i*n+j] = 0, 0
			}
		}
	}
	if _, err := Smallest(context.Background(), v, l, Search{K: n, Ridge: 1e-3, Seed: 1}); err == nil {
		t.Error("as many coordinates as atoms, half of which are never used: no error")
	}
}

func TestSmallestErrors(t *testing.T) {
	v, l := pencil(10, 1)
	if _, err := Smallest(context.Background(), copyOf(v), copyOf(l), Search{K: 11, Seed: 1}); err == nil {
		t.Error("11 vectors of a problem of size 10: no error")
	}
	if _, err := Smallest(context.Background(), linalg.New(10, 10), copyOf(l), Search{K: 3, Seed: 1}); err == nil {
		t.Error("V = 0: no error")
	}
	bad := copyOf(v)
	bad.Data[0] = float32(math.NaN())
	if _, err := Smallest(context.Background(), bad, l, Search{K: 3, Seed: 1}); err == nil {
		t.Error("NaN in V: no error")
	}
	big, bigL := pencil(300, 1)
	bad = copyOf(bigL)
	bad.Data[7], bad.Data[7*300] = float32(math.NaN()), float32(math.NaN())
	if _, err := Smallest(context.Background(), copyOf(big), bad, Search{K: 10, Ridge: 1e-6, Seed: 1}); err == nil {
		t.Error("NaN in L: no error")
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Smallest(done, big, bigL, Search{K: 10, Ridge: 1e-6, Seed: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// With the values of another part beside, those of both are the smallest of all.
func TestSmallestBeside(t *testing.T) {
	v, l := pencil(80, 5)
	want := oracle(t, v, l)
	for name, solve := range solvers {
		for _, beside := range [][]float64{nil, {-1}, {want[3] + 1e-3, want[10] + 1e-3, 9}, {-4, -3, -2, -1}, slices.Repeat([]float64{9}, 30)} {
			const k = 4
			s, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: k, Beside: beside, Seed: 1})
			if err != nil {
				t.Fatal(name, err)
			}
			all := append(slices.Clone(beside), want...)
			slices.Sort(all)
			n := 0
			for _, x := range want {
				if x <= all[k-1] {
					n++
				}
			}
			if n = max(1, n); len(s.Values) != n || s.Vectors.Rows != n {
				t.Errorf("%s beside %v: %d values, want %d", name, beside, len(s.Values), n)
			}
			for i, x := range s.Values {
				if math.Abs(x-want[i]) > 1e-3 {
					t.Errorf("%s beside %v: value %d is %g, want %g", name, beside, i, x, want[i])
				}
			}
		}
	}
}
