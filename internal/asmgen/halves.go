package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// halves turns half-precision numbers into float32. Exponent and fraction of a half, moved to the places that
// those of a float32 have, are its value times 2⁻¹¹², of subnormal halves too: a product with 2¹¹² is exact. Infinities
// and what is no number have the largest exponent, in both kinds. Conversion by one instruction is F16C, which is
// not part of AVX2.
func halves(name string) {
	TEXT(name, NOSPLIT, "func(n int, src *byte, dst *float32)")
	Doc(name + " writes the values of n blocks of 8 halves.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	src := Load(Param("src"), GP64())
	dst := Load(Param("dst"), GP64())
	constant := func(bits uint32) VecVirtual {
		r, x, y := GP32(), XMM(), YMM()
		MOVL(U32(bits), r)
		VMOVD(r, x)
		VPBROADCASTD(x, y)
		return y
	}
	magnitude, scale := constant(0x7fff), constant((127+112)<<23)
	finite, infinite := constant(0x7bff), constant(0x7f800000)
	Label("block")
	TESTQ(n, n)
	JZ(LabelRef("end"))
	x, bits, beyond := YMM(), YMM(), YMM()
	VPMOVZXWD(Mem{Base: src}, x)
	VPAND(magnitude, x, bits)
	VPCMPGTD(finite, bits, beyond) // bits > finite
	VPAND(infinite, beyond, beyond)
	VPXOR(bits, x, x) // the sign
	VPSLLD(Imm(16), x, x)
	VPSLLD(Imm(13), bits, bits)
	VMULPS(scale, bits, bits)
	VPOR(beyond, bits, bits)
	VPOR(x, bits, bits)
	VMOVUPS(bits, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JMP(LabelRef("block"))
	Label("end")
	VZEROUPPER()
	RET()
}
