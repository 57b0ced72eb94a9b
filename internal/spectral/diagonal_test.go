package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// diagonal is the diagonal of a pencil's V, and L as it is.
func diagonal(n int, seed uint64) (v, l linalg.Matrix, d []float64, trace float64) {
	v, l = pencil(n, seed)
	for i := range n {
		for j := range n {
			if i != j {
				v.Row(i)[j] = 0
			}
		}
		d, trace = append(d, float64(v.At(i, i))), trace+float64(l.At(i, i))
	}
	return v, l, d, trace
}

// Of a diagonal V the solution is that of the definition.
func TestSmallestOfDiagonalAgreesWithDense(t *testing.T) {
	for _, c := range []struct{ n, k int }{{1, 1}, {30, 30}, {60, 7}, {129, 9}, {900, 60}} {
		t.Run(fmt.Sprintf("%d/%d", c.n, c.k), func(t *testing.T) {
			v, l, d, trace := diagonal(c.n, uint64(c.n))
			want := oracle(t, v, l)
			got, err := SmallestOfDiagonal(t.Context(), d, trace, padded(l).Times, Search{K: c.k, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			for j := range c.k {
				if math.Abs(got.Values[j]-want[j]) > 1e-3 {
					t.Errorf("eigenvalue %d is %g, want %g", j, got.Values[j], want[j])
				}
				// The residual L p − λ V p, beside V p, which is about 1 in size.
				p := got.Vectors.Row(j)
				var residual, size float64
				for i := range c.n {
					r := -got.Values[j] * d[i] * float64(p[i])
					for k := range c.n {
						r += float64(l.At(i, k)) * float64(p[k])
					}
					residual, size = residual+r*r/d[i], size+d[i]*float64(p[i])*float64(p[i])
				}
				if math.Sqrt(residual) > 0.02 || math.Abs(size-1) > 2e-4 {
					t.Errorf("coordinate %d has a residual of %g and a variance of %g", j, math.Sqrt(residual), size)
				}
			}
		})
	}
}

// With a ridge the solution is that of Smallest, which has V in full.
func TestSmallestOfDiagonalHasTheSameRidge(t *testing.T) {
	for _, n := range []int{40, 300} {
		v, l, d, trace := diagonal(n, 5)
		search := Search{K: 8, Ridge: 0.01, Seed: 1}
		want, err := Smallest(t.Context(), copyOf(v), copyOf(l), search)
		if err != nil {
			t.Fatal(err)
		}
		got, err := SmallestOfDiagonal(t.Context(), d, trace, padded(l).Times, search)
		if err != nil {
			t.Fatal(err)
		}
		for j, value := range want.Values {
			if math.Abs(got.Values[j]-value) > 2e-4 {
				t.Errorf("size %d: eigenvalue %d is %g, want %g", n, j, got.Values[j], value)
			}
		}
	}
}

func TestSmallestOfDiagonalRefuses(t *testing.T) {
	times := func(x, y linalg.Bundle) { copy(y.Data, x.Data) }
	for _, k := range []int{0, 4} {
		if _, err := SmallestOfDiagonal(t.Context(), []float64{1, 1, 1}, 3, times, Search{K: k}); err == nil {
			t.Errorf("%d vectors of 3 were found", k)
		}
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := SmallestOfDiagonal(t.Context(), []float64{1, bad, 1}, 3, times, Search{K: 1})
		var singular *SingularError
		if !errors.As(err, &singular) || singular.Empty != (bad == 0) {
			t.Errorf("a V of %g: error %v", bad, err)
		}
	}
	if _, err := SmallestOfDiagonal(t.Context(), []float64{1, 1, 1}, math.NaN(), times, Search{K: 1}); err == nil {
		t.Error("an L that is not finite was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, l, d, trace := diagonal(300, 1)
	if _, err := SmallestOfDiagonal(ctx, d, trace, padded(l).Times, Search{K: 5}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
