package simd

import (
	"math/rand/v2"
	"testing"
)

// value is where a bundle has value i of vector v.
func value(i, v int) int { return i/16*16*Bundle + 16*v + i%16 }

func TestBundle(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, length := range []int{16, 32, 48, 64, 128, 160} {
			for _, n := range []int{0, 1, 2, 3, 4, 5, 9, 70} {
				rng := rand.New(rand.NewPCG(uint64(length), uint64(n)))
				stride := length + 3
				table := ints[float32](rng, 70*stride+1, -9, 9)[1:]
				x, weights := ints[float32](rng, length*Bundle+1, -9, 9)[1:], ints[float32](rng, n*Bundle, -9, 9)
				dots := fill[float32](n*Bundle + 1)
				DotBundle(table, stride, x, dots[:n*Bundle])
				for i, got := range dots {
					want := float32(guard)
					if i < n*Bundle {
						want = 0
						for j := range length {
							want += x[value(j, i%Bundle)] * table[i/Bundle*stride+j]
						}
					}
					if got != want {
						t.Fatalf("%d values, %d rows: dot %d of vector %d is %v, want %v", length, n, i/Bundle, i%Bundle, got, want)
					}
				}
				if length%32 != 0 {
					continue
				}
				left := fill[float32](len(x) + 1)
				copy(left, x)
				SubtractBundle(table, stride, weights, left[:len(x)])
				for j := range length {
					for v := range Bundle {
						want := x[value(j, v)]
						for i := range n {
							want -= weights[i*Bundle+v] * table[i*stride+j]
						}
						if got := left[value(j, v)]; got != want {
							t.Fatalf("%d values, %d rows: value %d of vector %d is %v, want %v", length, n, j, v, got, want)
						}
					}
				}
				if left[len(x)] != guard {
					t.Fatalf("%d values, %d rows: wrote too far", length, n)
				}
			}
		}
	})
}

func BenchmarkBundle(b *testing.B) {
	const n, length = 8192, 2048
	table, x, out := make([]float32, n*length), make([]float32, Bundle*length), make([]float32, Bundle*n)
	b.Run("dot", func(b *testing.B) {
		for b.Loop() {
			DotBundle(table, length, x, out)
		}
		b.ReportMetric(2*Bundle*n*length/float64(b.Elapsed().Nanoseconds())*float64(b.N), "GFLOP/s")
	})
	b.Run("subtract", func(b *testing.B) {
		for b.Loop() {
			for i := 0; i < n; i += 128 {
				SubtractBundle(table[i*length:], length, out[:128*Bundle], x)
			}
		}
		b.ReportMetric(2*Bundle*n*length/float64(b.Elapsed().Nanoseconds())*float64(b.N), "GFLOP/s")
	})
}
