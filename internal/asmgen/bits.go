package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// bits lists the set bits of a mask. The numbers of a half word's 32 bits stand
// in a register; those of set bits are moved to its front and stored, all 32,
// over what the next half word will write.
func bits() {
	TEXT("bitsVBMI2", NOSPLIT, "func(words *uint64, n int, dst *uint16) int")
	Doc("bitsVBMI2 writes the numbers of the set bits of n words, and up to 32 values beyond, and returns how many bits are set.")
	Pragma("noescape")
	words := Load(Param("words"), GP64())
	n := Load(Param("n"), GP64())
	dst := Load(Param("dst"), GP64())
	start := GP64()
	MOVQ(dst, start)

	low, step := ZMM(), ZMM()
	numbers := GLOBL("iota16", RODATA|NOPTR)
	for i := range 32 {
		DATA(2*i, U16(uint16(i)))
	}
	VMOVDQU16(numbers, low)
	thirtyTwo := GP32()
	MOVL(U32(32), thirtyTwo)
	VPBROADCASTW(thirtyTwo, step)

	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("word")
	word, count := GP64(), GP64()
	MOVQ(Mem{Base: words}, word)
	for half := range 2 {
		if half == 1 {
			SHRQ(Imm(32), word)
		}
		mask, packed := K(), ZMM()
		KMOVD(word.As32(), mask)
		VPCOMPRESSW_Z(low, mask, packed)
		VMOVDQU16(packed, Mem{Base: dst})
		POPCNTL(word.As32(), count.As32())
		LEAQ(Mem{Base: dst, Index: count, Scale: 2}, dst)
		VPADDW(step, low, low)
	}
	ADDQ(Imm(8), words)
	DECQ(n)
	JNZ(LabelRef("word"))
	Label("end")
	SUBQ(start, dst)
	SHRQ(Imm(1), dst)
	Store(dst, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
