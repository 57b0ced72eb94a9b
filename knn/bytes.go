package knn

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// bytes are unit vectors x in 8 bits, x̂.
//
// The error of a product is x·y − x̂·ŷ = (x−x̂)·y + x̂·(y−ŷ). Each term is at most the product of two lengths.
// That is two orders of magnitude more than ever occurs: it supposes that rounding errs in one direction in
// each of thousands of values. Values are therefore rounded at random, up with the probability of their
// fraction. The errors e_k are then independent and zero on average, and Hoeffding's inequality bounds a sum
// Σ e_k·y_k, with e_k in an interval of one unit, by
//
//	unit·‖y‖·√(ln(2/p)/2)    but for a probability of p.
//
// With p = 10⁻¹⁸ a search of 10¹⁰ pairs gives another answer than float32 once in 50 million times. The
// smaller of the two bounds is taken.
type bytes struct {
	q         []int8
	unit      []float32 // of each vector, the value of a unit
	residual  []float32 // ‖x − x̂‖
	even, odd []int32   // the sums of its even and of its odd values, in units
}

// hoeffding is √(ln(2/p)/2) for p = 10⁻¹⁸.
const hoeffding = 4.59

// slack is what rounding in float32 may add to an error.
const slack = 1e-5

func newBytes(rows, stride int) *bytes {
	return &bytes{make([]int8, rows*stride), make([]float32, rows), make([]float32, rows), make([]int32, rows), make([]int32, rows)}
}

// set makes vector i the rounded x, whose first split values are even. Every vector has a seed of its own.
func (b *bytes) set(i int, x []float32, split int, seed uint32) { b.setTo(127, i, x, split, seed) }

// setTo is set of numbers up to ±most.
func (b *bytes) setTo(most float32, i int, x []float32, split int, seed uint32) {
	largest := simd.MaxAbs(x)
	if largest == 0 {
		return // every field of the vector is 0
	}
	q := b.q[i*len(x) : (i+1)*len(x)]
	var energy float32
	dither := func(x []float32, q []int8, seed uint32) int32 {
		if len(x) == 0 {
			return 0
		}
		e, sums := simd.Dither(x, most/largest, seed, q)
		energy += e
		total := int32(0)
		for _, s := range sums {
			total += s
		}
		return total
	}
	b.even[i] = dither(x[:split], q, 2*seed)
	b.odd[i] = dither(x[split:], q[split:], 2*seed+1)
	b.unit[i] = largest / most
	b.residual[i] = float32(math.Sqrt(float64(energy)) * (1 + slack))
}

// margin bounds the error of the product of vector i of b and vector j of c. The rounded vector i is at most
// 1 + ‖x − x̂‖ long.
func (b *bytes) margin(i int, c *bytes, j int) float32 {
	first := min(b.residual[i], hoeffding*b.unit[i])
	second := min(c.residual[j], hoeffding*c.unit[j])
	return first + (1+b.residual[i])*second + slack
}

// packed are the vectors of a block in 8 bits, in panels of unsigned bytes.
type packed struct {
	*bytes // without q
	panels []uint8
}

// pack rounds vectors, rows × stride, that have the indices first, first+1, ….
func (l layout) pack(vectors []float32, rows, first int) *packed {
	out := &packed{bytes: newBytes(rows, l.stride)}
	cols := simd.Columns()
	panels := (rows + cols - 1) / cols
	out.panels = make([]uint8, panels*cols*l.stride)
	parallel.For(panels, func(_, p int) {
		panel := out.panels[p*cols*l.stride:]
		for j := range min(cols, rows-p*cols) {
			r := p*cols + j
			out.set(r, vectors[r*l.stride:(r+1)*l.stride], wholeChunks(l.split), 2*uint32(first+r)+1)
			q := out.q[r*l.stride : (r+1)*l.stride]
			for k := 0; k < len(q); k += 4 {
				to := panel[k*cols+4*j:][:4]
				// 128 more than the value
				to[0], to[1], to[2], to[3] = uint8(q[k])^128, uint8(q[k+1])^128, uint8(q[k+2])^128, uint8(q[k+3])^128
			}
		}
	})
	out.q = nil
	return out
}

// searchBytes computes all cosines in 8 bits, and in float32 those that may be among the nearest.
func (s *Searcher) searchBytes(b *block, bias []float32) {
	cols := simd.Columns()
	panels := (b.rows + cols - 1) / cols
	type scratch struct {
		scores [2][]int32
		near   []Neighbour
	}
	work := make([]scratch, parallel.Workers(s.n))
	s.pieces(func(w, query, groups int) {
		c := &work[w]
		width := panels * cols
		for half := range c.scores {
			c.scores[half] = reuse.Zeros(c.scores[half], groups*simd.Rows*width)
		}
		s.halves(kBlock, func(half, at, n int) {
			for p := range panels {
				panel := b.bytes.panels[(p*s.stride+at)*cols:]
				for g := range groups {
					row := g * simd.Rows
					simd.Gemm8(n/4, s.bytes.q[(query+row)*s.stride+at:], s.stride, panel, c.scores[half][row*width+p*cols:], width)
				}
			}
		})
		for q := query; q < min(query+groups*simd.Rows, s.n); q++ {
			at := (q - query) * width
			c.near = s.candidates(q, c.scores[0][at:at+b.rows], c.scores[1][at:at+b.rows], b.bytes.bytes, bias, c.near[:0])
			s.settle(q, c.near, b, bias)
		}
	})
}

// candidates appends the rows of b that may be among the nearest of query q. even and odd are the two sums of
// each row's product with q, in units. A candidate's cosine is the one in 8 bits less the bias of the row, which
// has no error.
func (s *Searcher) candidates(q int, even, odd []int32, b *bytes, bias []float32, near []Neighbour) []Neighbour {
	least, unit := s.least(q), s.bytes.unit[q]
	// Bytes of the bank are 128 more than their values.
	shiftEven, shiftOdd := 128*s.bytes.even[q], 128*s.bytes.odd[q]
	flips := s.split < s.dim
	for r, e := range even {
		scale := unit * b.unit[r]
		needed := least - s.bytes.margin(q, b, r)
		e, o := float32(e-shiftEven), float32(odd[r]-shiftOdd)
		if cos := (e+o)*scale - bias[r]; cos >= needed {
			near = append(near, Neighbour{r, false, cos})
		}
		if cos := (e-o)*scale - bias[r]; cos >= needed && flips {
			near = append(near, Neighbour{r, true, cos})
		}
	}
	return near
}

var zero = []uint16{0}

// settle computes the cosines of candidates in float32, the most promising first, and offers them. It leaves
// out those that can no longer be among the nearest.
func (s *Searcher) settle(q int, near []Neighbour, b *block, bias []float32) {
	slices.SortFunc(near, byCosine)
	x := s.queries[q*s.stride : (q+1)*s.stride]
	for _, n := range near {
		if n.Cosine < s.least(q)-s.bytes.margin(q, b.bytes.bytes, n.Index) {
			continue
		}
		y := b.vectors[n.Index*s.stride:][:s.stride]
		even, odd := s.product(x, y)
		if n.Flip {
			odd = -odd
		}
		s.offer(q, Neighbour{b.first + n.Index, n.Flip, even + odd - bias[n.Index]})
	}
}

// product is that of the even values of x and y, and of their odd ones, in float32.
func (l layout) product(x, y []float32) (even, odd float32) {
	var sums [2][1]float32
	split := wholeChunks(l.split)
	if split > 0 {
		simd.DotRows(zero, x[:split], y, l.stride, sums[0][:])
	}
	if split < l.stride {
		simd.DotRows(zero, x[split:], y[split:], l.stride, sums[1][:])
	}
	return sums[0][0], sums[1][0]
}
