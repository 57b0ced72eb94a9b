package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// bits lists the set bits of a mask. The numbers of a word's 64 bits stand in a
// register, a byte each; those of set bits are moved to its front, widened and
// stored, 32 at a time, over what the next word will write. Words with more than
// 32 set bits are rare.
func bits() {
	TEXT("bitsVBMI2", NOSPLIT, "func(words *uint64, n int, dst *uint16) int")
	Doc("bitsVBMI2 writes the numbers of the set bits of n words, and up to 32 values beyond, and returns how many bits are set.")
	Pragma("noescape")
	words := Load(Param("words"), GP64())
	n := Load(Param("n"), GP64())
	dst := Load(Param("dst"), GP64())
	start := GP64()
	MOVQ(dst, start)

	numbers := GLOBL("iota8", RODATA|NOPTR)
	for i := range 64 {
		DATA(i, U8(uint8(i)))
	}
	iota, base, step := ZMM(), ZMM(), ZMM()
	VMOVDQU8(numbers, iota)
	VPXORD(base, base, base)
	sixtyFour := GP32()
	MOVL(U32(64), sixtyFour)
	VPBROADCASTW(sixtyFour, step)

	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("word")
	word, count, mask, packed, wide := GP64(), GP64(), K(), ZMM(), ZMM()
	MOVQ(Mem{Base: words}, word)
	KMOVQ(word, mask)
	POPCNTQ(word, count)
	VPCOMPRESSB_Z(iota, mask, packed)
	VPMOVZXBW(packed.AsY(), wide)
	VPADDW(base, wide, wide)
	VMOVDQU16(wide, Mem{Base: dst})
	CMPQ(count, Imm(32))
	JG(LabelRef("many"))
	Label("next")
	LEAQ(Mem{Base: dst, Index: count, Scale: 2}, dst)
	VPADDW(step, base, base)
	ADDQ(Imm(8), words)
	DECQ(n)
	JNZ(LabelRef("word"))
	Label("end")
	SUBQ(start, dst)
	SHRQ(Imm(1), dst)
	Store(dst, ReturnIndex(0))
	VZEROUPPER()
	RET()

	Label("many")
	high := YMM()
	VEXTRACTI64X4(Imm(1), packed, high)
	VPMOVZXBW(high, wide)
	VPADDW(base, wide, wide)
	VMOVDQU16(wide, Mem{Base: dst, Disp: 64})
	JMP(LabelRef("next"))
}
