package cooccur

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// v is E[φφᵀ] on the codes that b spans, n × n. Rows are whole blocks of 32 values
// apart, zeros between.
func (s *Packed) v(b Basis) linalg.Matrix {
	s.settle()
	n := b.Size()
	v := linalg.New(n, (n+31)/32*32).Block(0, n, 0, n)
	scale := 1 / float64(max(1, s.Coded))
	rows := s.rowsOf(b)
	parallel.For(n, func(_, i int) {
		o := rows[i]
		same, crossed := s.Same[o*(o+1)/2:], s.Crossed[o*(o+1)/2:]
		for j, q := range rows[:i+1] {
			v.Data[i*v.RowStride+j] = float32(scale * b.element(i, j, int64(same[q]), int64(crossed[q])))
		}
	})
	linalg.MirrorLower(v)
	return v
}

// rowsOf is the row of the triangles that each coordinate of b has.
func (s *Packed) rowsOf(b Basis) []int {
	var rows []int
	for o, a := range s.orbits.first {
		if len(rows) < b.Size() && b.first[len(rows)] == a {
			rows = append(rows, o)
		}
	}
	return rows
}

// betweenParts is the number of parts that products with B are summed up in: fixed,
// so that results do not depend on the number of workers.
const betweenParts = 8

const (
	tileRows    = 48               // groups whose sums are widened at a time
	tileColumns = 1024             // coordinates of them, which stay in the second-level cache
	tileStride  = tileColumns + 32 // not a power of two, or rows would compete for the same lines
)

// between returns the product with B = E[μμᵀ], the between-group part of V, on the
// codes that b spans: it writes Bx to y. L is V − B. A product
// reads all code sums once; a product function is for one goroutine. Products are
// the same, to the last bit, in whatever order the groups were counted and added.
func (s *Packed) between(b Basis) func(x, y linalg.Bundle) {
	groups, tiles := s.meanRows(), b.tiles()
	scaled := linalg.NewBundle(b.Size())
	sums := make([]linalg.Bundle, betweenParts)
	for p := range sums {
		sums[p] = linalg.NewBundle(b.Size())
	}
	work := make([]tile, betweenParts) // of as many workers at the most
	return func(x, y linalg.Bundle) {
		b.scale(scaled, x)
		parallel.For(betweenParts, func(w, p int) {
			clear(sums[p].Data)
			for i, last := p*len(groups)/betweenParts, (p+1)*len(groups)/betweenParts; i < last; i += tileRows {
				work[w].addProduct(&b, tiles, groups[i:min(i+tileRows, last)], scaled, sums[p])
			}
		})
		for _, sum := range sums[1:] {
			for i, v := range sum.Data {
				sums[0].Data[i] += v
			}
		}
		b.scale(y, sums[0])
	}
}

// tile is a few groups' sums on a few coordinates.
type tile struct {
	values [tileRows * tileStride]float32
	dots   [tileRows * simd.Bundle]float32 // of groups' sums and vectors
	part   [tileRows * simd.Bundle]float32 // of those, what a tile has
}

// addProduct adds to y what groups have of B, times x.
func (t *tile) addProduct(b *Basis, tiles [][]run, groups []meanRow, x, y linalg.Bundle) {
	dots, part := t.dots[:len(groups)*simd.Bundle], t.part[:len(groups)*simd.Bundle]
	clear(dots)
	for k, runs := range tiles {
		x := x.Slice(k*tileColumns, min((k+1)*tileColumns, x.N))
		t.fold(b, runs, groups, x.N)
		simd.DotBundle(t.values[:], tileStride, x.Data, part)
		for i, v := range part {
			dots[i] += v
		}
	}
	for i := range dots {
		dots[i] *= -groups[i/simd.Bundle].weight
	}
	for k, runs := range tiles {
		y := y.Slice(k*tileColumns, min((k+1)*tileColumns, y.N))
		t.fold(b, runs, groups, y.N)
		simd.SubtractBundle(t.values[:], tileStride, dots, y.Data)
	}
}

// fold writes the groups' sums on n coordinates, but for the factor of pairs (see scale).
func (t *tile) fold(b *Basis, runs []run, groups []meanRow, n int) {
	for i, r := range groups {
		sums, to := r.sums, t.values[i*tileStride:(i+1)*tileStride]
		clear(to[n:])
		at := 0
		for _, r := range runs {
			if r.blocks > 0 {
				simd.FoldBytes(sums[b.first[r.from]:][:16*r.blocks], b.Parity, to[at:])
				at += 8 * r.blocks
				continue
			}
			first, second := b.first[r.from], b.second[r.from]
			to[at] = float32(sums[first])
			if first != second {
				to[at] += float32(b.Parity) * float32(sums[second])
			}
			at++
		}
	}
}

// run is coordinates from one on: blocks of eight atoms that are side by side, each
// followed by the block of their flips, or, if there are none, one coordinate of any kind.
type run struct{ from, blocks int }

// tiles lists the coordinates, tileColumns at a time.
func (b *Basis) tiles() [][]run {
	var all [][]run
	for from := 0; from < b.Size(); from += tileColumns {
		var runs []run
		for i, end := from, min(from+tileColumns, b.Size()); i < end; {
			r := run{from: i}
			for i+8 <= end && b.block(i) && b.first[i] == b.first[r.from]+int32(16*r.blocks) {
				r.blocks++
				i += 8
			}
			if r.blocks == 0 {
				i++
			}
			runs = append(runs, r)
		}
		all = append(all, runs)
	}
	return all
}

// block reports whether eight coordinates are atoms side by side, followed by their flips.
func (b *Basis) block(from int) bool {
	for i := range int32(8) {
		if f := b.first[from] + i; b.first[from+int(i)] != f || b.second[from+int(i)] != f+8 {
			return false
		}
	}
	return true
}

// scale writes the vectors of x to y, coordinates that are pairs of atoms over √2.
func (b *Basis) scale(y, x linalg.Bundle) {
	copy(y.Data, x.Data)
	for i, a := range b.first {
		if b.second[i] == a {
			continue
		}
		place := y.Data[i/16*16*simd.Bundle+i%16:]
		for v := range simd.Bundle {
			place[16*v] /= math.Sqrt2
		}
	}
}

// meanRow is a group's code sums, and its weight in B.
type meanRow struct {
	sums   []uint8
	weight float32
}

// meanRows lists the groups that have coded units, once they are in order.
func (s *Packed) meanRows() []meanRow {
	var groups []meanRow
	for _, r := range s.arrange() {
		if n := float64(*r.units); n > 0 {
			// The sums are n·μ, and each of the n units counts in E.
			groups = append(groups, meanRow{r.sums, float32(1 / (n * float64(s.Coded)))})
		}
	}
	return groups
}

// betweenForm is YBYᵀ, k × k, for k linear forms on the coordinates of b.
func (s *Packed) betweenForm(b Basis, y linalg.Matrix) linalg.Matrix {
	const block = 256
	stride := s.Stride()
	atoms := linalg.New(y.Rows, stride)
	for k := range y.Rows {
		b.Expand(y.Row(k), atoms.Row(k)[:s.Atoms])
	}
	form := linalg.New(y.Rows, y.Rows)
	sums := linalg.New(block, stride)
	for groups := s.meanRows(); len(groups) > 0; groups = groups[min(block, len(groups)):] {
		x := sums.Block(0, min(block, len(groups)), 0, stride)
		parallel.For(x.Rows, func(_, i int) {
			r := groups[i]
			scale := float32(math.Sqrt(float64(r.weight)))
			for a, c := range r.sums {
				x.Data[i*stride+a] = scale * float32(c)
			}
		})
		means := linalg.New(y.Rows, x.Rows)
		linalg.AddMul(means, 1, atoms, x.T())
		linalg.AddMul(form, 1, means, means.T())
	}
	return form
}
