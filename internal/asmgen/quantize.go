package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// maxAbs finds the largest of 16·chunks values, chunks at least 1, signs ignored.
func maxAbs() {
	TEXT("maxAbsAVX512", NOSPLIT, "func(x *float32, chunks int) float32")
	Doc("maxAbsAVX512 returns the largest absolute value of chunks × 16 floats.")
	Pragma("noescape")
	x := Load(Param("x"), GP64())
	chunks := Load(Param("chunks"), GP64())
	bits, sign, largest := GP32(), ZMM(), ZMM()
	MOVL(U32(0x7fffffff), bits)
	VPBROADCASTD(bits, sign)
	VPXORD(largest, largest, largest)
	Label("chunk")
	v := ZMM()
	VPANDD(Mem{Base: x}, sign, v)
	VMAXPS(v, largest, largest)
	ADDQ(Imm(64), x)
	DECQ(chunks)
	JNZ(LabelRef("chunk"))
	half := YMM()
	VEXTRACTF64X4(Imm(1), largest, half)
	VMAXPS(half, largest.AsY(), half)
	quarter := XMM()
	VEXTRACTF128(Imm(1), half, quarter)
	VMAXPS(quarter, half.AsX(), quarter)
	other := XMM()
	VSHUFPS(Imm(0b1110), quarter, quarter, other)
	VMAXPS(other, quarter, quarter)
	VSHUFPS(Imm(1), quarter, quarter, other)
	VMAXPS(other, quarter, quarter)
	Store(quarter, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// quantize rounds to integers and sums what the rounding took, squared, and the
// integers, by place among 16 and among 8. With dither it rounds at random, up as
// often as the fraction asks for: what it takes is zero on average. Each of 16
// places has a generator, an xorshift of 32 bits.
func quantize(name string, dither bool) {
	if dither {
		TEXT(name, NOSPLIT, "func(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32, state *uint32)")
		Doc(name+" writes scale·x of chunks × 16 floats, rounded at random and clipped to ±127, to q,",
			"16 sums of (x − inverse·q)² to energy and 8 sums of q to sums.")
	} else {
		TEXT(name, NOSPLIT, "func(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32)")
		Doc(name+" writes round(scale·x), clipped to ±127, of chunks × 16 floats to q,",
			"16 sums of (x − inverse·q)² to energy and 8 sums of q to sums.")
	}
	Pragma("noescape")
	x := Load(Param("x"), GP64())
	chunks := Load(Param("chunks"), GP64())
	q := Load(Param("q"), GP64())
	scalar := XMM()
	scale, inverse := ZMM(), ZMM()
	Load(Param("scale"), scalar)
	VBROADCASTSS(scalar, scale)
	Load(Param("inverse"), scalar)
	VBROADCASTSS(scalar, inverse)
	limit, low, high := GP32(), ZMM(), ZMM()
	MOVL(U32(127), limit)
	VPBROADCASTD(limit, high)
	NEGL(limit)
	VPBROADCASTD(limit, low)
	energy, sums := ZMM(), ZMM()
	VPXORD(energy, energy, energy)
	VPXORD(sums, sums, sums)
	state, unit := ZMM(), ZMM()
	if dither {
		from := Load(Param("state"), GP64())
		VMOVDQU32(Mem{Base: from}, state)
		bits := GP32()
		MOVL(U32(0x33800000), bits) // 2⁻²⁴
		VPBROADCASTD(bits, unit)
	}
	Label("chunk")
	v, n, r := ZMM(), ZMM(), ZMM()
	VMOVUPS(Mem{Base: x}, v)
	VMULPS(scale, v, n)
	if dither {
		t := ZMM()
		VPSLLD(Imm(13), state, t)
		VPXORD(t, state, state)
		VPSRLD(Imm(17), state, t)
		VPXORD(t, state, state)
		VPSLLD(Imm(5), state, t)
		VPXORD(t, state, state)
		VPSRLD(Imm(8), state, t)
		VCVTDQ2PS(t, t)
		VMULPS(unit, t, t)
		VADDPS(t, n, n)
		VRNDSCALEPS(Imm(1), n, n) // down
	}
	VCVTPS2DQ(n, n)
	VPMINSD(high, n, n)
	VPMAXSD(low, n, n)
	VPMOVDB(n, Mem{Base: q})
	VPADDD(n, sums, sums)
	VCVTDQ2PS(n, r)
	VFNMADD231PS(inverse, r, v)
	VFMADD231PS(v, v, energy)
	ADDQ(Imm(64), x)
	ADDQ(Imm(16), q)
	DECQ(chunks)
	JNZ(LabelRef("chunk"))
	half := YMM()
	VEXTRACTI64X4(Imm(1), sums, half)
	VPADDD(half, sums.AsY(), half)
	out := Load(Param("sums"), GP64())
	VMOVDQU(half, Mem{Base: out})
	out = Load(Param("energy"), GP64())
	VMOVUPS(energy, Mem{Base: out})
	VZEROUPPER()
	RET()
}
