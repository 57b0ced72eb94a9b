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

type epilogue int

const (
	addToC epilogue = iota
	storeMasks
)

// tile writes one kernel. All strides are in bytes.
func tile(name string, s isa, mul product, ep epilogue) {
	isFloat := name == "gemmAVX512" || name == "gemmAVX2" || name == "maskAVX512" || name == "maskAVX2"
	switch ep {
	case addToC:
		TEXT(name, NOSPLIT, "func(steps int, a *byte, astride int, b *byte, c *byte, cstride int)")
		Doc(fmt.Sprintf("%s adds to a tile of C, %d × %d, the product of %d rows of A and a panel of B.", name, rows, s.panel()/4, rows))
	case storeMasks:
		TEXT(name, NOSPLIT, "func(groups, steps int, a *byte, astride int, b *byte, bounds *byte, masks *byte, mstride int)")
		Doc(fmt.Sprintf("%s compares the products of groups × %d rows of A and a panel of B with the two bounds of each row", name, rows),
			"and stores, for each row, two bit masks: products not below the lower bound, products not below the upper.")
	}
	Pragma("noescape")

	n := Load(Param("steps"), GP64())
	a0 := Load(Param("a"), GP64())
	as := Load(Param("astride"), GP64())
	b0 := Load(Param("b"), GP64())

	var groups, bounds, masks, mstride GPVirtual
	if ep == storeMasks {
		groups = Load(Param("groups"), GP64()).(GPVirtual)
		bounds = Load(Param("bounds"), GP64()).(GPVirtual)
		masks = Load(Param("masks"), GP64()).(GPVirtual)
		mstride = Load(Param("mstride"), GP64()).(GPVirtual)
		Label("group")
	}

	acc := make([]Register, rows*s.vectors)
	for i := range acc {
		acc[i] = s.vec()
	}
	for r := 0; r < rows; r++ {
		for v := 0; v < s.vectors; v++ {
			x := acc[r*s.vectors+v]
			if ep == storeMasks && !isFloat {
				// Row r starts at its offset, which undoes the shift of B to unsigned bytes.
				if v == 0 {
					VPBROADCASTD(Mem{Base: bounds, Disp: 12*r + 8}, x)
				} else {
					VMOVDQA32(acc[r*s.vectors], x)
				}
				continue
			}
			if s.bytes == 64 {
				VPXORD(x, x, x)
			} else {
				VXORPS(x, x, x)
			}
		}
	}

	a, a3, b, k := GP64(), GP64(), GP64(), GP64()
	MOVQ(a0, a)
	LEAQ(Mem{Base: a0, Index: as, Scale: 2}, a3)
	ADDQ(as, a3)
	MOVQ(b0, b)
	MOVQ(n, k)
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
	for r := 0; r < rows; r++ {
		base := a
		if r >= 3 {
			base = a3
		}
		m := Mem{Base: base}
		if r%3 > 0 {
			m.Index, m.Scale = as, uint8(r%3)
		}
		if isFloat {
			VBROADCASTSS(m, bcast)
		} else {
			VPBROADCASTD(m, bcast)
		}
		for v := range bv {
			mul(s, bcast, bv[v], acc[r*s.vectors+v])
		}
	}
	ADDQ(Imm(4), a)
	ADDQ(Imm(4), a3)
	ADDQ(U32(s.panel()), b)
	DECQ(k)
	JNZ(LabelRef("step"))
	Label("done")

	if ep == addToC {
		c := Load(Param("c"), GP64())
		cs := Load(Param("cstride"), GP64())
		for r := 0; r < rows; r++ {
			for v := 0; v < s.vectors; v++ {
				m, x := Mem{Base: c, Disp: v * s.bytes}, acc[r*s.vectors+v]
				switch {
				case isFloat:
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
		return
	}

	// Bounds are (lower, upper, offset), four bytes each. Masks of a row: the
	// lower's word at its panel's place, the upper's half a stride behind it.
	half := GP64()
	MOVQ(mstride, half)
	SHRQ(Imm(1), half)
	for r := 0; r < rows; r++ {
		for bound := 0; bound < 2; bound++ {
			m := Mem{Base: masks}
			if bound == 1 {
				m.Index, m.Scale = half, 1
			}
			limit := s.vec()
			at := Mem{Base: bounds, Disp: 12*r + 4*bound}
			if s.bytes == 64 {
				VPBROADCASTD(at, limit)
				for v := 0; v < s.vectors; v++ {
					x, mask := acc[r*s.vectors+v], K()
					if isFloat {
						VCMPPS(Imm(13), limit, x, mask) // not below, false for NaN
					} else {
						VPCMPD(Imm(5), limit, x, mask) // not less
					}
					m.Disp = 2 * v
					KMOVW(mask, m)
				}
			} else {
				VBROADCASTSS(at, limit)
				for v := 0; v < s.vectors; v++ {
					t, bits := YMM(), GP32()
					VCMPPS(Imm(13), limit, acc[r*s.vectors+v], t)
					VMOVMSKPS(t, bits)
					m.Disp = v
					MOVB(bits.As8(), m)
				}
			}
		}
		ADDQ(mstride, masks)
	}
	ADDQ(Imm(12*rows), bounds)
	LEAQ(Mem{Base: a0, Index: as, Scale: 4}, a0)
	LEAQ(Mem{Base: a0, Index: as, Scale: 2}, a0)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}
