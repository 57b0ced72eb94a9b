package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sumWords adds, for every span, the sum of the rows of a table that its
// numbers name, times a scale, to a row of dst: rows of 32 values of 16 bits, 64 bytes. Value 2l
// of a row is column l, plus 2¹⁵, and value 2l+1 column 16+l: a register of four-byte
// elements is added up as it is, all, and its upper halves, high. What the
// upper halves add to all is known then, and left are the sums of the lower ones.
func sumWords(name string, s isa) {
	TEXT(name, NOSPLIT, "func(n int, starts *int32, numbers *uint16, table *byte, scales *float32, dst *byte, stride int)")
	Doc(fmt.Sprintf("%s adds the sums of rows of words of n spans to rows of 32 floats.", name))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	starts := Load(Param("starts"), GP64())
	numbers := Load(Param("numbers"), GP64())
	table := Load(Param("table"), GP64())
	scales := Load(Param("scales"), GP64())
	dst := Load(Param("dst"), GP64())
	stride := Load(Param("stride"), GP64())
	vectors := 64 / s.bytes // a row
	all, high := make([]Register, vectors), make([]Register, vectors)
	for v := range vectors {
		all[v], high[v] = s.vec(), s.vec()
	}
	offset := s.vec() // 2¹⁵ for each row

	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("span")
	i, end := GP64(), GP64()
	MOVLQSX(Mem{Base: starts}, i)
	MOVLQSX(Mem{Base: starts, Disp: 4}, end)
	count := GP64()
	MOVQ(end, count)
	SUBQ(i, count)
	SHLQ(Imm(15), count)
	few := XMM()
	VMOVD(count.As32(), few)
	VPBROADCASTD(few, offset)
	for v := range vectors {
		zero(s, all[v])
		zero(s, high[v])
	}
	CMPQ(i, end)
	JGE(LabelRef("store"))
	Label("row")
	at := GP64()
	MOVWQZX(Mem{Base: numbers, Index: i, Scale: 2}, at)
	SHLQ(Imm(6), at)
	for v := range vectors {
		x := s.vec()
		m := Mem{Base: table, Index: at, Scale: 1, Disp: v * s.bytes}
		if s.bytes == 64 {
			VMOVDQU32(m, x)
		} else {
			VMOVDQU(m, x)
		}
		VPADDD(x, all[v], all[v])
		VPSRAD(Imm(16), x, x)
		VPADDD(x, high[v], high[v])
	}
	INCQ(i)
	CMPQ(i, end)
	JNE(LabelRef("row"))
	Label("store")
	for v := range vectors {
		t := s.vec()
		VPSLLD(Imm(16), high[v], t)
		VPSUBD(t, all[v], t)
		VPSUBD(offset, t, t)
		VCVTDQ2PS(t, t)
		VMULPS(Mem{Base: scales, Disp: v * s.bytes}, t, t)
		VADDPS(Mem{Base: dst, Disp: v * s.bytes}, t, t)
		VMOVUPS(t, Mem{Base: dst, Disp: v * s.bytes})
		VCVTDQ2PS(high[v], t)
		VMULPS(Mem{Base: scales, Disp: 64 + v*s.bytes}, t, t)
		VADDPS(Mem{Base: dst, Disp: 64 + v*s.bytes}, t, t)
		VMOVUPS(t, Mem{Base: dst, Disp: 64 + v*s.bytes})
	}
	ADDQ(Imm(4), starts)
	ADDQ(stride, dst)
	DECQ(n)
	JNZ(LabelRef("span"))
	Label("end")
	VZEROUPPER()
	RET()
}
