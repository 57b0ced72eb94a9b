package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Bounds of a row: lower, upper, and the offsets of even and of odd products,
// four bytes each.
const (
	lowerAt  = 4 * iota
	upperAt  // of integers, less than 2¹⁵ above lower
	offsetAt // integers only, to undo the shift of B to unsigned bytes
	oddAt
	boundSize
)

// mask writes a kernel that compares its products with two bounds and stores
// only the bits of the answers. A mirrored one takes two values a row a step, an
// even part and an odd one, and makes of each pair of columns E of the even
// products and O of the odd ones the columns E + O and E − O.
func mask(name string, s isa, mul product, e element, mirrored bool) {
	TEXT(name, NOSPLIT, "func(groups, steps int, a *byte, astride int, b *byte, bounds *byte, masks *byte, mstride int)")
	Doc(fmt.Sprintf("%s compares the products of groups × %d rows of A and a panel of B with the two bounds of each row", name, rows),
		"and stores, for each row, two bit masks: products not below the lower bound, products not below the upper.")
	Pragma("noescape")
	n := Load(Param("steps"), GP64())
	a := Load(Param("a"), GP64())
	as := Load(Param("astride"), GP64())
	b := Load(Param("b"), GP64())
	groups := Load(Param("groups"), GP64())
	bounds := Load(Param("bounds"), GP64())
	masks := Load(Param("masks"), GP64())
	mstride := Load(Param("mstride"), GP64())

	parts := 1
	if mirrored {
		parts = 2
	}
	Label("group")
	acc := make([]Register, rows*s.vectors)
	for i := range acc {
		acc[i] = s.vec()
		if r, v := i/s.vectors, i%s.vectors; e == float32s {
			zero(s, acc[i])
		} else if first := v / (s.vectors / parts) * (s.vectors / parts); v == first {
			at := offsetAt
			if v > 0 {
				at = oddAt
			}
			VPBROADCASTD(Mem{Base: bounds, Disp: boundSize*r + at}, acc[i])
		} else {
			VMOVDQA32(acc[r*s.vectors+first], acc[i])
		}
	}
	multiply(s, mul, e, parts, operands{acc, n, a, as, b})

	// A row's masks: the lower's at its panel's place, the upper's half a stride
	// behind it.
	half := GP64()
	MOVQ(mstride, half)
	SHRQ(Imm(1), half)
	var p packer
	if s.bytes == 64 {
		p = packer{ZMM(), ZMM()}
		VMOVDQU32(packedOrder(mirrored), p.order)
		zero(s, p.zeros)
	}
	for r := range rows {
		x := acc[r*s.vectors : (r+1)*s.vectors]
		if mirrored {
			x = mirror(s, e, x)
		}
		lower := Mem{Base: bounds, Disp: boundSize*r + lowerAt}
		upper := Mem{Base: bounds, Disp: boundSize*r + upperAt}
		low, high := Mem{Base: masks}, Mem{Base: masks, Index: half, Scale: 1}
		switch {
		case s.bytes == 32:
			compareAVX2(x, lower, low)
			compareAVX2(x, upper, high)
		case e == float32s:
			p.compareFloats(x, upper, high, false)
			p.compareFloats(x, lower, low, true)
		default:
			p.compareIntegers(x, lower, upper, low, high)
		}
		ADDQ(mstride, masks)
	}
	ADDQ(Imm(boundSize*rows), bounds)
	LEAQ(Mem{Base: a, Index: as, Scale: 4}, a)
	LEAQ(Mem{Base: a, Index: as, Scale: 2}, a)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// mirror turns the registers of even products and of odd ones into sums and
// differences.
func mirror(s isa, e element, x []Register) []Register {
	h := len(x) / 2
	for v := range h {
		t := s.vec()
		if e == float32s {
			VSUBPS(x[h+v], x[v], t)
			VADDPS(x[h+v], x[v], x[v])
		} else {
			VPSUBD(x[h+v], x[v], t)
			VPADDD(x[h+v], x[v], x[v])
		}
		x[h+v] = t
	}
	return x
}

// compareAVX2 stores eight bits a register.
func compareAVX2(x []Register, bound, masks Mem) {
	limit := YMM()
	VBROADCASTSS(bound, limit)
	for v := range x {
		t, bits := YMM(), GP32()
		VCMPPS(Imm(13), limit, x[v], t) // not below, false for NaN
		VMOVMSKPS(t, bits)
		masks.Disp = v
		MOVB(bits.As8(), masks)
	}
}

// packedOrder says where to take the four-byte groups from, after four registers
// are packed to bytes, for bits in the order of columns. Packing interleaves: group
// 4j + v is columns 4j to 4j+3 of register v.
func packedOrder(mirrored bool) Mem {
	name := "packed_order"
	if mirrored {
		name = "packed_order_mirrored"
	}
	if m, ok := orders[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for d := range 16 {
		j, v := d%4, d/4
		if mirrored {
			// Bits of pairs 8p to 8p+7: eight of sums, then eight of differences.
			p := d / 4
			j, v = 2*(p%2)+d%2, p/2+2*(d%4/2)
		}
		DATA(4*d, U32(4*j+v))
	}
	orders[name] = m
	return m
}

var orders = map[string]Mem{}

// packer holds the constants of packing four registers' signs to 64 bits.
type packer struct{ order, zeros Register }

// signs stores a bit for each of the four registers' columns, clear where it is negative.
func (p packer) signs(w0, w1 Register, masks Mem) {
	b, k := ZMM(), K()
	VPACKSSWB(w1, w0, b)
	VPERMD(b, p.order, b)
	VPCMPB(Imm(5), p.zeros, b, k) // not less
	KMOVQ(k, masks)
}

// compareFloats compares by the sign of the difference, which rounding does not
// change. A float32 is negative as an integer where it is negative.
func (p packer) compareFloats(x []Register, bound, masks Mem, last bool) {
	limit := ZMM()
	VBROADCASTSS(bound, limit)
	d := make([]Register, len(x))
	for v := range d {
		d[v] = x[v]
		if !last {
			d[v] = ZMM()
		}
		VSUBPS(limit, x[v], d[v])
	}
	VPACKSSDW(d[1], d[0], d[0])
	VPACKSSDW(d[3], d[2], d[2])
	p.signs(d[0], d[2], masks)
}

// compareIntegers compares with lower in 32 bits, with upper in 16.
func (p packer) compareIntegers(x []Register, lower, upper, low, high Mem) {
	limit, gap := ZMM(), ZMM()
	VPBROADCASTD(lower, limit)
	VPBROADCASTD(upper, gap)
	VPSUBD(limit, gap, gap)
	VPACKSSDW(gap, gap, gap)
	for _, v := range x {
		VPSUBD(limit, v, v)
	}
	VPACKSSDW(x[1], x[0], x[0])
	VPACKSSDW(x[3], x[2], x[2])
	p.signs(x[0], x[2], low)
	VPSUBSW(gap, x[0], x[0])
	VPSUBSW(gap, x[2], x[2])
	p.signs(x[0], x[2], high)
}
