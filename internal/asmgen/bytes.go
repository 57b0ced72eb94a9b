package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// foldBytes writes dst[8k+j] = src[16k+j] + sign · src[16k+8+j], for n blocks of 16
// bytes and a sign of 1 or −1.
func foldBytes(name string) {
	TEXT(name, NOSPLIT, "func(n int, src *uint8, sign int32, dst *float32)")
	Doc(name + " writes, of each of n blocks of 16 bytes, the first eight plus or minus the last eight.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	src := Load(Param("src"), GP64())
	one, sign := XMM(), YMM()
	VMOVD(Load(Param("sign"), GP32()), one)
	VPBROADCASTD(one, sign)
	dst := Load(Param("dst"), GP64())
	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("block")
	first, second := YMM(), YMM()
	VPMOVZXBD(Mem{Base: src}, first)
	VPMOVZXBD(Mem{Base: src, Disp: 8}, second)
	VPSIGND(sign, second, second)
	VPADDD(first, second, second)
	VCVTDQ2PS(second, second)
	VMOVUPS(second, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JNZ(LabelRef("block"))
	Label("end")
	VZEROUPPER()
	RET()
}
