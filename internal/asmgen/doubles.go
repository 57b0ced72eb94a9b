package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// dotDoubles writes out[i] = x · table[index[i]] for rows of chunks × 16 floats, in float64:
// products are exact, and value k of a row belongs to sum k%8, of eight. Four rows at a time share
// what is read of x, and their sums do not wait for each other.
func dotDoubles(name string, s isa) {
	TEXT(name, NOSPLIT, "func(n int, index *uint16, x *byte, table *byte, stride int, chunks int, out *float64)")
	Doc(name + " writes the dot products of x, chunks × 16 floats, and n rows of floats, summed in float64.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	index := Load(Param("index"), GP64())
	x := Load(Param("x"), GP64())
	table := Load(Param("table"), GP64())
	stride := Load(Param("stride"), GP64())
	chunks := Load(Param("chunks"), GP64())
	out := Load(Param("out"), GP64())

	parts := 64 / s.bytes // registers that hold eight sums
	all := make([]Register, 4*parts)
	for i := range all {
		all[i] = s.vec()
	}
	group := func(label string, rows int, next string) {
		Label(label)
		CMPQ(n, Imm(uint64(rows)))
		JLT(LabelRef(next))
		acc := all[:rows*parts]
		for _, a := range acc {
			zero(s, a)
		}
		row := make([]Register, rows)
		for r := range row {
			row[r] = GP64()
			MOVWQZX(Mem{Base: index, Disp: 2 * r}, row[r])
			IMULQ(stride, row[r])
			ADDQ(table, row[r])
		}
		at, k := GP64(), GP64()
		MOVQ(x, at)
		MOVQ(chunks, k)
		Label(label + "_chunk")
		for half := 0; half < 64; half += 32 {
			for p := range parts {
				disp := half + p*s.bytes/2
				xs := s.vec()
				VCVTPS2PD(Mem{Base: at, Disp: disp}, xs)
				for r := range row {
					y := s.vec()
					VCVTPS2PD(Mem{Base: row[r], Disp: disp}, y)
					VFMADD231PD(xs, y, acc[r*parts+p])
				}
			}
		}
		ADDQ(Imm(64), at)
		for r := range row {
			ADDQ(Imm(64), row[r])
		}
		DECQ(k)
		JNZ(LabelRef(label + "_chunk"))
		for r := range row {
			storeDouble(s, acc[r*parts:][:parts], Mem{Base: out, Disp: 8 * r})
		}
		ADDQ(Imm(uint64(2*rows)), index)
		ADDQ(Imm(uint64(8*rows)), out)
		SUBQ(Imm(uint64(rows)), n)
		JMP(LabelRef(label))
	}
	group("four", 4, "one")
	group("one", 1, "end")
	Label("end")
	VZEROUPPER()
	RET()
}

// storeDouble stores the sum of eight sums: of those four apart, then of those two apart, then of the two.
func storeDouble(s isa, acc []Register, out Mem) {
	four := YMM()
	if s.bytes == 64 {
		VEXTRACTF64X4(Imm(1), acc[0], four)
		VADDPD(four, acc[0].(VecVirtual).AsY(), four)
	} else {
		VADDPD(acc[1], acc[0], four)
	}
	high, low := XMM(), four.AsX()
	VEXTRACTF128(Imm(1), four, high)
	VADDPD(high, low, low)
	VHADDPD(low, low, low)
	VMOVSD(low, out)
}

// subtractDoubles writes dst = x − Σ_i w[i]·table[index[i]] for rows of chunks × 16 floats, summed in
// float64: a product is rounded, then taken off, row by row.
func subtractDoubles(name string, s isa) {
	TEXT(name, NOSPLIT, "func(n int, index *uint16, w *float64, table *byte, stride int, x *byte, chunks int, dst *byte)")
	Doc(fmt.Sprintf("%s writes x, chunks × 16 floats, less n rows of floats, each times its weight, computed in float64.", name))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	index := Load(Param("index"), GP64())
	w := Load(Param("w"), GP64())
	table := Load(Param("table"), GP64())
	stride := Load(Param("stride"), GP64())
	x := Load(Param("x"), GP64())
	chunks := Load(Param("chunks"), GP64())
	dst := Load(Param("dst"), GP64())

	acc := make([]Register, 128/s.bytes) // 16 values
	for v := range acc {
		acc[v] = s.vec()
	}
	Label("chunk")
	TESTQ(chunks, chunks)
	JZ(LabelRef("end"))
	for v := range acc {
		VCVTPS2PD(Mem{Base: x, Disp: v * s.bytes / 2}, acc[v])
	}
	i := GP64()
	XORQ(i, i)
	Label("row")
	CMPQ(i, n)
	JGE(LabelRef("store"))
	at, weight := GP64(), s.vec()
	MOVWQZX(Mem{Base: index, Index: i, Scale: 2}, at)
	IMULQ(stride, at)
	VBROADCASTSD(Mem{Base: w, Index: i, Scale: 8}, weight)
	for v := range acc {
		y := s.vec()
		VCVTPS2PD(Mem{Base: table, Index: at, Scale: 1, Disp: v * s.bytes / 2}, y)
		VMULPD(weight, y, y)
		VSUBPD(y, acc[v], acc[v])
	}
	INCQ(i)
	JMP(LabelRef("row"))
	Label("store")
	for v := range acc {
		if s.bytes == 64 {
			half := YMM()
			VCVTPD2PS(acc[v], half)
			VMOVUPS(half, Mem{Base: dst, Disp: v * 32})
		} else {
			half := XMM()
			VCVTPD2PSY(acc[v], half)
			VMOVUPS(half, Mem{Base: dst, Disp: v * 16})
		}
	}
	ADDQ(Imm(64), x)
	ADDQ(Imm(64), table)
	ADDQ(Imm(64), dst)
	DECQ(chunks)
	JMP(LabelRef("chunk"))
	Label("end")
	VZEROUPPER()
	RET()
}
