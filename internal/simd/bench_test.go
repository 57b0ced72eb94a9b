package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// increasing are n numbers below `below`, in order.
func increasing(rng *rand.Rand, n, below int) []uint16 {
	index := make([]uint16, n)
	for i := range index {
		index[i] = uint16(rng.IntN(below))
	}
	slices.Sort(index)
	return index
}

// The kernels that are given numbers, in the sizes that CIFAR has with 8,192 atoms.
func BenchmarkNumbers(b *testing.B) {
	const atoms, active, dims, dim = 8192, 300, 384, 112
	rng := rand.New(rand.NewPCG(1, 2))
	b.Run("gather", func(b *testing.B) { // a cell
		index, weights := increasing(rng, 36, 300), make([]float32, 36)
		table, out := make([]float32, 300*dims), make([]float32, dims)
		for b.Loop() {
			Gather(index, weights, table, dims, out)
		}
	})
	b.Run("dotRows", func(b *testing.B) { // the atoms in doubt
		index, x := increasing(rng, 12, atoms), make([]float32, dim)
		table, out := make([]float32, atoms*dim), make([]float32, 12)
		for b.Loop() {
			DotRows(index, x, table, dim, out)
		}
	})
	b.Run("dotBytes", func(b *testing.B) {
		index, x := increasing(rng, 12, atoms), make([]float32, dim)
		table, out := make([]int8, atoms*dim), make([]float32, 12)
		for b.Loop() {
			DotBytes(index, x, table, out)
		}
	})
	b.Run("dotNibbles", func(b *testing.B) {
		x, table, out := make([]int8, 2112), make([]uint8, 192*2112/2), make([]int32, 192)
		for b.Loop() {
			DotNibbles(x, table, out)
		}
	})
	starts, numbers := []int32{0}, []uint16(nil)
	for range 729 {
		numbers = append(numbers, increasing(rng, active, atoms)...)
		starts = append(starts, int32(len(numbers)))
	}
	b.Run("sumWords", func(b *testing.B) { // a slice of the patches of an image
		table, scales, out := make([]uint16, atoms*WordColumns), make([]float32, WordColumns), make([]float32, 729*WordColumns)
		for b.Loop() {
			SumWords(starts, numbers, table, scales, out, WordColumns)
		}
	})
	b.Run("count", func(b *testing.B) { // the patches that have an atom
		spans := make([]Span, 729, 729+CountAhead)
		for i := range spans {
			spans[i] = Span{uint32(starts[i]), uint32(int(starts[i]) + rng.IntN(active))}
		}
		counts := new([1 << 16]uint16)
		for b.Loop() {
			Count(spans, numbers, counts)
		}
	})
	b.Run("bits", func(b *testing.B) {
		words, dst := make([]uint64, atoms/64), make([]uint16, atoms+BitsRoom)
		for _, a := range numbers[:active] {
			words[a/64] |= 1 << (a % 64)
		}
		for b.Loop() {
			Bits(words, dst)
		}
	})
}
