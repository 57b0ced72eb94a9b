package simd

import (
	"math"
	"math/bits"
	"unsafe"
)

const genericColumns = 16

var genericTier = tier{
	name:       "generic",
	columns:    genericColumns,
	gemm32:     gemm32Generic,
	gemm16:     gemm16Generic,
	gemm8:      gemm8Generic,
	mask32:     mask32Generic,
	mask8:      mask8Generic,
	gather:     gatherGeneric,
	dotRows:    dotRowsGeneric,
	dotBytes:   dotBytesGeneric,
	dotNibbles: dotNibblesGeneric,

	dotDoubles:      dotDoublesGeneric,
	subtractDoubles: subtractDoublesGeneric,

	dotBundle:      dotBundleGeneric,
	subtractBundle: subtractBundleGeneric,
	foldBytes:      foldBytesGeneric,
	halves:         halvesGeneric,
	gatherPlaces:   gatherPlacesGeneric,

	fetch:    func(*byte, int) {},
	sumWords: sumWordsGeneric,
	count:    countGeneric,
	weigh:    weighGeneric,
	bits:     bitsGeneric,
	maxAbs:   maxAbsGeneric,
	quantize: quantizeGeneric,
	dither:   ditherGeneric,

	mask32Mirrored: mask32MirroredGeneric,
	mask8Mirrored:  mask8MirroredGeneric,
}

// view is the slice of n values that starts offset bytes behind p.
func view[T any](p *byte, offset, n int) []T {
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(p), offset)), n)
}

func step(p *byte, offset int) *byte { return (*byte)(unsafe.Add(unsafe.Pointer(p), offset)) }

// tile32 is Rows × genericColumns products of float32 values. Each row of A has
// `parts` values a step, which the columns are shared out among in turn.
func tile32(steps, parts int, a *byte, astride int, b *byte) (t [Rows][genericColumns]float32) {
	panel := view[float32](b, 0, steps*genericColumns)
	for r := range t {
		row := view[float32](a, r*astride, parts*steps)
		for k := range steps {
			for j, y := range panel[k*genericColumns : (k+1)*genericColumns] {
				t[r][j] += row[k*parts+j*parts/genericColumns] * y
			}
		}
	}
	return t
}

// tile8 is the same for four signed bytes of A and four unsigned bytes of B a step.
func tile8(steps, parts int, a *byte, astride int, b *byte) (t [Rows][genericColumns]int32) {
	panel := view[uint8](b, 0, 4*steps*genericColumns)
	for r := range t {
		row := view[int8](a, r*astride, 4*parts*steps)
		for k := range steps {
			y := panel[4*k*genericColumns:]
			for j := range t[r] {
				x := row[4*(k*parts+j*parts/genericColumns):]
				t[r][j] += int32(x[0])*int32(y[4*j]) + int32(x[1])*int32(y[4*j+1]) +
					int32(x[2])*int32(y[4*j+2]) + int32(x[3])*int32(y[4*j+3])
			}
		}
	}
	return t
}

func addTile[T float32 | int32](t *[Rows][genericColumns]T, c *byte, cstride int) {
	for r := range t {
		for j, row := 0, view[T](c, r*cstride, genericColumns); j < genericColumns; j++ {
			row[j] += t[r][j]
		}
	}
}

func gemm32Generic(steps int, a *byte, astride int, b, c *byte, cstride int) {
	t := tile32(steps, 1, a, astride, b)
	addTile(&t, c, cstride)
}

func gemm16Generic(steps int, a *byte, astride int, b, c *byte, cstride int) {
	panel := view[int16](b, 0, 2*steps*genericColumns)
	var t [Rows][genericColumns]int32
	for r := range t {
		row := view[int16](a, r*astride, 2*steps)
		for k := range steps {
			x0, x1 := int32(row[2*k]), int32(row[2*k+1])
			y := panel[2*k*genericColumns:]
			for j := range t[r] {
				t[r][j] += x0*int32(y[2*j]) + x1*int32(y[2*j+1])
			}
		}
	}
	addTile(&t, c, cstride)
}

func gemm8Generic(steps int, a *byte, astride int, b, c *byte, cstride int) {
	t := tile8(steps, 1, a, astride, b)
	addTile(&t, c, cstride)
}

func storeMasks[T float32 | int32](t *[Rows][genericColumns]T, bounds []Bound[T], masks *byte, mstride int) {
	for r := range t {
		var lower, upper uint16
		for j, x := range t[r] {
			if x >= bounds[r].Lower {
				lower |= 1 << j
			}
			if x >= bounds[r].Upper {
				upper |= 1 << j
			}
		}
		lo, hi := view[byte](masks, r*mstride, 2), view[byte](masks, r*mstride+mstride/2, 2)
		lo[0], lo[1] = byte(lower), byte(lower>>8)
		hi[0], hi[1] = byte(upper), byte(upper>>8)
	}
}

// offset adds the offsets of even and, from column `odd` on, of odd products.
func offset(t *[Rows][genericColumns]int32, bounds []Bound[int32], odd int) {
	for r := range t {
		for j := range t[r] {
			if j < odd {
				t[r][j] += bounds[r].Offset
			} else {
				t[r][j] += bounds[r].Odd
			}
		}
	}
}

// mirrored makes sums and differences of the even and the odd products.
func mirrored[T float32 | int32](t *[Rows][genericColumns]T) {
	const half = genericColumns / 2
	for r := range t {
		for j := range half {
			e, o := t[r][j], t[r][half+j]
			t[r][j], t[r][half+j] = e+o, e-o
		}
	}
}

// boundSize is the number of bytes of a Bound.
const boundSize = 16

func mask32Generic(groups, steps int, a *byte, astride int, b, bounds, masks *byte, mstride int) {
	for g := range groups {
		t := tile32(steps, 1, step(a, g*Rows*astride), astride, b)
		storeMasks(&t, view[Bound[float32]](bounds, g*Rows*boundSize, Rows), step(masks, g*Rows*mstride), mstride)
	}
}

func mask8Generic(groups, steps int, a *byte, astride int, b, bounds, masks *byte, mstride int) {
	for g := range groups {
		t := tile8(steps, 1, step(a, g*Rows*astride), astride, b)
		limits := view[Bound[int32]](bounds, g*Rows*boundSize, Rows)
		offset(&t, limits, genericColumns)
		storeMasks(&t, limits, step(masks, g*Rows*mstride), mstride)
	}
}

func mask32MirroredGeneric(groups, steps int, a *byte, astride int, b, bounds, masks *byte, mstride int) {
	for g := range groups {
		t := tile32(steps, 2, step(a, g*Rows*astride), astride, b)
		mirrored(&t)
		storeMasks(&t, view[Bound[float32]](bounds, g*Rows*boundSize, Rows), step(masks, g*Rows*mstride), mstride)
	}
}

func mask8MirroredGeneric(groups, steps int, a *byte, astride int, b, bounds, masks *byte, mstride int) {
	for g := range groups {
		t := tile8(steps, 2, step(a, g*Rows*astride), astride, b)
		limits := view[Bound[int32]](bounds, g*Rows*boundSize, Rows)
		offset(&t, limits, genericColumns/2)
		mirrored(&t)
		storeMasks(&t, limits, step(masks, g*Rows*mstride), mstride)
	}
}

func gatherGeneric(n int, index *uint16, w *float32, table *byte, stride int, dst *byte, blocks int) {
	out := view[float32](dst, 0, 32*blocks)
	clear(out)
	weights := unsafe.Slice(w, n)
	for i, a := range unsafe.Slice(index, n) {
		for j, x := range view[float32](table, int(a)*stride, len(out)) {
			out[j] += weights[i] * x
		}
	}
}

func sumWordsGeneric(n int, starts *int32, numbers *uint16, table *byte, scales *float32, dst *byte, stride int) {
	from := unsafe.Slice(starts, n+1)
	by := unsafe.Slice(scales, WordColumns)
	for i := range n {
		span := view[uint16]((*byte)(unsafe.Pointer(numbers)), 2*int(from[i]), int(from[i+1]-from[i]))
		var sums [WordColumns]int32
		for _, a := range span {
			row := view[uint16](table, 2*WordColumns*int(a), WordColumns)
			for l := range WordColumns / 2 {
				sums[l] += int32(row[2*l]) - 1<<15
				sums[WordColumns/2+l] += int32(int16(row[2*l+1]))
			}
		}
		out := view[float32](dst, i*stride, WordColumns)
		for j, v := range sums {
			out[j] += float32(float32(v) * by[j]) // rounded in between, as in assembly
		}
	}
}

func dotRowsGeneric(n int, index *uint16, x, table *byte, stride, chunks int, out *float32) {
	xs := view[float32](x, 0, 16*chunks)
	dots := unsafe.Slice(out, n)
	for i, a := range unsafe.Slice(index, n) {
		var sum float32
		for j, y := range view[float32](table, int(a)*stride, len(xs)) {
			sum += xs[j] * y
		}
		dots[i] = sum
	}
}

func dotBytesGeneric(n int, index *uint16, x *float32, table *int8, chunks int, out *float32) {
	xs := unsafe.Slice(x, 16*chunks)
	dots := unsafe.Slice(out, n)
	for i, a := range unsafe.Slice(index, n) {
		var sum float32
		for j, y := range view[int8]((*byte)(unsafe.Pointer(table)), int(a)*len(xs), len(xs)) {
			sum += xs[j] * float32(y)
		}
		dots[i] = sum
	}
}

func dotNibblesGeneric(n int, x *int8, table *uint8, chunks int, out *int32) {
	const half = NibbleChunk / 2
	xs, rows := unsafe.Slice(x, NibbleChunk*chunks), unsafe.Slice(table, n*half*chunks)
	for i := range unsafe.Slice(out, n) {
		var sum int32
		for c := range chunks {
			at := xs[c*NibbleChunk:][:NibbleChunk]
			for j, b := range rows[(i*chunks+c)*half:][:half] {
				sum += int32(at[j])*int32(b&15) + int32(at[half+j])*int32(b>>4)
			}
		}
		unsafe.Slice(out, n)[i] = sum
	}
}

func countGeneric(spans *uint32, n int, numbers, counts *uint16) {
	c := (*[1 << 16]uint16)(unsafe.Pointer(counts)) // an index of 16 bits needs no check
	for _, s := range unsafe.Slice((*Span)(unsafe.Pointer(spans)), n) {
		for _, v := range unsafe.Slice((*uint16)(unsafe.Add(unsafe.Pointer(numbers), 2*uintptr(s.Start))), s.End-s.Start) {
			c[v]++
		}
	}
}

func weighGeneric(spans *uint32, n int, numbers, weights, counts *uint16) {
	c := (*[1 << 16]uint16)(unsafe.Pointer(counts))
	for _, s := range unsafe.Slice((*Span)(unsafe.Pointer(spans)), n) {
		w := unsafe.Slice((*uint16)(unsafe.Add(unsafe.Pointer(weights), 2*uintptr(s.Start))), s.End-s.Start)
		for i, v := range unsafe.Slice((*uint16)(unsafe.Add(unsafe.Pointer(numbers), 2*uintptr(s.Start))), s.End-s.Start) {
			c[v] += w[i]
		}
	}
}

func bitsGeneric(words *uint64, n int, dst *uint16) int {
	count := 0
	for i, w := range unsafe.Slice(words, n) {
		for ; w != 0; w &= w - 1 {
			*(*uint16)(unsafe.Add(unsafe.Pointer(dst), 2*count)) = uint16(64*i + bits.TrailingZeros64(w))
			count++
		}
	}
	return count
}

func maxAbsGeneric(x *float32, chunks int) (largest float32) {
	for _, v := range unsafe.Slice(x, 16*chunks) {
		largest = max(largest, v, -v)
	}
	return largest
}

func quantizeGeneric(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32) {
	round(x, chunks, scale, inverse, q, energy, sums, func(_ int, v float32) float64 { return math.RoundToEven(float64(v)) })
}

func ditherGeneric(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32, state *uint32) {
	s := unsafe.Slice(state, 16)
	round(x, chunks, scale, inverse, q, energy, sums, func(i int, v float32) float64 {
		r := &s[i%16]
		*r ^= *r << 13
		*r ^= *r >> 17
		*r ^= *r << 5
		return math.Floor(float64(v + float32(*r>>8)*(1.0/(1<<24))))
	})
}

func round(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32, integer func(i int, v float32) float64) {
	e, s := unsafe.Slice(energy, 16), unsafe.Slice(sums, 8)
	out := unsafe.Slice(q, 16*chunks)
	for i, v := range unsafe.Slice(x, 16*chunks) {
		n := float32(min(max(integer(i, scale*v), -127), 127))
		out[i] = int8(n)
		d := v - inverse*n
		e[i%16] += d * d
		s[i%8] += int32(n)
	}
}

func dotBundleGeneric(n int, table *byte, stride int, x *float32, chunks int, out *float32) {
	xs := unsafe.Slice((*[Bundle][16]float32)(unsafe.Pointer(x)), chunks)
	for i, sums := range unsafe.Slice((*[Bundle]float32)(unsafe.Pointer(out)), n) {
		sums = [Bundle]float32{}
		row := view[float32](table, i*stride, 16*chunks)
		for c := range xs {
			for v := range sums {
				for j, y := range row[16*c : 16*c+16] {
					sums[v] += xs[c][v][j] * y
				}
			}
		}
		unsafe.Slice((*[Bundle]float32)(unsafe.Pointer(out)), n)[i] = sums
	}
}

func subtractBundleGeneric(n int, table *byte, stride int, w, x *float32, blocks int) {
	xs := unsafe.Slice((*[Bundle][16]float32)(unsafe.Pointer(x)), 2*blocks)
	for i, weights := range unsafe.Slice((*[Bundle]float32)(unsafe.Pointer(w)), n) {
		row := view[float32](table, i*stride, 16*len(xs))
		for c := range xs {
			for v, weight := range weights {
				for j, y := range row[16*c : 16*c+16] {
					xs[c][v][j] -= weight * y
				}
			}
		}
	}
}

func foldBytesGeneric(n int, src *uint8, sign int32, dst *float32) {
	from, to := unsafe.Slice(src, 16*n), unsafe.Slice(dst, 8*n)
	for i := range to {
		at := i/8*16 + i%8
		to[i] = float32(int32(from[at]) + sign*int32(from[at+8]))
	}
}

func gatherPlacesGeneric(n int, index *uint32, w *float32, table *byte, dst *float32) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32 // in registers, which an array is not
	weights := unsafe.Slice(w, n)
	for i, a := range unsafe.Slice(index, n) {
		weight, row := weights[i], (*[Bundle]float32)(unsafe.Pointer(unsafe.SliceData(view[float32](table, 4*Bundle*int(a), Bundle))))
		s0 += weight * row[0]
		s1 += weight * row[1]
		s2 += weight * row[2]
		s3 += weight * row[3]
		s4 += weight * row[4]
		s5 += weight * row[5]
		s6 += weight * row[6]
		s7 += weight * row[7]
	}
	*(*[Bundle]float32)(unsafe.Pointer(dst)) = [Bundle]float32{s0, s1, s2, s3, s4, s5, s6, s7}
}
