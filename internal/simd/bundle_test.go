package simd

import (
	"math/rand/v2"
	"slices"
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

func TestGatherPlaces(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 1))
		for _, rows := range []int{1, 9, 70} {
			table := ints[float32](rng, rows*Bundle+1, -9, 9)[1:]
			for n := range 20 {
				index := make([]uint32, n)
				for i := range index {
					index[i] = uint32(rng.IntN(rows))
				}
				slices.Sort(index)
				weights, out := ints[float32](rng, n, -9, 9), fill[float32](Bundle+1)
				GatherPlaces(index, weights, table, out[:Bundle])
				for v, got := range out {
					want := float32(guard)
					if v < Bundle {
						want = 0
						for i, a := range index {
							want += weights[i] * table[int(a)*Bundle+v]
						}
					}
					if got != want {
						t.Fatalf("%d of %d rows: value %d is %v, want %v", n, rows, v, got, want)
					}
				}
			}
			last := []uint32{0, uint32(rows)}
			if !panics(func() { GatherPlaces(last, make([]float32, 2), table, make([]float32, Bundle)) }) {
				t.Errorf("row %d of %d was read", rows, rows)
			}
			if !panics(func() { GatherPlaces(last[:1], nil, table, make([]float32, Bundle)) }) || !panics(func() { GatherPlaces(nil, nil, table, make([]float32, Bundle-1)) }) {
				t.Error("too few weights, or values to write, were taken")
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
