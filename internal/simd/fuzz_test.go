package simd

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"testing"
)

// panics reports whether f does.
func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

// tuple is n values, small integers that depend on their places, behind a fence.
func tuple[T float32 | int8 | uint8 | uint16](t testing.TB, n int) []T {
	s := fenced[T](t, n)
	for i := range s {
		s[i] = T(i*i%7 + i%3)
	}
	return s
}

func fencedCopy[T any](t testing.TB, s []T) []T {
	c := fenced[T](t, len(s))
	copy(c, s)
	return c
}

// Whatever numbers the kernels are given that take numbers, and however short their
// tables are: a wrapper panics, on every tier, just where a row, a number or a place is
// missing, and touches nothing beyond its slices; or all is as defined.
func FuzzNumbers(f *testing.F) {
	for kernel := range uint8(10) {
		f.Add(kernel, uint8(9), uint8(2), uint16(0), []byte{1, 0, 3, 0, 3, 0, 8, 0, 2, 0, 7, 0})
		f.Add(kernel, uint8(9), uint8(2), uint16(1), []byte{1, 0, 3, 0, 3, 0, 9, 0, 2, 0, 7, 0})
		f.Add(kernel, uint8(5), uint8(1), uint16(4), []byte{1, 0, 3, 0, 3, 0, 6, 0})
		f.Add(kernel, uint8(9), uint8(1), uint16(0), []byte{4, 0, 2, 0, 0, 0, 0, 0})
		f.Add(kernel, uint8(0), uint8(1), uint16(0), []byte{})
	}
	f.Fuzz(func(t *testing.T, kernel, rows, width uint8, short uint16, data []byte) {
		index := make([]uint16, min(len(data), 400)/2)
		for i := range index {
			index[i] = binary.LittleEndian.Uint16(data[2*i:])
		}
		sorted := fencedCopy(t, slices.Sorted(slices.Values(index)))
		// Whether a table of so many values lacks a row.
		missing := func(size, stride, width int) bool {
			for _, a := range index {
				if int(a)*stride+width > size {
					return true
				}
			}
			return false
		}
		each := func(want bool, run func(), check func(tier string)) {
			t.Helper()
			saved := use
			defer func() { use = saved }()
			for _, tr := range tiers() {
				use = tr
				if got := panics(run); got != want {
					t.Fatalf("%s, kernel %d: panics: %v, want %v", tr.name, kernel, got, want)
				}
				if !want {
					check(tr.name)
				}
			}
		}
		switch kernel % 11 {
		case 0: // Gather
			n := 32 * int(width%6+1)
			stride := n + int(width)/64
			table := tuple[float32](t, max(0, int(rows)*stride-int(short)))
			weights, out := tuple[float32](t, len(index)), fenced[float32](t, n)
			each(missing(len(table), stride, n), func() { Gather(sorted, weights, table, stride, out) }, func(tier string) {
				for j, got := range out {
					var want float32
					for i, a := range sorted {
						want += weights[i] * table[int(a)*stride+j]
					}
					if got != want {
						t.Fatalf("%s: Gather: column %d is %v, want %v", tier, j, got, want)
					}
				}
			})
		case 7: // GatherPlaces
			wide := fenced[uint32](t, len(sorted))
			for i, a := range sorted {
				wide[i] = uint32(a)
			}
			table := tuple[float32](t, max(0, int(rows)*Bundle-int(short)))
			weights, out := tuple[float32](t, len(index)), fenced[float32](t, Bundle)
			each(missing(len(table), Bundle, Bundle), func() { GatherPlaces(wide, weights, table, out) }, func(tier string) {
				for v, got := range out {
					var want float32
					for i, a := range sorted {
						want += weights[i] * table[int(a)*Bundle+v]
					}
					if got != want {
						t.Fatalf("%s: GatherPlaces: value %d is %v, want %v", tier, v, got, want)
					}
				}
			})
		case 8: // DotDoubles
			n := 16 * int(width%6+1)
			stride := n + int(width)/64
			table := tuple[float32](t, max(0, int(rows)*stride-int(short)))
			x, out, any := tuple[float32](t, n), fenced[float64](t, len(index)), fencedCopy(t, index)
			each(missing(len(table), stride, n), func() { DotDoubles(any, x, table, stride, out) }, func(tier string) {
				for i, got := range out {
					var want float64
					for j, v := range x {
						want += float64(v * table[int(index[i])*stride+j])
					}
					if got != want {
						t.Fatalf("%s: DotDoubles: %d is %v, want %v", tier, i, got, want)
					}
				}
			})
		case 9: // SubtractDoubles
			n := 16 * int(width%6+1)
			stride := n + int(width)/64
			table := tuple[float32](t, max(0, int(rows)*stride-int(short)))
			x, out, any := tuple[float32](t, n), fenced[float32](t, n), fencedCopy(t, index)
			weights := fenced[float64](t, len(index))
			for i := range weights {
				weights[i] = float64(i % 5)
			}
			each(missing(len(table), stride, n), func() { SubtractDoubles(any, weights, table, stride, x, out) }, func(tier string) {
				for j, got := range out {
					want := x[j]
					for i, a := range index {
						want -= float32(weights[i]) * table[int(a)*stride+j]
					}
					if got != want {
						t.Fatalf("%s: SubtractDoubles: value %d is %v, want %v", tier, j, got, want)
					}
				}
			})
		case 10: // DotNibbles
			n := NibbleChunk * int(width%4+1)
			x, out := tuple[int8](t, n), fenced[int32](t, len(index))
			table := tuple[uint8](t, max(0, len(out)*n/2-int(short%3)))
			each(len(table) < len(out)*n/2, func() { DotNibbles(x, table, out) }, func(tier string) {
				for i, got := range out {
					var want int32
					for k, v := range x {
						b := table[i*n/2+k/NibbleChunk*NibbleChunk/2+k%(NibbleChunk/2)]
						want += int32(v) * int32(b>>(k%NibbleChunk/(NibbleChunk/2)*4)&15)
					}
					if got != want {
						t.Fatalf("%s: DotNibbles: %d is %v, want %v", tier, i, got, want)
					}
				}
			})
		case 1: // DotRows
			n := 16 * int(width%6+1)
			stride := n + int(width)/64
			table := tuple[float32](t, max(0, int(rows)*stride-int(short)))
			x, out := tuple[float32](t, n), fenced[float32](t, len(index))
			each(missing(len(table), stride, n), func() { DotRows(sorted, x, table, stride, out) }, func(tier string) {
				for i, got := range out {
					var want float32
					for j, v := range x {
						want += v * table[int(sorted[i])*stride+j]
					}
					if got != want {
						t.Fatalf("%s: DotRows: %d is %v, want %v", tier, i, got, want)
					}
				}
			})
		case 2: // DotBytes
			n := 16 * int(width%6+1)
			table := tuple[int8](t, max(0, int(rows)*n-int(short)))
			x, out := tuple[float32](t, n), fenced[float32](t, len(index))
			each(missing(len(table), n, n), func() { DotBytes(sorted, x, table, out) }, func(tier string) {
				for i, got := range out {
					var want float32
					for j, v := range x {
						want += v * float32(table[int(sorted[i])*n+j])
					}
					if got != want {
						t.Fatalf("%s: DotBytes: %d is %v, want %v", tier, i, got, want)
					}
				}
			})
		case 3: // SumWords, with spans that may end anywhere
			starts, end := []int32{0}, int32(len(sorted))+int32(short%5)-2
			for at := int(width); at < len(sorted) && width > 0; at += int(width) {
				starts = append(starts, int32(at))
			}
			bad := end > int32(len(sorted)) || end < starts[len(starts)-1]
			starts = fencedCopy(t, append(starts, end))
			table := tuple[uint16](t, int(rows)*WordColumns)
			scales, out := tuple[float32](t, WordColumns), fenced[float32](t, (len(starts)-1)*WordColumns)
			if !bad {
				index = sorted[:end]
				bad = missing(len(table), WordColumns, WordColumns)
			}
			each(bad, func() { clear(out); SumWords(starts, sorted, table, scales, out, WordColumns) }, func(tier string) {
				for i := range len(starts) - 1 {
					for j := range WordColumns {
						place, offset := PlaceWord(j)
						sum := 0
						for _, a := range sorted[starts[i]:starts[i+1]] {
							sum += int(int16(table[int(a)*WordColumns+place] - uint16(offset)))
						}
						if got, want := out[i*WordColumns+j], float32(sum)*scales[j]; got != want {
							t.Fatalf("%s: SumWords: span %d column %d is %v, want %v", tier, i, j, got, want)
						}
					}
				}
			})
		case 4, 5: // Count and Weigh
			numbers, weights := tuple[uint16](t, int(rows)), tuple[uint16](t, int(rows))
			all := fenced[Span](t, len(index)/2+CountAhead)
			spans := all[:len(index)/2]
			bad := false
			for i := range all[len(spans):] {
				all[len(spans)+i] = Span{1 << 31, 1<<32 - 1} // never counted
			}
			for i := range spans {
				spans[i] = Span{uint32(index[2*i]), uint32(index[2*i+1])}
				bad = bad || spans[i].Start > spans[i].End || int(spans[i].End) > len(numbers)
			}
			counts := new([1 << 16]uint16)
			each(bad, func() {
				clear(counts[:])
				if kernel%11 == 4 {
					Count(spans, numbers, counts)
				} else {
					Weigh(spans, numbers, weights, counts)
				}
			}, func(tier string) {
				want := new([1 << 16]uint16)
				for _, s := range spans {
					for i := s.Start; i < s.End; i++ {
						by := uint16(1)
						if kernel%11 == 5 {
							by = weights[i]
						}
						want[numbers[i]] += by
					}
				}
				if *counts != *want {
					t.Fatalf("%s: other counts than wanted", tier)
				}
			})
		case 6: // Bits
			words := fenced[uint64](t, len(data)/8)
			total := 0
			for i := range words {
				words[i] = binary.LittleEndian.Uint64(data[8*i:])
				total += bits.OnesCount64(words[i])
			}
			dst := fenced[uint16](t, max(0, 64*len(words)+BitsRoom-int(short)))
			var n int
			bad := len(words) > 1024 || len(words) > 0 && short > 0
			each(bad, func() { n = Bits(words, dst) }, func(tier string) {
				if n != total || !slices.IsSorted(dst[:n]) {
					t.Fatalf("%s: %d bits in order, want %d", tier, n, total)
				}
				for _, a := range dst[:n] {
					if words[a/64]>>(a%64)&1 == 0 {
						t.Fatalf("%s: bit %d is not set", tier, a)
					}
				}
			})
		}
	})
}
