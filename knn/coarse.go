package knn

import "github.com/sparse-manifold/smt/internal/simd"

// A value in 4 bits is half of one in 8 to read. Of 2,000 components that do for all but a few in a hundred vectors,
// as the bound is the same as of 8 bits (bytes.go), but for a unit that is 18 times as large. Fewer components in 8
// bits do for none: what is left out is not small, and nothing says in which direction it lies.

// levels are the numbers, on either side of 0, of a value in 4 bits. With them added none is negative.
const levels = 7

// wholeNibbles fills n values up to whole chunks of 4 bits.
func wholeNibbles(n int) int { return (n + simd.NibbleChunk - 1) / simd.NibbleChunk * simd.NibbleChunk }

// coarse is the numbers of even and of odd values of a vector in 4 bits, filled up.
func (l layout) coarse() (even, odd int) { return wholeNibbles(l.split), wholeNibbles(l.dim - l.split) }

// CoarseBytes is the size of n vectors in 4 bits.
func (r Rounded) CoarseBytes(n int) int {
	even, odd := r.coarse()
	return n * ((even+odd)/2 + besides)
}

// coarseParts of the n vectors in b.
func (r Rounded) coarseParts(b []byte, n int) (even, odd []uint8, s scales) {
	e, o := r.coarse()
	b = b[:r.CoarseBytes(n)]
	even, odd, b = b[:n*e/2], b[n*e/2:n*(e+o)/2], b[n*(e+o)/2:]
	return even, odd, scales{b[:4*n], b[4*n:]}
}

// RoundCoarse writes unit vectors, rows × dim, in 4 bits to b, as Round does in 8.
func (r Rounded) RoundCoarse(b []byte, vectors []float32, first int) {
	n := len(vectors) / r.dim
	even, odd, s := r.coarseParts(b, n)
	r.round(vectors, first, levels, func(i int, q *bytes) {
		whole := wholeChunks(r.split)
		e, o := r.coarse()
		nibbles(even[i*e/2:(i+1)*e/2], q.q[:whole])
		nibbles(odd[i*o/2:(i+1)*o/2], q.q[whole:])
		s.set(i, q)
	})
}

// nibbles writes numbers of ±levels to b, and zeros behind them.
func nibbles(b []uint8, q []int8) {
	const half = simd.NibbleChunk / 2
	at := func(k int) uint8 {
		if k >= len(q) {
			return levels
		}
		return uint8(max(-levels, min(levels, q[k])) + levels)
	}
	for i := range b {
		k := i/half*simd.NibbleChunk + i%half
		b[i] = at(k) | at(k+half)<<4
	}
}

// nibble is number k of b.
func nibble(b []uint8, k int) int8 {
	const half = simd.NibbleChunk / 2
	v := b[k/simd.NibbleChunk*half+k%half]
	if k%simd.NibbleChunk >= half {
		v >>= 4
	}
	return int8(v&15) - levels
}

// fourBits are the queries of a scan as they are multiplied with vectors in 4 bits: in 8, in chunks.
type fourBits struct {
	even, odd       []int8
	sums            [2]int32 // of even and of odd values, times levels: what vectors have too much
	unit, uncertain float32  // uncertain is what the rounding of the query adds to an error
}

func (l layout) fourBits(x []float32, seed uint32) (f fourBits) {
	b, whole := newBytes(1, l.stride), wholeChunks(l.split)
	b.set(0, x, whole, seed)
	e, o := l.coarse()
	f.even, f.odd = make([]int8, e), make([]int8, o)
	copy(f.even, b.q[:whole])
	copy(f.odd, b.q[whole:])
	f.sums = [2]int32{levels * b.even[0], levels * b.odd[0]}
	f.unit, f.uncertain = b.unit[0], min(b.residual[0], hoeffding*b.unit[0])
	return f
}
