package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// peak writes a loop of nothing but products in registers: the rate that no
// kernel can exceed. A product takes four cycles or five and up to two begin in
// one, so ten or more sums must be under way; there are as many as in a tile.
func peak(name string, s isa, mul product) {
	sums := rows * s.vectors
	TEXT(name, NOSPLIT, "func(rounds int)")
	Doc(fmt.Sprintf("%s adds rounds × %d products of vectors of %d bytes, rounds at least 1, in registers.", name, sums, s.bytes))
	rounds := Load(Param("rounds"), GP64())
	// 0x3f3f3f3f is 0.747 as a float32 and 63 in every byte: sums stay finite.
	a, b := s.vec(), s.vec()
	bits, pattern := GP32(), XMM()
	MOVL(U32(0x3f3f3f3f), bits)
	VMOVD(bits, pattern)
	VPBROADCASTD(pattern, a)
	VPBROADCASTD(pattern, b)
	acc := make([]Register, sums)
	for i := range acc {
		acc[i] = s.vec()
		zero(s, acc[i])
	}
	Label("round")
	for _, x := range acc {
		mul(s, a, b, x)
	}
	DECQ(rounds)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	RET()
}
