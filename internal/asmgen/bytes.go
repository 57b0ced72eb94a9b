package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// byteRows is the loops over rows of unsigned bytes that are widened to floats,
// in groups of 64: dot writes the product of each row with x, otherwise the rows,
// each times its weight, are added to x. A group of x stays in registers for all
// rows, or one of partial sums for all groups.
func byteRows(name string, s isa, dot bool) {
	TEXT(name, NOSPLIT, "func(rows int, table *uint8, stride int, x *float32, groups int, w *float32)")
	if dot {
		Doc(fmt.Sprintf("%s writes to w the products of rows of bytes with x, groups × 64 floats.", name))
	} else {
		Doc(fmt.Sprintf("%s adds rows of bytes, each times its w, to x, groups × 64 floats.", name))
	}
	Pragma("noescape")
	rows := Load(Param("rows"), GP64())
	table := Load(Param("table"), GP64())
	stride := Load(Param("stride"), GP64())
	x := Load(Param("x"), GP64())
	groups := Load(Param("groups"), GP64())
	w := Load(Param("w"), GP64())
	acc := make([]Register, 256/s.bytes) // a group
	for v := range acc {
		acc[v] = s.vec()
	}
	widened := func(at Register, v int) Register {
		t := s.vec()
		VPMOVZXBD(Mem{Base: at, Disp: v * s.bytes / 4}, t)
		VCVTDQ2PS(t, t)
		return t
	}
	TESTQ(rows, rows)
	JZ(LabelRef("end"))
	at, n := GP64(), GP64()
	if dot {
		Label("row")
		for v := range acc {
			zero(s, acc[v])
		}
		xs := GP64()
		MOVQ(table, at)
		MOVQ(x, xs)
		MOVQ(groups, n)
		Label("group")
		for v := range acc {
			VFMADD231PS(Mem{Base: xs, Disp: v * s.bytes}, widened(at, v), acc[v])
		}
		ADDQ(Imm(64), at)
		ADDQ(U32(256), xs)
		DECQ(n)
		JNZ(LabelRef("group"))
		for few := len(acc) / 2; few >= 64/s.bytes; few /= 2 {
			for v := range few {
				VADDPS(acc[v+few], acc[v], acc[v])
			}
		}
		storeSum(s, acc, w)
		ADDQ(stride, table)
		ADDQ(Imm(4), w)
		DECQ(rows)
		JNZ(LabelRef("row"))
	} else {
		Label("group")
		for v := range acc {
			VMOVUPS(Mem{Base: x, Disp: v * s.bytes}, acc[v])
		}
		ws := GP64()
		MOVQ(table, at)
		MOVQ(w, ws)
		MOVQ(rows, n)
		Label("row")
		weight := s.vec()
		VBROADCASTSS(Mem{Base: ws}, weight)
		for v := range acc {
			VFMADD231PS(widened(at, v), weight, acc[v])
		}
		ADDQ(stride, at)
		ADDQ(Imm(4), ws)
		DECQ(n)
		JNZ(LabelRef("row"))
		for v := range acc {
			VMOVUPS(acc[v], Mem{Base: x, Disp: v * s.bytes})
		}
		ADDQ(Imm(64), table)
		ADDQ(U32(256), x)
		DECQ(groups)
		JNZ(LabelRef("group"))
	}
	Label("end")
	VZEROUPPER()
	RET()
}
