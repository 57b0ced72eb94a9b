package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gatherAdd writes dst = Σ_i w[i]·table[index[i]], rows of `blocks` × 32 floats.
// As many columns as registers allow are kept in registers over all the rows.
func gatherAdd(name string, s isa) {
	TEXT(name, NOSPLIT, "func(n int, index *uint16, w *float32, table *byte, stride int, dst *byte, blocks int)")
	Doc(fmt.Sprintf("%s writes to dst, blocks × 32 floats, the sum of n rows of table, each times its weight.", name))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	index0 := Load(Param("index"), GP64())
	w0 := Load(Param("w"), GP64())
	table := Load(Param("table"), GP64())
	stride := Load(Param("stride"), GP64())
	dst := Load(Param("dst"), GP64())
	blocks := Load(Param("blocks"), GP64())

	wide := 8 // vectors: 128 columns with AVX-512, 64 with AVX2
	narrow := 128 / s.bytes
	pass := func(label string, vectors int, next string) {
		Label(label)
		CMPQ(blocks, Imm(uint64(vectors*s.bytes/128)))
		JLT(LabelRef(next))
		acc := make([]Register, vectors)
		for i := range acc {
			acc[i] = s.vec()
			zero(s, acc[i])
		}
		i := GP64()
		XORQ(i, i)
		Label(label + "_row")
		CMPQ(i, n)
		JGE(LabelRef(label + "_store"))
		at := GP64()
		MOVWQZX(Mem{Base: index0, Index: i, Scale: 2}, at)
		IMULQ(stride, at)
		weight := s.vec()
		VBROADCASTSS(Mem{Base: w0, Index: i, Scale: 4}, weight)
		for v := range acc {
			VFMADD231PS(Mem{Base: table, Index: at, Scale: 1, Disp: v * s.bytes}, weight, acc[v])
		}
		INCQ(i)
		JMP(LabelRef(label + "_row"))
		Label(label + "_store")
		for v := range acc {
			VMOVUPS(acc[v], Mem{Base: dst, Disp: v * s.bytes})
		}
		ADDQ(U32(vectors*s.bytes), table)
		ADDQ(U32(vectors*s.bytes), dst)
		SUBQ(U32(vectors*s.bytes/128), blocks)
		JMP(LabelRef(label))
	}
	pass("wide", wide, "narrow")
	pass("narrow", narrow, "end")
	Label("end")
	VZEROUPPER()
	RET()
}

// dotRows writes out[i] = x · table[index[i]] for rows of `chunks` × 16 floats, or,
// with packed, of as many bytes, which are widened to floats and stand close
// together.
func dotRows(name string, s isa, packed bool) {
	what, size := "floats", 4
	if packed {
		what, size = "bytes", 1
		TEXT(name, NOSPLIT, "func(n int, index *uint16, x *float32, table *int8, chunks int, out *float32)")
	} else {
		TEXT(name, NOSPLIT, "func(n int, index *uint16, x *byte, table *byte, stride int, chunks int, out *float32)")
	}
	Doc(fmt.Sprintf("%s writes the dot products of x, chunks × 16 floats, and n rows of %s.", name, what))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	index := Load(Param("index"), GP64())
	x := Load(Param("x"), GP64())
	table := Load(Param("table"), GP64())
	chunks := Load(Param("chunks"), GP64())
	out := Load(Param("out"), GP64())
	stride := GP64()
	if packed {
		MOVQ(chunks, stride)
		SHLQ(Imm(4), stride)
	} else {
		Load(Param("stride"), stride)
	}

	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("row")
	row := GP64()
	MOVWQZX(Mem{Base: index}, row)
	IMULQ(stride, row)
	ADDQ(table, row)
	acc := make([]Register, 64/s.bytes) // a chunk
	for v := range acc {
		acc[v] = s.vec()
		zero(s, acc[v])
	}
	at, k := GP64(), GP64()
	MOVQ(x, at)
	MOVQ(chunks, k)
	Label("chunk")
	for v := range acc {
		t, xs := s.vec(), Mem{Base: at, Disp: v * s.bytes}
		if packed {
			VPMOVSXBD(Mem{Base: row, Disp: v * s.bytes / 4}, t)
			VCVTDQ2PS(t, t)
			VFMADD231PS(xs, t, acc[v])
		} else {
			VMOVUPS(xs, t)
			VFMADD231PS(Mem{Base: row, Disp: v * s.bytes}, t, acc[v])
		}
	}
	ADDQ(Imm(64), at)
	ADDQ(Imm(uint64(16*size)), row)
	DECQ(k)
	JNZ(LabelRef("chunk"))
	storeSum(s, acc, out)
	ADDQ(Imm(2), index)
	ADDQ(Imm(4), out)
	DECQ(n)
	JNZ(LabelRef("row"))
	Label("end")
	VZEROUPPER()
	RET()
}

// storeSum stores the sum of all elements of one register of 16 floats, or of two of 8.
func storeSum(s isa, acc []Register, out Register) {
	sum := YMM()
	if s.bytes == 64 {
		VEXTRACTF64X4(Imm(1), acc[0], sum)
		VADDPS(acc[0].(VecVirtual).AsY(), sum, sum)
	} else {
		VADDPS(acc[0], acc[1], sum)
	}
	high := XMM()
	VEXTRACTF128(Imm(1), sum, high)
	low := sum.AsX()
	VADDPS(high, low, low)
	VHADDPS(low, low, low)
	VHADDPS(low, low, low)
	VMOVSS(low, Mem{Base: out})
}

// fetch brings lines of 64 bytes to the second-level cache.
func fetch(name string) {
	TEXT(name, NOSPLIT, "func(p *byte, lines int)")
	Doc(name + " brings lines of 64 bytes to the second-level cache.")
	Pragma("noescape")
	p := Load(Param("p"), GP64())
	lines := Load(Param("lines"), GP64())
	TESTQ(lines, lines)
	JZ(LabelRef("end"))
	Label("line")
	PREFETCHT1(Mem{Base: p})
	ADDQ(Imm(64), p)
	DECQ(lines)
	JNZ(LabelRef("line"))
	Label("end")
	RET()
}
