package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// count adds to a 16-bit counter for each number in a list of spans: 1, or the
// weight that stands beside the number. The spans lie scattered over more memory
// than a cache holds, so those a few places ahead are prefetched, first line and
// last.
func count(name string, weighted bool) {
	const ahead = 10
	signature, what := "numbers, counts", "1"
	if weighted {
		signature, what = "numbers, weights, counts", "weights[i]"
	}
	TEXT(name, NOSPLIT, "func(spans *uint32, n int, "+signature+" *uint16)")
	Doc(name + " adds " + what + " to counts[numbers[i]] for every i of every span. It reads 10 spans more than n.")
	Pragma("noescape")
	span := Load(Param("spans"), GP64())
	n := Load(Param("n"), GP64())
	numbers := Load(Param("numbers"), GP64())
	counts := Load(Param("counts"), GP64())
	arrays := []Register{numbers}
	if weighted {
		arrays = append(arrays, Load(Param("weights"), GP64()))
	}
	TESTQ(n, n)
	JZ(LabelRef("end"))

	Label("span")
	i, end, far := GP64(), GP64(), GP64()
	for half := range 2 { // start and end of the span ahead
		MOVL(Mem{Base: span, Disp: 8*ahead + 4*half}, far.As32())
		for _, a := range arrays {
			PREFETCHT0(Mem{Base: a, Index: far, Scale: 2, Disp: -2 * half})
		}
	}
	MOVL(Mem{Base: span}, i.As32())
	MOVL(Mem{Base: span, Disp: 4}, end.As32())
	CMPQ(i, end)
	JGE(LabelRef("next"))
	Label("number")
	at := GP64()
	MOVWQZX(Mem{Base: numbers, Index: i, Scale: 2}, at)
	if weighted {
		weight := GP64()
		MOVWQZX(Mem{Base: arrays[1], Index: i, Scale: 2}, weight)
		ADDW(weight.As16(), Mem{Base: counts, Index: at, Scale: 2})
	} else {
		INCW(Mem{Base: counts, Index: at, Scale: 2})
	}
	INCQ(i)
	CMPQ(i, end)
	JNE(LabelRef("number"))
	Label("next")
	ADDQ(Imm(8), span)
	DECQ(n)
	JNZ(LabelRef("span"))
	Label("end")
	RET()
}
