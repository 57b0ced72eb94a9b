package jpegplanes

// The inverse transform is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 12
// multiplications, in integers with 13 binary places, as libjpeg's "slow" one: samples are
// those of libjpeg to the last bit.

// Cosines and their sums and differences, by 2¹³: the comment is what they are.
const (
	places  = 13
	c0_2986 = 2446  // √2·(−c1 + c3 + c5 − c7), with ck = cos(kπ/16)
	c0_3902 = 3196  // √2·(c3 − c5)
	c0_5412 = 4433  // √2·c6
	c0_7654 = 6270  // √2·(c2 − c6)
	c0_8999 = 7373  // √2·(c3 − c7)
	c1_1759 = 9633  // √2·c3
	c1_5013 = 12299 // √2·(c1 + c3 − c5 − c7)
	c1_8478 = 15137 // √2·(c2 + c6)
	c1_9616 = 16069 // √2·(c3 + c5)
	c2_0531 = 16819 // √2·(c1 + c3 − c5 + c7)
	c2_5629 = 20995 // √2·(c1 + c3)
	c3_0727 = 25172 // √2·(c1 + c3 + c5 − c7)
)

// transform makes the samples of a block of its coefficients.
func (p *plane) transform(at int, coefficients *[64]int16) {
	var block [64]int32
	for k, to := range natural {
		block[to] = int32(coefficients[to]) * int32(p.quant[k])
	}
	for x := range 8 {
		inverse(block[x:], 8, places-2) // two places are kept for the rows
	}
	for y := range 8 {
		inverse(block[8*y:], 1, places+2+3) // the 3 are a factor of 8
	}
	stride := 8 * p.across
	out := p.samples[at/p.across*8*stride+at%p.across*8:]
	for y := range 8 {
		for x := range 8 {
			out[y*stride+x] = clip(block[8*y+x] + 128)
		}
	}
}

func clip(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// inverse transforms the 8 values that are step apart, and rounds so many places away.
func inverse(b []int32, step, shift int) {
	v := func(k int) int32 { return b[k*step] }
	// Even coefficients.
	z := (v(2) + v(6)) * c0_5412
	e2, e3 := z-v(6)*c1_8478, z+v(2)*c0_7654
	e0, e1 := (v(0)+v(4))<<places, (v(0)-v(4))<<places
	even := [4]int32{e0 + e3, e1 + e2, e1 - e2, e0 - e3}
	// Odd coefficients.
	z3, z4 := v(7)+v(3), v(5)+v(1)
	z5 := (z3 + z4) * c1_1759
	z3, z4 = z5-z3*c1_9616, z5-z4*c0_3902
	z1, z2 := -(v(7)+v(1))*c0_8999, -(v(5)+v(3))*c2_5629
	odd := [4]int32{
		v(1)*c1_5013 + z1 + z4,
		v(3)*c3_0727 + z2 + z3,
		v(5)*c2_0531 + z2 + z4,
		v(7)*c0_2986 + z1 + z3,
	}
	half := int32(1) << (shift - 1)
	for k := range 4 {
		b[k*step] = (even[k] + odd[k] + half) >> shift
		b[(7-k)*step] = (even[k] - odd[k] + half) >> shift
	}
}
