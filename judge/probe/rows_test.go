package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/simd"
)

// Both implementations of both products agree with their definition, at sizes on
// either side of every block.
func TestProductsAndSumsAgreeWithTheirDefinition(t *testing.T) {
	type multiply func(r *rows, in []float32, k int, out []float32)
	implementations := map[string][2]multiply{"floats": {(*rows).productsFloats, (*rows).sumsFloats}}
	if simd.HasBytes() {
		implementations["bytes"] = [2]multiply{(*rows).productsBytes, (*rows).sumsBytes}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64() * math.Exp(rng.NormFloat64()))
		}
		return x
	}
	for _, size := range []struct{ n, dim, k int }{{1, 1, 1}, {5, 65, 2}, {97, 3073, 3}, {241, 257, 22}, {1025, 100, 4}, {2048, 64, 1}} {
		r := newRows(size.n, size.dim)
		for i := range size.n {
			r.set(i, random(size.dim))
		}
		w, weights := random(size.k*r.stride), random(size.n*size.k)
		clear(weights[:min(len(weights), size.k)]) // no weight at all, in the first row
		for name, f := range implementations {
			t.Run(fmt.Sprintf("%s/%d×%d×%d", name, size.n, size.dim, size.k), func(t *testing.T) {
				at := func(i, j int) float64 { return float64(r.unit[i]) * float64(r.q[i*r.stride+j]) }
				// 24 bits of the largest number, or float32's rounding, as a part of the
				// sum of the largest's products with every value.
				const ulp = 3e-7
				out := random(size.n * size.k)
				f[0](r, w, size.k, out)
				for i := range size.n {
					for c := range size.k {
						var want, all, largest float64
						for j, v := range w[c*r.stride : (c+1)*r.stride] {
							want += float64(v) * at(i, j)
							all += math.Abs(at(i, j))
							largest = max(largest, math.Abs(float64(v)))
						}
						if math.Abs(float64(out[i*size.k+c])-want) > ulp*all*largest {
							t.Fatalf("product of row %d and %d: %g, want %g", i, c, out[i*size.k+c], want)
						}
					}
				}
				out = random(size.k * r.stride)
				f[1](r, weights, size.k, out)
				for c := range size.k {
					for j := range r.stride {
						var want, all, largest float64
						for i := range size.n {
							v := float64(weights[i*size.k+c])
							want += v * at(i, j)
							all += math.Abs(float64(r.q[i*r.stride+j]))
							largest = max(largest, math.Abs(v*float64(r.unit[i])))
						}
						if math.Abs(float64(out[c*r.stride+j])-want) > ulp*all*largest {
							t.Fatalf("sum %d of column %d: %g, want %g", c, j, out[c*r.stride+j], want)
						}
					}
				}
			})
		}
	}
}

// A row in 8 bits is off by half a unit at most, and kept with its sums.
func TestRowsAreRounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := rapid.SliceOfN(rapid.Float32Range(-1e6, 1e6), 1, 70).Draw(rt, "x")
		r := newRows(2, len(x))
		r.set(1, x)
		r.set(1, x) // again: nothing adds up
		var largest float32
		for _, v := range x {
			largest = max(largest, v, -v)
		}
		var sum, squares int64
		for j := range r.stride {
			var v float32
			if j < len(x) {
				v = x[j]
			}
			q := int64(r.q[r.stride+j])
			sum += q
			squares += q * q
			if diff := math.Abs(float64(v) - float64(r.unit[1])*float64(q)); diff > float64(largest)/127*0.50001+1e-30 {
				rt.Fatalf("value %d: %g is %d units of %g", j, v, q, r.unit[1])
			}
		}
		if sum != int64(r.sum[1]) || squares != r.squares[1] {
			rt.Fatalf("sums %d and %d, want %d and %d", r.sum[1], r.squares[1], sum, squares)
		}
	})
}

func TestCentred(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(3, 4)), 50, 9, 2, 1)
	tr := d.trainer(t, 2)
	want := newOracle(tr.rounded(), d.class, 2, 1)
	scaled, mean, _ := tr.rows.centred()
	for i, x := range want.x {
		for j := range 9 {
			got := float64(scaled.unit[i])*float64(scaled.q[i*scaled.stride+j]) - float64(mean[j])
			// float32 at the rows' distance from the origin
			if math.Abs(got-x[j]) > 1e-6 {
				t.Fatalf("row %d value %d: %g, want %g", i, j, got, x[j])
			}
		}
	}
}
