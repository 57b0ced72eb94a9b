package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestQuantize(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range []int{16, 32, 112} {
			for _, scale := range []float32{1, 4, 128} { // exact products: all sums are the same
				rng := rand.New(rand.NewPCG(uint64(n), uint64(scale)))
				x, q := make([]float32, n+1)[1:], make([]int8, n+1)
				for i := range x {
					x[i] = float32(rng.IntN(1201)-600) / 4 / scale // quarters up to 150
				}
				q[n] = guard
				var largest, energy float32
				var sums [8]int32
				want := make([]int8, n+1)
				want[n] = guard
				for i, v := range x {
					largest = max(largest, max(v, -v))
					r := math.RoundToEven(float64(min(max(v*scale, -127), 127)))
					want[i] = int8(r)
					sums[i%8] += int32(r)
					d := v - float32(r)/scale
					energy += d * d
				}
				if got := MaxAbs(x); got != largest {
					t.Fatalf("%d values: largest %v, want %v", n, got, largest)
				}
				gotEnergy, gotSums := Quantize(x, scale, q)
				if !slices.Equal(q, want) || gotSums != sums || gotEnergy != energy {
					t.Fatalf("%d values: %v, %v, %v; want %v, %v, %v", n, q, gotEnergy, gotSums, want, energy, sums)
				}
			}
		}
	})
}

// Dither takes zero on average, never more than a unit, and is the same on every tier.
func TestDither(t *testing.T) {
	const n, seeds = 160, 4000
	rng := rand.New(rand.NewPCG(6, 6))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.IntN(1200)-600) / 1024 // exact at a scale of 64
	}
	want := make([]int8, n)
	ditherBy := func(tr tier, seed uint32, q []int8) [8]int32 {
		saved := use
		defer func() { use = saved }()
		use = tr
		_, sums := Dither(x, 64, seed, q)
		return sums
	}
	eachTier(t, func(t *testing.T) {
		mean, q := make([]float64, n), make([]int8, n+1)
		q[n] = guard
		for seed := range uint32(seeds) {
			_, sums := Dither(x, 64, seed, q)
			if wantSums := ditherBy(genericTier, seed, want); !slices.Equal(q[:n], want) || sums != wantSums || q[n] != guard {
				t.Fatalf("seed %d: %v, want %v", seed, q, want)
			}
			for i, v := range q[:n] {
				if d := float64(v) - 64*float64(x[i]); d <= -1 || d >= 1 {
					t.Fatalf("%v became %d", 64*x[i], v)
				}
				mean[i] += float64(v) / seeds
			}
		}
		for i, m := range mean {
			if d := m - 64*float64(x[i]); math.Abs(d) > 6*0.5/math.Sqrt(seeds) {
				t.Errorf("%v becomes %v on average", 64*x[i], m)
			}
		}
	})
}

func TestSumWords(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 1))
		const rows, n, pad = 70, 9, 3
		values := make([][WordColumns]int, rows)
		table := make([]uint16, rows*WordColumns)
		for r := range values {
			for j := range values[r] {
				v := rng.IntN(1<<16) - 1<<15
				if r < 3 { // extremes
					v = []int{-1 << 15, 1<<15 - 1, -1}[r]
				}
				values[r][j] = v
				place, offset := PlaceWord(j)
				table[r*WordColumns+place] = uint16(v + offset)
			}
		}
		starts, numbers := []int32{0}, []uint16(nil)
		for i := range n {
			for range []int{0, 1, 2, 65535, 67, 5, 0, 300, 3}[i] {
				a := rng.IntN(rows)
				if i == 3 {
					a = 1
				}
				numbers = append(numbers, uint16(a))
			}
			slices.Sort(numbers[starts[i]:])
			starts = append(starts, int32(len(numbers)))
		}
		scales := ints[float32](rng, WordColumns, 1, 8)
		dst := fill[float32](n * (WordColumns + pad))
		before := ints[float32](rng, len(dst), -9, 9)
		for i := range n {
			copy(dst[i*(WordColumns+pad):][:WordColumns], before[i*(WordColumns+pad):])
		}
		SumWords(starts, numbers, table, scales, dst, WordColumns+pad)
		for i := range n {
			for j := range WordColumns + pad {
				want := float32(guard)
				if j < WordColumns {
					sum := 0
					for _, a := range numbers[starts[i]:starts[i+1]] {
						sum += values[a][j]
					}
					want = float32(sum)*scales[j] + before[i*(WordColumns+pad)+j]
				}
				if got := dst[i*(WordColumns+pad)+j]; got != want {
					t.Fatalf("span %d column %d: %v, want %v", i, j, got, want)
				}
			}
		}
	})
}

func TestDotBytes(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 1))
		for _, dim := range []int{16, 48, 112} {
			for _, n := range []int{0, 1, 5} {
				x, table := ints[float32](rng, dim+1, -9, 9)[1:], ints[int8](rng, 20*dim+1, -128, 127)[1:]
				index := make([]uint16, n)
				for i := range index {
					index[i] = uint16(rng.IntN(20))
				}
				slices.Sort(index)
				out := fill[float32](n + 1)
				DotBytes(index, x, table, out[:n])
				for i := range out {
					want := float32(guard)
					if i < n {
						want = 0
						for k, v := range x {
							want += v * float32(table[int(index[i])*dim+k])
						}
					}
					if out[i] != want {
						t.Fatalf("%d values, %d rows: dot %d is %v, want %v", dim, n, i, out[i], want)
					}
				}
			}
		}
	})
}

func TestDotNibbles(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 1))
		for _, dim := range []int{64, 128, 1216} {
			for _, n := range []int{0, 1, 5} {
				for _, most := range []int{9, 128} { // all as large as can be, too: sums of 16 bits have to hold them
					x, table := ints[int8](rng, dim+1, -most, most-1)[1:], ints[uint8](rng, n*dim/2+1, 0, 255)[1:]
					if most == 128 {
						for i := range x {
							x[i] = -128
						}
						for i := range table {
							table[i] = 255
						}
					}
					out := fill[int32](n + 1)
					DotNibbles(x, table, out[:n])
					for i := range out {
						want := int32(guard)
						if i < n {
							want = 0
							for k, v := range x {
								b := table[i*dim/2+k/64*32+k%32]
								if k%64 >= 32 {
									b >>= 4
								}
								want += int32(v) * int32(b&15)
							}
						}
						if out[i] != want {
							t.Fatalf("%d values, %d rows: dot %d is %v, want %v", dim, n, i, out[i], want)
						}
					}
				}
			}
		}
	})
}

func TestFoldBytes(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(10, 1))
		for _, blocks := range []int{0, 1, 2, 9} {
			for _, sign := range []int{1, -1} {
				src, dst := ints[uint8](rng, 16*blocks+1, 0, 255)[1:], fill[float32](8*blocks+1)
				FoldBytes(src, sign, dst[:8*blocks])
				for i, got := range dst {
					want := float32(guard)
					if i < 8*blocks {
						at := i/8*16 + i%8
						want = float32(int(src[at]) + sign*int(src[at+8]))
					}
					if got != want {
						t.Fatalf("%d blocks, sign %d: value %d is %v, want %v", blocks, sign, i, got, want)
					}
				}
			}
		}
	})
}
