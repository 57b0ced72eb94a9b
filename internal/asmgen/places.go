package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gatherPlaces writes dst = Σ_i w[i]·table[index[i]], rows of eight floats, one of each vector of
// a bundle. Four sums, of every fourth row, do not wait for each other.
func gatherPlaces(name string) {
	TEXT(name, NOSPLIT, "func(n int, index *uint32, w *float32, table *byte, dst *float32)")
	Doc(fmt.Sprintf("%s writes to dst, %d floats, the sum of n rows of table, each times its weight.", name, bundle))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	index := Load(Param("index"), GP64())
	w := Load(Param("w"), GP64())
	table := Load(Param("table"), GP64())
	dst := Load(Param("dst"), GP64())

	acc := make([]VecVirtual, 4)
	for i := range acc {
		acc[i] = YMM()
		VXORPS(acc[i], acc[i], acc[i])
	}
	at, weight := GP64(), YMM()
	add := func(i int) {
		MOVL(Mem{Base: index, Disp: 4 * i}, at.As32())
		SHLQ(Imm(5), at)
		VBROADCASTSS(Mem{Base: w, Disp: 4 * i}, weight)
		VFMADD231PS(Mem{Base: table, Index: at, Scale: 1}, weight, acc[i])
	}
	step := func(rows int) {
		for i := range rows {
			add(i)
		}
		ADDQ(Imm(uint64(4*rows)), index)
		ADDQ(Imm(uint64(4*rows)), w)
		SUBQ(Imm(uint64(rows)), n)
	}
	Label("four")
	CMPQ(n, Imm(4))
	JLT(LabelRef("one"))
	step(4)
	JMP(LabelRef("four"))
	Label("one")
	TESTQ(n, n)
	JZ(LabelRef("store"))
	step(1)
	JMP(LabelRef("one"))
	Label("store")
	VADDPS(acc[1], acc[0], acc[0])
	VADDPS(acc[3], acc[2], acc[2])
	VADDPS(acc[2], acc[0], acc[0])
	VMOVUPS(acc[0], Mem{Base: dst})
	VZEROUPPER()
	RET()
}
