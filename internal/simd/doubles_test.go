package simd

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// doubles are values of every size, rows of a table of them and numbers of rows in no order.
func doubles(rng *rand.Rand, length, n int) (x, table []float32, stride int, index []uint16, weights []float64) {
	value := func() float32 { return float32(rng.NormFloat64() * math.Exp2(float64(rng.IntN(20)-10))) }
	stride = length + 3
	table, x, index, weights = make([]float32, 50*stride+1), make([]float32, length), make([]uint16, n), make([]float64, n)
	for _, s := range [][]float32{table, x} {
		for i := range s {
			s[i] = value()
		}
	}
	for i := range index {
		index[i], weights[i] = uint16(rng.IntN(50)), rng.NormFloat64()
	}
	return x, table[1:], stride, index, weights
}

// Every tier has the bits of the generic one, and that what exact sums are to within rounding.
func TestDoubles(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, length := range []int{16, 32, 112, 144} {
			for _, n := range []int{0, 1, 2, 3, 4, 5, 8, 23} {
				x, table, stride, index, weights := doubles(rand.New(rand.NewPCG(uint64(length), uint64(n))), length, n)
				out := make([]float64, n+1)
				out[n] = guard
				DotDoubles(index, x, table, stride, out[:n])
				left := fill[float32](length + 1)
				SubtractDoubles(index, weights, table, stride, x, left[:length])
				if out[n] != guard || left[length] != guard {
					t.Fatalf("%d values, %d rows: wrote too far", length, n)
				}
				saved, dots, rest := use, make([]float64, n), make([]float32, length)
				use = genericTier
				DotDoubles(index, x, table, stride, dots)
				SubtractDoubles(index, weights, table, stride, x, rest)
				use = saved
				if !slices.Equal(dots, out[:n]) || !slices.Equal(rest, left[:length]) {
					t.Fatalf("%d values, %d rows: other bits than the generic tier's", length, n)
				}
				for i, a := range index {
					exact, size := new(big.Float).SetPrec(400), 0.0
					for k, v := range table[int(a)*stride:][:length] {
						p := float64(x[k]) * float64(v)
						exact.Add(exact, big.NewFloat(p))
						size += math.Abs(p)
					}
					if want, _ := exact.Float64(); !(math.Abs(out[i]-want) <= size*float64(length)*0x1p-53) {
						t.Fatalf("%d values: product %d is %v, want %v", length, i, out[i], want)
					}
				}
				for k, v := range left[:length] {
					exact, size := big.NewFloat(float64(x[k])).SetPrec(400), math.Abs(float64(x[k]))
					for i, a := range index {
						y := float64(table[int(a)*stride+k])
						p := new(big.Float).SetPrec(400).Mul(big.NewFloat(weights[i]), big.NewFloat(y))
						exact.Sub(exact, p)
						size += math.Abs(weights[i] * y)
					}
					want, _ := exact.Float64()
					if !(math.Abs(float64(v)-want) <= math.Abs(want)*0x1p-24+size*float64(n+1)*0x1p-52) {
						t.Fatalf("%d rows: value %d is %v, want %v", n, k, v, want)
					}
				}
				SubtractDoubles(index, weights, table, stride, x, x)
				if !slices.Equal(x, left[:length]) {
					t.Fatalf("%d values, %d rows: written over itself is something else", length, n)
				}
			}
		}
	})
}

func BenchmarkDoubles(b *testing.B) {
	x, table, stride, index, weights := doubles(rand.New(rand.NewPCG(1, 1)), 144, 16)
	out := make([]float64, len(index))
	b.Run("dot", func(b *testing.B) {
		for b.Loop() {
			DotDoubles(index, x, table, stride, out)
		}
	})
	b.Run("subtract", func(b *testing.B) {
		left := make([]float32, len(x))
		for b.Loop() {
			SubtractDoubles(index, weights, table, stride, x, left)
		}
	})
}
