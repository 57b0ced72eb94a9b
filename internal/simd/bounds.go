package simd

import "slices"

// need panics, as an index would, when a slice is shorter than a kernel reads or writes.
func need[T any](s []T, n int) {
	if n > 0 {
		_ = s[n-1]
	}
}

// needRows panics when table does not have the rows, width values each, stride apart,
// that index names: numbers in increasing order, so that the last one tells. With an
// increasing index it is one comparison; that it is one is the caller's to see to.
func needRows[I uint16 | uint32, T any](index []I, table []T, stride, width int) {
	if len(index) == 0 {
		return
	}
	need(table, int(index[len(index)-1])*stride+width)
	if checked && !slices.IsSorted(index) {
		panic("simd: the numbers of an index do not increase")
	}
}

// needWords panics when a span of numbers, which increase in it, names a row that a
// table of words does not have, is not among the numbers, or is too long.
func needWords(starts []int32, numbers, table []uint16) {
	rows, end := len(table)/WordColumns, starts[0]
	_ = numbers[end:]
	for _, next := range starts[1:] {
		if next > end && int(numbers[next-1]) >= rows {
			panic("simd: a span of numbers names a row that the table does not have")
		}
		if uint32(next-end) >= 1<<16 {
			panic("simd: a span of numbers is longer than 65,535, or ends before it begins")
		}
		if checked && !slices.IsSorted(numbers[end:next]) {
			panic("simd: the numbers of a span do not increase")
		}
		end = next
	}
}

// needSpans panics when a span is not one of so many numbers.
func needSpans(spans []Span, numbers int) {
	for _, s := range spans {
		if s.Start > s.End || uint64(s.End) > uint64(numbers) {
			panic("simd: a span is not one of the numbers")
		}
	}
}
