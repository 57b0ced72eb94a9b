package simd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// guard surrounds kernel operands; a kernel that writes outside its tile changes one.
const guard = 77

// Every tier is compared with sums taken straight from the definition, on
// integer-valued operands small enough that all arithmetic is exact.
func eachTier(t *testing.T, f func(t *testing.T)) {
	saved := use
	defer func() { use = saved }()
	for _, tr := range tiers() {
		use = tr
		t.Run(tr.name, f)
	}
}

func ints[T float32 | int16 | int8 | uint8](rng *rand.Rand, n, lo, hi int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = T(lo + rng.IntN(hi-lo+1))
	}
	return s
}

// at reads element (k, j) of a panel whose steps take `per` values of each column.
func at[T any](panel []T, per, k, j int) T { return panel[(k/per)*per*use.columns+j*per+k%per] }

// product is that of a row and column j of a panel.
func product[A, B float32 | int16 | int8 | uint8](row []A, panel []B, per, j int) (sum float64) {
	for i, x := range row {
		sum += float64(x) * float64(at(panel, per, i, j))
	}
	return sum
}

func TestGemm(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, steps := range []int{0, 1, 2, 3, 9, 27, 33, 108} {
			for _, pad := range []int{0, 1, 5} {
				name := fmt.Sprintf("steps %d pad %d", steps, pad)
				rng := rand.New(rand.NewPCG(uint64(steps), uint64(pad)))
				cols := use.columns
				cstride := cols + pad
				check := func(kind string, got func(r, j int) float64, want func(r, j int) float64) {
					t.Helper()
					for r := range Rows {
						for j := range cstride {
							if r == Rows-1 && j >= cols {
								continue
							}
							w := float64(guard)
							if j < cols {
								w += want(r, j)
							}
							if got(r, j) != w {
								t.Fatalf("%s %s: c[%d,%d] = %v, want %v", kind, name, r, j, got(r, j), w)
							}
						}
					}
				}
				n := (Rows-1)*cstride + cols

				a, b := ints[float32](rng, Rows*(steps+pad)+pad, -9, 9)[pad:], ints[float32](rng, steps*cols+pad, -9, 9)[pad:]
				c := fill[float32](n)
				Gemm32(steps, a, steps+pad, b, c, cstride)
				check("32", func(r, j int) float64 { return float64(c[r*cstride+j]) },
					func(r, j int) float64 { return product(a[r*(steps+pad):][:steps], b, 1, j) })

				a16, b16 := ints[int16](rng, Rows*(2*steps+pad)+pad, -700, 700)[pad:], ints[int16](rng, 2*steps*cols+pad, -700, 700)[pad:]
				c32 := fill[int32](n)
				Gemm16(steps, a16, 2*steps+pad, b16, c32, cstride)
				check("16", func(r, j int) float64 { return float64(c32[r*cstride+j]) },
					func(r, j int) float64 { return product(a16[r*(2*steps+pad):][:2*steps], b16, 2, j) })

				if use.gemm8 == nil {
					continue
				}
				a8, b8 := ints[int8](rng, Rows*(4*steps+pad)+pad, -128, 127)[pad:], ints[uint8](rng, 4*steps*cols+pad, 0, 255)[pad:]
				c32 = fill[int32](n)
				Gemm8(steps, a8, 4*steps+pad, b8, c32, cstride)
				check("8", func(r, j int) float64 { return float64(c32[r*cstride+j]) },
					func(r, j int) float64 { return product(a8[r*(4*steps+pad):][:4*steps], b8, 4, j) })
			}
		}
	})
}

func fill[T float32 | int32](n int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = guard
	}
	return s
}

func TestMask(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, groups := range []int{0, 1, 2, 5} {
			for _, steps := range []int{1, 4, 27} {
				rng := rand.New(rand.NewPCG(uint64(groups), uint64(steps)))
				rows, cols := groups*Rows, use.columns
				mstride := 2 * (cols/8 + 3)
				check := func(kind string, masks []byte, lower, upper []float64, want func(r, j int) float64) {
					t.Helper()
					for r := range rows {
						for half, bound := range [][]float64{lower, upper} {
							for j := range 8 * mstride / 2 {
								got := masks[r*mstride+half*mstride/2+j/8]>>(j%8)&1 == 1
								w := guard>>(j%8)&1 == 1
								if j < cols {
									w = want(r, j) >= bound[r]
								}
								if got != w {
									t.Fatalf("%s groups %d steps %d: row %d half %d bit %d is %v", kind, groups, steps, r, half, j, got)
								}
							}
						}
					}
				}
				guarded := func() []byte {
					m := make([]byte, rows*mstride)
					for i := range m {
						m[i] = guard
					}
					return m
				}
				lower, upper := make([]float64, rows), make([]float64, rows)
				for r := range rows {
					lower[r] = float64(rng.IntN(200) - 100)
					upper[r] = lower[r] + float64(rng.IntN(100))
				}

				a, b := ints[float32](rng, rows*steps, -9, 9), ints[float32](rng, steps*cols, -9, 9)
				bounds := make([]Bound[float32], rows)
				for r := range bounds {
					bounds[r] = Bound[float32]{Lower: float32(lower[r]), Upper: float32(upper[r])}
				}
				masks := guarded()
				Mask32(Operand[float32, float32]{groups, steps, a, steps, bounds}, b, masks, mstride)
				check("32", masks, lower, upper, func(r, j int) float64 { return product(a[r*steps:][:steps], b, 1, j) })

				// Column j is the even part of its pair, column j + cols/2 the odd one.
				mirrored := func(j int, column func(j, part int) float64) float64 {
					q := j/16*8 + j%8
					e, o := column(q, 0), column(q+cols/2, 1)
					if j&8 == 0 {
						return e + o
					}
					return e - o
				}
				a = ints[float32](rng, 2*rows*steps, -9, 9)
				masks = guarded()
				Mask32Mirrored(Operand[float32, float32]{groups, steps, a, 2 * steps, bounds}, b, masks, mstride)
				check("32 mirrored", masks, lower, upper, func(r, j int) float64 {
					return mirrored(j, func(j, part int) (sum float64) {
						for k := range steps {
							sum += float64(a[2*r*steps+2*k+part]) * float64(b[k*cols+j])
						}
						return sum
					})
				})

				if use.mask8 == nil {
					continue
				}
				a8, b8 := ints[int8](rng, rows*4*steps, -128, 127), ints[uint8](rng, 4*steps*cols, 0, 255)
				ibounds := make([]Bound[int32], rows)
				for r := range ibounds {
					ibounds[r] = Bound[int32]{Lower: int32(lower[r]), Upper: int32(upper[r]), Offset: int32(rng.IntN(2000) - 1000)}
				}
				masks = guarded()
				Mask8(Operand[int8, int32]{groups, steps, a8, 4 * steps, ibounds}, b8, masks, mstride)
				check("8", masks, lower, upper, func(r, j int) float64 {
					return product(a8[r*4*steps:][:4*steps], b8, 4, j) + float64(ibounds[r].Offset)
				})

				a8 = ints[int8](rng, 2*rows*4*steps, -128, 127)
				for r := range ibounds {
					ibounds[r].Odd = int32(rng.IntN(2000) - 1000)
					if r%2 == 1 { // bounds that products of bytes reach, as far apart as allowed
						ibounds[r].Lower *= 500
						ibounds[r].Upper = ibounds[r].Lower + MaxGap
						lower[r], upper[r] = float64(ibounds[r].Lower), float64(ibounds[r].Upper)
					}
				}
				masks = guarded()
				Mask8Mirrored(Operand[int8, int32]{groups, steps, a8, 8 * steps, ibounds}, b8, masks, mstride)
				check("8 mirrored", masks, lower, upper, func(r, j int) float64 {
					return mirrored(j, func(j, part int) (sum float64) {
						for k := range 4 * steps {
							sum += float64(a8[8*r*steps+k/4*8+4*part+k%4]) * float64(at(b8, 4, k, j))
						}
						return sum + float64([]int32{ibounds[r].Offset, ibounds[r].Odd}[part])
					})
				})
			}
		}
	})
}

func TestGather(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, blocks := range []int{0, 1, 2, 3, 4, 5, 7, 12} {
			for _, n := range []int{0, 1, 2, 70} {
				rng := rand.New(rand.NewPCG(uint64(blocks), uint64(n)))
				stride := 32*blocks + 3
				table, weights := ints[float32](rng, 100*stride+1, -9, 9)[1:], ints[float32](rng, n, -9, 9)
				index := make([]uint16, n)
				for i := range index {
					index[i] = uint16(rng.IntN(100))
				}
				slices.Sort(index)
				out := fill[float32](32*blocks + 1)
				Gather(index, weights, table, stride, out[:32*blocks])
				for j := range out {
					want := float32(guard)
					if j < 32*blocks {
						want = 0
						for i, a := range index {
							want += weights[i] * table[int(a)*stride+j]
						}
					}
					if out[j] != want {
						t.Fatalf("blocks %d rows %d: column %d is %v, want %v", blocks, n, j, out[j], want)
					}
				}
			}
		}
	})
}

func TestDotRows(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, chunks := range []int{1, 2, 3, 7} {
			for _, n := range []int{0, 1, 2, 70} {
				rng := rand.New(rand.NewPCG(uint64(chunks), uint64(n)))
				stride := 16*chunks + 3
				table, x := ints[float32](rng, 100*stride+1, -9, 9)[1:], ints[float32](rng, 16*chunks, -9, 9)
				index := make([]uint16, n)
				for i := range index {
					index[i] = uint16(rng.IntN(100))
				}
				slices.Sort(index)
				out := fill[float32](n + 1)
				DotRows(index, x, table, stride, out[:n])
				for i := range out {
					want := float32(guard)
					if i < n {
						want = 0
						for j := range x {
							want += x[j] * table[int(index[i])*stride+j]
						}
					}
					if out[i] != want {
						t.Fatalf("chunks %d: dot %d is %v, want %v", chunks, i, out[i], want)
					}
				}
			}
		}
	})
}

func TestCount(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 500} {
			rng := rand.New(rand.NewPCG(uint64(n), 9))
			numbers, weights := make([]uint16, 3000), make([]uint16, 3000)
			for i := range numbers {
				numbers[i], weights[i] = uint16(rng.IntN(50)), uint16(rng.IntN(90))
			}
			spans := make([]Span, n, n+CountAhead)
			want, weighed := make([]uint16, 51), make([]uint16, 51)
			for i := range spans {
				start := rng.IntN(len(numbers))
				spans[i] = Span{uint32(start), uint32(start + rng.IntN(min(90, len(numbers)-start)))}
				for k := spans[i].Start; k < spans[i].End; k++ {
					want[numbers[k]]++
					weighed[numbers[k]] += weights[k]
				}
			}
			// Number 50 does not occur; its counter is guarded.
			check := func(kind string, want []uint16, count func(counts *[1 << 16]uint16)) {
				counts := new([1 << 16]uint16)
				counts[50], want[50] = guard, guard
				count(counts)
				if !slices.Equal(counts[:51], want) {
					t.Fatalf("%d spans: %s %v, want %v", n, kind, counts[:51], want)
				}
			}
			check("counts", want, func(c *[1 << 16]uint16) { Count(spans, numbers, c) })
			check("weights", weighed, func(c *[1 << 16]uint16) { Weigh(spans, numbers, weights, c) })
		}
	})
}

func TestBits(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 7, 1024} {
			for _, density := range []float64{0, 0.02, 0.5, 1} {
				rng := rand.New(rand.NewPCG(uint64(n), 4))
				words := make([]uint64, n)
				var want []uint16
				for i := range 64 * n {
					if rng.Float64() < density {
						words[i/64] |= 1 << (i % 64)
						want = append(want, uint16(i))
					}
				}
				dst := make([]uint16, 64*n+BitsRoom+1)
				dst[len(dst)-1] = guard
				got := dst[:Bits(words, dst)]
				if !slices.Equal(got, want) {
					t.Fatalf("%d words, density %g: %v, want %v", n, density, got, want)
				}
				if dst[len(dst)-1] != guard {
					t.Fatalf("%d words, density %g: wrote too far", n, density)
				}
			}
		}
	})
}
