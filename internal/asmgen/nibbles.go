package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// dotNibbles writes out[i] = Σ_k x[k]·n[i][k] for n rows of numbers from 0 to 15, two a byte: of each 32 bytes the low
// halves are 32 numbers, and the high ones the 32 that follow.
func dotNibbles(name string) {
	TEXT(name, NOSPLIT, "func(n int, x *int8, table *uint8, chunks int, out *int32)")
	Doc(name + " writes the dot products of x, chunks × 64 bytes, and n rows of numbers of four bits.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	x := Load(Param("x"), GP64())
	table := Load(Param("table"), GP64())
	chunks := Load(Param("chunks"), GP64())
	out := Load(Param("out"), GP64())

	constant, low, ones := GP32(), YMM(), YMM()
	scalar := XMM()
	MOVL(U32(0x0f0f0f0f), constant)
	VMOVD(constant, scalar)
	VPBROADCASTD(scalar, low)
	MOVL(U32(0x00010001), constant)
	VMOVD(constant, scalar)
	VPBROADCASTD(scalar, ones)

	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("row")
	sum, at, k := YMM(), GP64(), GP64()
	VPXOR(sum, sum, sum)
	MOVQ(x, at)
	MOVQ(chunks, k)
	Label("chunk")
	first, second := YMM(), YMM()
	VMOVDQU(Mem{Base: table}, first)
	VPSRLW(Imm(4), first, second)
	VPAND(low, first, first)
	VPAND(low, second, second)
	// Two products are at most 2·15·128, and so four of them fit in 16 bits.
	VPMADDUBSW(Mem{Base: at}, first, first)
	VPMADDUBSW(Mem{Base: at, Disp: 32}, second, second)
	VPADDW(second, first, first)
	VPMADDWD(ones, first, first)
	VPADDD(first, sum, sum)
	ADDQ(Imm(64), at)
	ADDQ(Imm(32), table)
	DECQ(k)
	JNZ(LabelRef("chunk"))
	half, total := XMM(), sum.AsX()
	VEXTRACTI128(Imm(1), sum, half)
	VPADDD(half, total, total)
	VPHADDD(total, total, total)
	VPHADDD(total, total, total)
	VMOVD(total, Mem{Base: out})
	ADDQ(Imm(4), out)
	DECQ(n)
	JNZ(LabelRef("row"))
	Label("end")
	VZEROUPPER()
	RET()
}
