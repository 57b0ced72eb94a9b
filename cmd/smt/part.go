package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
)

// partOf is one of so many parts of DATA, the first of which is 1: none if both are 0.
type partOf struct{ n, of int }

func (partOf) Type() string { return "I/N" }

func (p *partOf) String() string {
	if p.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", p.n, p.of)
}

func (p *partOf) Set(s string) error {
	n, of, _ := strings.Cut(s, "/")
	var err error
	if p.n, err = strconv.Atoi(n); err == nil {
		p.of, err = strconv.Atoi(of)
	}
	if err != nil || p.n < 1 || p.n > p.of {
		*p = partOf{}
		return fmt.Errorf("want I/N, part I of N, as 1/64 to 64/64")
	}
	return nil
}

// ranges is which of so many rows the part is: those from first to end-1. Parts are as large as each other, or one larger.
func (p partOf) ranges(rows int) (first, end int) {
	if p.of == 0 {
		return 0, rows
	}
	at := func(n int) int { return rows/p.of*n + min(rows%p.of, n) }
	return at(p.n - 1), at(p.n)
}

// cut leaves of splits, one after the other, the images of the part.
func (p partOf) cut(splits []dataset.Source) (of []dataset.Source) {
	rows := 0
	for _, src := range splits {
		rows += src.Len()
	}
	first, end := p.ranges(rows)
	at := 0
	for _, src := range splits {
		lo, hi := min(max(0, first-at), src.Len()), min(max(0, end-at), src.Len())
		of = append(of, dataset.Slice(src, lo, hi))
		at += src.Len()
	}
	return of
}

// name is that of the part's files, which sort as the parts do.
func (p partOf) name() string {
	digits := len(strconv.Itoa(p.of))
	return fmt.Sprintf("part-%0*d-of-%d", digits, p.n, p.of)
}
