package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// count increments a 16-bit counter for each number in a list of spans. The
// spans lie scattered over more memory than a cache holds, so those a few places
// ahead are prefetched, first line and last.
func count() {
	const ahead = 10
	TEXT("countAMD64", NOSPLIT, "func(spans *uint32, n int, numbers *uint16, counts *uint16)")
	Doc("countAMD64 adds 1 to counts[numbers[i]] for every i of every span. It reads 10 spans more than n.")
	Pragma("noescape")
	span := Load(Param("spans"), GP64())
	n := Load(Param("n"), GP64())
	numbers := Load(Param("numbers"), GP64())
	counts := Load(Param("counts"), GP64())
	TESTQ(n, n)
	JZ(LabelRef("end"))

	Label("span")
	p, q, far := GP64(), GP64(), GP64()
	MOVL(Mem{Base: span, Disp: 8 * ahead}, far.As32())
	PREFETCHT0(Mem{Base: numbers, Index: far, Scale: 2})
	MOVL(Mem{Base: span, Disp: 8*ahead + 4}, far.As32())
	PREFETCHT0(Mem{Base: numbers, Index: far, Scale: 2, Disp: -2})
	MOVL(Mem{Base: span}, p.As32())
	MOVL(Mem{Base: span, Disp: 4}, q.As32())
	CMPQ(p, q)
	JGE(LabelRef("next"))
	LEAQ(Mem{Base: numbers, Index: p, Scale: 2}, p)
	LEAQ(Mem{Base: numbers, Index: q, Scale: 2}, q)
	Label("number")
	at := GP64()
	MOVWQZX(Mem{Base: p}, at)
	INCW(Mem{Base: counts, Index: at, Scale: 2})
	ADDQ(Imm(2), p)
	CMPQ(p, q)
	JNE(LabelRef("number"))
	Label("next")
	ADDQ(Imm(8), span)
	DECQ(n)
	JNZ(LabelRef("span"))
	Label("end")
	RET()
}
