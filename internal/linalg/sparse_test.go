package linalg

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/simd"
)

// randomSparse is a matrix of which about a third is not 0, and as what it is in full.
func randomSparse(rng *rand.Rand, rows, cols int) (Sparse, Matrix) {
	m, full := Sparse{Start: make([]int, 1)}, New(rows, cols)
	for i := range rows {
		for j := range cols {
			if rng.IntN(3) == 0 {
				full.Row(i)[j] = float32(rng.NormFloat64())
				m.Column, m.Value = append(m.Column, uint32(j)), append(m.Value, full.Row(i)[j])
			}
		}
		m.Start = append(m.Start, len(m.Column))
	}
	return m, full
}

func bundleOf(m Matrix) Bundle {
	b := NewBundle(m.Cols)
	for k := range m.Rows {
		b.Set(k, m.Row(k))
	}
	return b
}

func TestSparseTimesAgreesWithFloat64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 100).Draw(t, "rows"), rapid.IntRange(1, 300).Draw(t, "columns")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		m, full := randomSparse(rng, rows, cols)
		x := random(rng, simd.Bundle, cols)
		var want mat.Dense
		want.Mul(dense(full), dense(x).T())
		y := NewBundle(rows)
		for i := range y.Data {
			y.Data[i] = 7 // what was there does not count
		}
		m.Times(bundleOf(x), y)
		got := make([]float32, rows)
		for k := range simd.Bundle {
			y.Get(k, got)
			for i, v := range got {
				if d := math.Abs(float64(v) - want.At(i, k)); d > 1e-6*float64(cols+10) {
					t.Fatalf("element %d of vector %d is off by %g", i, k, d)
				}
			}
		}
	})
}

func TestDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{1, 15, 16, 33, 100} {
		x, y := random(rng, simd.Bundle, n), random(rng, simd.Bundle, n)
		d := make([]float64, n)
		for i := range d {
			d[i] = rng.NormFloat64()
		}
		b := bundleOf(y)
		b.Difference(d, bundleOf(x))
		got := make([]float32, n)
		for k := range simd.Bundle {
			b.Get(k, got)
			for i, v := range got {
				if want := d[i]*float64(x.Row(k)[i]) - float64(y.Row(k)[i]); math.Abs(float64(v)-want) > 1e-6 {
					t.Fatalf("%d values: number %d of vector %d is %g, want %g", n, i, k, v, want)
				}
			}
		}
	}
}

func TestTimesRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	m, full := randomSparse(rng, 40, 40)
	for _, n := range []int{1, simd.Bundle, simd.Bundle + 3} {
		x, y := random(rng, n, 40), New(n, 40)
		if err := TimesRows(t.Context(), m.Times, x, y); err != nil {
			t.Fatal(err)
		}
		want := New(n, 40)
		AddMul(want, 1, x, full.T())
		for i, v := range y.Data {
			if math.Abs(float64(v-want.Data[i])) > 1e-4 {
				t.Fatalf("%d rows: value %d is %g, want %g", n, i, v, want.Data[i])
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := TimesRows(ctx, m.Times, x, y); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}
