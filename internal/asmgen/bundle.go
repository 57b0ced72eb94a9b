package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	bundle = 8               // vectors of a bundle
	chunk  = bundle * 16 * 4 // bytes of 16 values of each
	ahead  = 2               // tiles of columns that are fetched ahead
	tile   = 2 * chunk / 8   // bytes of a row in a tile of columns
)

// dotBundle writes out[8i+v] = x_v · row i of table. Three rows at a time share
// what is read of x: of all eight vectors with AVX-512, of four and then of the
// other four with AVX2. The order of each sum does not depend on which rows it is taken with.
func dotBundle(name string, s isa) {
	TEXT(name, NOSPLIT, "func(n int, table *byte, stride int, x *float32, chunks int, out *float32)")
	Doc(fmt.Sprintf("%s writes the dot products of n rows of table and the %d vectors of a bundle of chunks × 16 values.", name, bundle))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	table := Load(Param("table"), GP64())
	stride := Load(Param("stride"), GP64())
	x := Load(Param("x"), GP64())
	chunks := Load(Param("chunks"), GP64())
	out := Load(Param("out"), GP64())
	vectors := bundle * s.bytes / 64 // at a time
	var order Register               // where storeEight has the sums: four in lanes 0 to 3, the others two on
	if s.bytes == 64 {
		order = ZMM()
		places := GLOBL(name+"Order", RODATA|NOPTR)
		for v := range 16 {
			DATA(4*v, U32(v%4*4+v/4%2*2))
		}
		VMOVUPS(places, order)
	}
	all := make([]Register, 3*vectors)
	for i := range all {
		all[i] = s.vec()
	}
	next3 := GP64() // from a row to the one three further on
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, next3)
	group := func(label string, rows int, next string) {
		Label(label)
		CMPQ(n, Imm(uint64(rows)))
		JLT(LabelRef(next))
		for v0 := 0; v0 < bundle; v0 += vectors {
			acc := all[:rows*vectors]
			for _, a := range acc {
				zero(s, a)
			}
			xs, k := GP64(), GP64()
			MOVQ(x, xs)
			MOVQ(chunks, k)
			row := make([]Register, rows)
			for r := range row {
				row[r] = GP64()
				if r == 0 {
					MOVQ(table, row[r])
				} else {
					LEAQ(Mem{Base: row[r-1], Index: stride, Scale: 1}, row[r])
				}
			}
			loop := fmt.Sprintf("%s_chunk%d", label, v0)
			Label(loop)
			for part := 0; part < 64; part += s.bytes {
				values := make([]Register, rows)
				for r := range values {
					values[r] = s.vec()
					VMOVUPS(Mem{Base: row[r], Disp: part}, values[r])
				}
				xv := s.vec()
				for v := range vectors {
					VMOVUPS(Mem{Base: xs, Disp: (v0+v)*64 + part}, xv)
					for r := range values {
						VFMADD231PS(xv, values[r], acc[r*vectors+v])
					}
				}
			}
			for r := range row {
				if v0 == 0 {
					PREFETCHT1(Mem{Base: row[r], Index: next3, Scale: 1})
				}
				ADDQ(Imm(64), row[r])
			}
			ADDQ(U32(chunk), xs)
			DECQ(k)
			JNZ(LabelRef(loop))
			for r := range rows {
				sums, to := acc[r*vectors:][:vectors], Mem{Base: out, Disp: 4 * (r*bundle + v0)}
				if s.bytes == 64 {
					storeEight(sums, order, to)
				} else {
					storeFour(sums, to)
				}
			}
		}
		for range rows {
			ADDQ(stride, table)
		}
		ADDQ(Imm(uint64(4*bundle*rows)), out)
		SUBQ(Imm(uint64(rows)), n)
		JMP(LabelRef(label))
	}
	group("three", 3, "one")
	group("one", 1, "end")
	Label("end")
	VZEROUPPER()
	RET()
}

// storeFour stores the sums of the elements of four registers of AVX2.
func storeFour(acc []Register, out Mem) {
	pairs, sums, high := YMM(), YMM(), XMM()
	VHADDPS(acc[1], acc[0], sums)
	VHADDPS(acc[3], acc[2], pairs)
	VHADDPS(pairs, sums, sums)
	VEXTRACTF128(Imm(1), sums, high)
	VADDPS(high, sums.AsX(), sums.AsX())
	VMOVUPS(sums.AsX(), out)
}

// storeEight stores the sums of the elements of eight registers of AVX-512, by
// instructions that take any register: the number of those to add is halved, and then
// again, as halves and quarters of two of them are laid side by side.
func storeEight(acc []Register, order Register, out Mem) {
	t := ZMM()
	fold := func(low, high uint64, shuffle func(ops ...Op), a, b Register) {
		shuffle(Imm(high), b, a, t)
		shuffle(Imm(low), b, a, a)
		VADDPS(t, a, a)
	}
	lanes := func(ops ...Op) { VSHUFF64X2(ops...) }
	for i := 0; i < 8; i += 2 {
		fold(0x44, 0xee, lanes, acc[i], acc[i+1])
	}
	for i := 0; i < 8; i += 4 {
		fold(0x88, 0xdd, lanes, acc[i], acc[i+2])
	}
	fold(0x44, 0xee, func(ops ...Op) { VSHUFPS(ops...) }, acc[0], acc[4])
	VPERMILPS(Imm(0xb1), acc[0], t)
	VADDPS(t, acc[0], acc[0])
	VPERMPS(acc[0], order, t)
	VMOVUPS(t.AsY(), out)
}

// subtractBundle takes n rows of table, times their weights, from the vectors of a
// bundle: x_v −= Σ_i w[8i+v] · row i. A tile of 32 columns of all eight vectors stays
// in registers with AVX-512; with AVX2, 16 columns of four and then of the other four.
func subtractBundle(name string, s isa) {
	TEXT(name, NOSPLIT, "func(n int, table *byte, stride int, w *float32, x *float32, blocks int)")
	Doc(fmt.Sprintf("%s subtracts from the %d vectors of a bundle of blocks × 32 values n rows of table, each times its weights.", name, bundle))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	table := Load(Param("table"), GP64())
	stride := Load(Param("stride"), GP64())
	w := Load(Param("w"), GP64())
	x := Load(Param("x"), GP64())
	blocks := Load(Param("blocks"), GP64())
	TESTQ(n, n)
	JZ(LabelRef("end"))
	vectors, columns := bundle, 2*s.bytes // bytes of columns
	if s.bytes == 32 {
		vectors = bundle / 2
	}
	row, ws, k := GP64(), GP64(), GP64()
	weight, values, acc := s.vec(), []Register{s.vec(), s.vec()}, make([]Register, 2*vectors)
	for i := range acc {
		acc[i] = s.vec()
	}
	Label("block")
	CMPQ(blocks, Imm(0))
	JEQ(LabelRef("end"))
	for c := 0; c < tile; c += columns {
		for v0 := 0; v0 < bundle; v0 += vectors {
			place := func(v, part int) Mem {
				at := c + part*s.bytes
				return Mem{Base: x, Disp: at/64*chunk + (v0+v)*64 + at%64}
			}
			for i := range acc {
				VMOVUPS(place(i/2, i%2), acc[i])
			}
			MOVQ(table, row)
			MOVQ(w, ws)
			MOVQ(n, k)
			loop := fmt.Sprintf("row%d_%d", c, v0)
			Label(loop)
			for part := range values {
				VMOVUPS(Mem{Base: row, Disp: c + part*s.bytes}, values[part])
			}
			if v0 == 0 {
				for line := 0; line < columns; line += 64 {
					PREFETCHT1(Mem{Base: row, Disp: ahead*tile + c + line})
				}
			}
			for v := range vectors {
				VBROADCASTSS(Mem{Base: ws, Disp: 4 * (v0 + v)}, weight)
				for part := range values {
					VFNMADD231PS(values[part], weight, acc[2*v+part])
				}
			}
			ADDQ(stride, row)
			ADDQ(Imm(4*bundle), ws)
			DECQ(k)
			JNZ(LabelRef(loop))
			for i := range acc {
				VMOVUPS(acc[i], place(i/2, i%2))
			}
		}
	}
	ADDQ(U32(tile), table)
	ADDQ(U32(2*chunk), x)
	DECQ(blocks)
	JMP(LabelRef("block"))
	Label("end")
	VZEROUPPER()
	RET()
}
