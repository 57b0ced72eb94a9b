package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// foldAhead is how many bytes ahead foldBytes fetches: what a caller that works in tiles of
// as many bytes folds next.
const foldAhead = 2048

// foldBytes writes dst[8k+j] = src[16k+j] + sign · src[16k+8+j], for n blocks of 16
// bytes and a sign of 1 or −1.
func foldBytes(name string) {
	TEXT(name, NOSPLIT, "func(n int, src *uint8, sign int32, dst *float32)")
	Doc(name + " writes, of each of n blocks of 16 bytes, the first eight plus or minus the last eight.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	src := Load(Param("src"), GP64())
	scalar, sign := XMM(), YMM()
	VMOVD(Load(Param("sign"), GP32()), scalar)
	VPBROADCASTD(scalar, sign)
	dst := Load(Param("dst"), GP64())
	fold := func(label string, blocks int, next string) {
		Label(label)
		CMPQ(n, Imm(uint64(blocks)))
		JLT(LabelRef(next))
		if blocks > 1 { // a line, and the one that is needed some time later
			PREFETCHT1(Mem{Base: src, Disp: foldAhead})
		}
		for k := range blocks {
			first, second := YMM(), YMM()
			VPMOVZXBD(Mem{Base: src, Disp: 16 * k}, first)
			VPMOVZXBD(Mem{Base: src, Disp: 16*k + 8}, second)
			VPSIGND(sign, second, second)
			VPADDD(first, second, second)
			VCVTDQ2PS(second, second)
			VMOVUPS(second, Mem{Base: dst, Disp: 32 * k})
		}
		ADDQ(Imm(uint64(16*blocks)), src)
		ADDQ(U32(32*blocks), dst)
		SUBQ(Imm(uint64(blocks)), n)
		JMP(LabelRef(label))
	}
	fold("line", 4, "block")
	fold("block", 1, "end")
	Label("end")
	VZEROUPPER()
	RET()
}
