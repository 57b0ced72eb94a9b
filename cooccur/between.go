package cooccur

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// V is E[φφᵀ] on the codes that b spans, n × n. Rows are whole blocks of 32 values
// apart, zeros between.
func (s *Packed) V(b Basis) linalg.Matrix {
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

// Between returns the product with B = E[μμᵀ], the between-image part of V, on the
// codes that b spans: it writes Bx to y. L is V − B (METHOD §3). A product
// reads all code sums once; a product function is for one goroutine.
func (s *Packed) Between(b Basis) func(x, y []float32) {
	const few = 8 // images, whose sums stay in the second-level cache
	stride := s.Stride()
	images := s.imageRows()
	atoms := make([]float32, stride)
	sums := make([][]float32, betweenParts)
	for p := range sums {
		sums[p] = make([]float32, stride)
	}
	return func(x, y []float32) {
		b.Expand(x, atoms)
		parallel.For(betweenParts, func(_, p int) {
			clear(sums[p])
			var dots [few]float32
			for i, last := p*len(images)/betweenParts, (p+1)*len(images)/betweenParts; i < last; {
				n := 1 // images side by side in memory
				for n < few && i+n < last && images[i+n].batch == images[i].batch && images[i+n].row == images[i].row+n {
					n++
				}
				rows := s.Sums[images[i].batch][images[i].row*stride:]
				simd.DotByteRows(rows, stride, atoms, dots[:n])
				for k := range n {
					dots[k] *= images[i+k].weight
				}
				simd.AddByteRows(rows, stride, dots[:n], sums[p])
				i += n
			}
		})
		for _, sum := range sums[1:] {
			for a, v := range sum {
				sums[0][a] += v
			}
		}
		b.restrict(sums[0], y)
	}
}

// imageRow is where the code sums of an image are, and its weight in B.
type imageRow struct {
	batch, row int
	weight     float32
}

func (s *Packed) imageRows() []imageRow {
	var images []imageRow
	for batch, patches := range s.Patches {
		for row, n := range patches {
			if n > 0 {
				// The sums are n·μ, and each of the n patches counts in E.
				images = append(images, imageRow{batch, row, float32(1 / (float64(n) * float64(s.Coded)))})
			}
		}
	}
	return images
}

// BetweenForm is YBYᵀ, k × k, for k linear forms on the coordinates of b.
func (s *Packed) BetweenForm(b Basis, y linalg.Matrix) linalg.Matrix {
	const block = 256
	stride := s.Stride()
	atoms := linalg.New(y.Rows, stride)
	for k := range y.Rows {
		b.Expand(y.Row(k), atoms.Row(k)[:s.Atoms])
	}
	form := linalg.New(y.Rows, y.Rows)
	sums := linalg.New(block, stride)
	for images := s.imageRows(); len(images) > 0; images = images[min(block, len(images)):] {
		x := sums.Block(0, min(block, len(images)), 0, stride)
		parallel.For(x.Rows, func(_, i int) {
			r := images[i]
			scale := float32(math.Sqrt(float64(r.weight)))
			for a, c := range s.Sums[r.batch][r.row*stride:][:stride] {
				x.Data[i*stride+a] = scale * float32(c)
			}
		})
		means := linalg.New(y.Rows, x.Rows)
		linalg.AddMul(means, 1, atoms, x.T())
		linalg.AddMul(form, 1, means, means.T())
	}
	return form
}
