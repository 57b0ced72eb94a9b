package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const rows = 6 // rows of A in a tile

type isa struct {
	bytes   int // of a vector register
	vectors int // registers across a panel of B
}

var (
	avx512 = isa{bytes: 64, vectors: 4}
	avx2   = isa{bytes: 32, vectors: 2}
)

func (s isa) vec() Register {
	if s.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

// panel is the number of bytes of B a step consumes.
func (s isa) panel() int { return s.bytes * s.vectors }

// product accumulates one step: acc += a·b, element by element of four bytes.
type product func(s isa, a, b, acc Register)

func float(_ isa, a, b, acc Register) { VFMADD231PS(a, b, acc) }

func words(s isa, a, b, acc Register) {
	t := s.vec()
	VPMADDWD(a, b, t)
	VPADDD(t, acc, acc)
}

func wordsVNNI(_ isa, a, b, acc Register) { VPDPWSSD(a, b, acc) }

// bytesVNNI multiplies unsigned bytes of B by signed bytes of A.
func bytesVNNI(_ isa, a, b, acc Register) { VPDPBUSD(a, b, acc) }

// element is what four bytes of an operand are.
type element int

const (
	float32s element = iota
	integers
)

// operands are the registers of a tile's product.
type operands struct {
	acc       []Register // rows × vectors, which hold the tile
	steps     Register
	a, stride Register // the first row of A, and the distance of rows in bytes
	b         Register // the panel of B
}

// multiply writes the inner loop: acc += rows of A × panel of B. Each row of A gives `parts`
// values of four bytes a step; the panel's vectors are shared out among them in turn.
func multiply(s isa, mul product, e element, parts int, t operands) {
	as := t.stride
	a, a3, b, k := GP64(), GP64(), GP64(), GP64()
	MOVQ(t.a, a)
	LEAQ(Mem{Base: t.a, Index: as, Scale: 2}, a3)
	ADDQ(as, a3)
	MOVQ(t.b, b)
	MOVQ(t.steps, k)
	TESTQ(k, k)
	JZ(LabelRef("done"))
	Label("step")
	bv := make([]Register, s.vectors)
	for v := range bv {
		bv[v] = s.vec()
		m := Mem{Base: b, Disp: v * s.bytes}
		if s.bytes == 64 {
			VMOVDQU32(m, bv[v])
		} else {
			VMOVUPS(m, bv[v])
		}
	}
	bcast := s.vec()
	for r := range rows {
		m := Mem{Base: a}
		if r >= 3 {
			m.Base = a3
		}
		if r%3 > 0 {
			m.Index, m.Scale = as, uint8(r%3)
		}
		for part := range parts {
			m.Disp = 4 * part
			if e == float32s {
				VBROADCASTSS(m, bcast)
			} else {
				VPBROADCASTD(m, bcast)
			}
			for v := part * s.vectors / parts; v < (part+1)*s.vectors/parts; v++ {
				mul(s, bcast, bv[v], t.acc[r*s.vectors+v])
			}
		}
	}
	ADDQ(Imm(uint64(4*parts)), a)
	ADDQ(Imm(uint64(4*parts)), a3)
	ADDQ(U32(s.panel()), b)
	DECQ(k)
	JNZ(LabelRef("step"))
	Label("done")
}

func zero(s isa, x Register) {
	if s.bytes == 64 {
		VPXORD(x, x, x)
	} else {
		VXORPS(x, x, x)
	}
}

// gemm writes the kernel that adds its products to C. Strides are in bytes.
func gemm(name string, s isa, mul product, e element) {
	TEXT(name, NOSPLIT, "func(steps int, a *byte, astride int, b *byte, c *byte, cstride int)")
	Doc(fmt.Sprintf("%s adds to a tile of C, %d × %d, the product of %d rows of A and a panel of B.", name, rows, s.panel()/4, rows))
	Pragma("noescape")
	n := Load(Param("steps"), GP64())
	a := Load(Param("a"), GP64())
	as := Load(Param("astride"), GP64())
	b := Load(Param("b"), GP64())
	acc := make([]Register, rows*s.vectors)
	for i := range acc {
		acc[i] = s.vec()
		zero(s, acc[i])
	}
	multiply(s, mul, e, 1, operands{acc, n, a, as, b})
	c := Load(Param("c"), GP64())
	cs := Load(Param("cstride"), GP64())
	for r := range rows {
		for v := range s.vectors {
			m, x := Mem{Base: c, Disp: v * s.bytes}, acc[r*s.vectors+v]
			switch {
			case e == float32s:
				VADDPS(m, x, x)
				VMOVUPS(x, m)
			case s.bytes == 64:
				VPADDD(m, x, x)
				VMOVDQU32(x, m)
			default:
				VPADDD(m, x, x)
				VMOVDQU(x, m)
			}
		}
		if r < rows-1 {
			ADDQ(cs, c)
		}
	}
	VZEROUPPER()
	RET()
}
