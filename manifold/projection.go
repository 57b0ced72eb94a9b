package manifold

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// Projection is the linear map P, atom by atom, as the embedding of a unit wants
// it: β = Pφ is a sum of its rows. For codes of 0 and 1 it has rows of 16 bits, so
// that sums are exact and half the memory is read. The rows are cut into slices of a few
// columns that stay in the second-level cache while all units of a group are summed.
type Projection struct {
	dims    int
	width   int // coordinates, rounded up to whole slices
	rows    []float32
	slices  [][]uint16 // atoms × simd.WordColumns each
	scales  []float32  // of the columns: the value of a unit
	largest []float32  // of the coordinates: the largest size of a value
}

const largestWord = 1<<15 - 1

// RoundToWords makes each coordinate a multiple of 1/32,767 of its largest
// value: what the slices of a projection hold exactly.
func RoundToWords(kept []cooccur.Coordinate) {
	for _, c := range kept {
		unit := wordUnit(c.Atoms)
		for a, v := range c.Atoms {
			c.Atoms[a] = float32(word(v, unit)) * unit
		}
	}
}

func wordUnit(row []float32) float32 {
	var largest float32
	for _, v := range row {
		largest = max(largest, v, -v)
	}
	return largest / largestWord
}

func word(v, unit float32) int {
	if unit == 0 {
		return 0
	}
	x := float64(v) / float64(unit)
	if x < 0 {
		return int(x - 0.5)
	}
	return int(x + 0.5)
}

// atomRows are the coordinates atom by atom, as NewProjection wants them.
func atomRows(atoms int, kept []cooccur.Coordinate) []float32 {
	width := WidthOf(len(kept))
	rows := make([]float32, atoms*width)
	const tile = 64 // atoms, of which rows and columns both stay in cache
	parallel.For((atoms+tile-1)/tile, func(_, t int) {
		for j, c := range kept {
			for a := t * tile; a < min((t+1)*tile, atoms); a++ {
				rows[a*width+j] = c.Atoms[a]
			}
		}
	})
	return rows
}

// Column is row j of P, given by the rows of Pᵀ.
func Column(rows []float32, dims, j int) []float32 {
	column := make([]float32, len(rows)/dims)
	for a := range column {
		column[a] = rows[a*dims+j]
	}
	return column
}

// Largest is the largest size of a value in each of the columns of rows, dims wide.
func Largest(rows []float32, dims int) []float32 {
	const piece = 1024 // rows
	n := len(rows) / dims
	parts := make([][]float32, (n+piece-1)/piece)
	parallel.For(len(parts), func(_, p int) {
		bits := make([]uint32, dims) // which are in order as sizes are, and quicker to compare
		for a := p * piece; a < min((p+1)*piece, n); a++ {
			row := rows[a*dims : (a+1)*dims]
			bits := bits[:len(row)] // of which the compiler need not look after an index
			for j, v := range row {
				bits[j] = max(bits[j], math.Float32bits(v)&^(1<<31))
			}
		}
		parts[p] = make([]float32, dims)
		for j, b := range bits {
			parts[p][j] = math.Float32frombits(b)
		}
	})
	for _, part := range parts[1:] {
		for j, v := range part {
			parts[0][j] = max(parts[0][j], v)
		}
	}
	return parts[0]
}

// WidthOf is so many coordinates, rounded up to whole slices.
func WidthOf(dims int) int {
	return (dims + simd.WordColumns - 1) / simd.WordColumns * simd.WordColumns
}

// NewProjection is that of Pᵀ, atoms rows of WidthOf(dims) values, those after the dims zeros. It
// keeps them.
func NewProjection(rows []float32, atoms, dims int) *Projection {
	const columns = simd.WordColumns
	p := &Projection{dims: dims, width: WidthOf(dims), rows: rows}
	p.largest = Largest(rows, p.width)[:dims]
	p.slices = make([][]uint16, p.width/columns)
	for s := range p.slices {
		p.slices[s] = make([]uint16, atoms*columns)
	}
	p.scales = make([]float32, p.width)
	perUnit := make([]float64, p.width)
	for j, v := range p.largest {
		if p.scales[j] = v / largestWord; p.scales[j] > 0 {
			perUnit[j] = 1 / float64(p.scales[j])
		}
	}
	const piece = 64 // atoms
	parallel.For((atoms+piece-1)/piece, func(_, k int) {
		for a := k * piece; a < min((k+1)*piece, atoms); a++ {
			row := p.rows[a*p.width:][:p.width]
			for s, slice := range p.slices {
				placeWords((*[columns]float32)(row[s*columns:]), (*[columns]float64)(perUnit[s*columns:]), (*[columns]uint16)(slice[a*columns:]))
			}
		}
	})
	return p
}

// Project returns the projection, of so many atoms, to coordinates that RoundToWords rounded.
func Project(kept []cooccur.Coordinate, atoms int) *Projection {
	return NewProjection(atomRows(atoms, kept), atoms, len(kept))
}

// Width is the number of coordinates, rounded up to what Embed writes.
func (p *Projection) Width() int { return p.width }

// Largest is the largest size of a value of each coordinate. It is shared.
func (p *Projection) Largest() []float32 { return p.largest }

// Row is row a of Pᵀ: what atom a adds to each coordinate. It is shared.
func (p *Projection) Row(a int) []float32 { return p.rows[a*p.width:][:p.dims:p.dims] }

// Values are Pᵀ, atoms × coordinates, row by row.
func (p *Projection) Values() []float32 {
	all := make([]float32, 0, len(p.rows)/p.width*p.dims)
	for row := range slices.Chunk(p.rows, p.width) {
		all = append(all, row[:p.dims]...)
	}
	return all
}

// placeWords writes values in units, of which they are whole numbers but for rounding, as
// simd.SumWords wants them: where simd.PlaceWord says, two columns at a time.
func placeWords(values *[simd.WordColumns]float32, perUnit *[simd.WordColumns]float64, words *[simd.WordColumns]uint16) {
	const zero, half = largestWord + 1, simd.WordColumns / 2
	for j := range half {
		// A sum that is positive is rounded by cutting it off, without a branch on the sign.
		x := int32(float64(values[j])*perUnit[j] + (zero + 0.5))
		y := int32(float64(values[half+j])*perUnit[half+j] + (zero + 0.5))
		words[2*j], words[2*j+1] = uint16(x), uint16(y-zero)
	}
}

// bandAtoms is the number of atoms whose words, of one slice, stay in the
// second-level cache. Larger dictionaries are gone through band by band.
const bandAtoms = simd.FetchBytes / (2 * simd.WordColumns)

// Projector is the working memory of applying a projection.
type Projector struct {
	weights []float32
	starts  [][]int32 // of the patches' atoms in each band
	numbers []uint16  // band by band
}

// Embed writes β = Pφ of the units [first, last) of codes to beta, Width values
// each.
func (p *Projection) Embed(codes *sparse.Codes, first, last int, w *Projector, beta []float32) {
	if len(codes.Value) > 0 {
		for i := first; i < last; i++ {
			w.weights = w.weights[:0]
			for _, v := range codes.Value[codes.Start[i]:codes.Start[i+1]] {
				w.weights = append(w.weights, float32(v)/sparse.SoftUnit)
			}
			simd.Gather(codes.Row(i), w.weights, p.rows, p.width, beta[(i-first)*p.width:(i-first+1)*p.width])
		}
		return
	}
	bands := w.split(codes, first, last, len(p.slices[0])/simd.WordColumns)
	clear(beta[:(last-first)*p.width])
	for s, slice := range p.slices {
		at := s * simd.WordColumns
		for b, starts := range bands {
			from := b * bandAtoms * simd.WordColumns
			simd.Fetch(slice[from:min(from+bandAtoms*simd.WordColumns, len(slice))])
			simd.SumWords(starts, w.numbers, slice, p.scales[at:], beta[at:], p.width)
		}
	}
}

// split sorts the atoms of the patches [first, last) into bands.
func (w *Projector) split(codes *sparse.Codes, first, last, atoms int) [][]int32 {
	bands := (atoms + bandAtoms - 1) / bandAtoms
	for len(w.starts) < bands {
		w.starts = append(w.starts, nil)
	}
	if bands == 1 {
		w.starts[0], w.numbers = codes.Start[first:last+1], codes.Atom
		return w.starts[:1]
	}
	ends := make([]int32, bands) // of each band, then its next free place
	for _, a := range codes.Atom[codes.Start[first]:codes.Start[last]] {
		ends[a/bandAtoms]++
	}
	var at int32
	for b, n := range ends {
		ends[b] = at
		w.starts[b] = append(slices.Grow(w.starts[b][:0], last-first+1), at)
		at += n
	}
	w.numbers = reuse.Slice(w.numbers, int(at))
	for i := first; i < last; i++ {
		for _, a := range codes.Row(i) {
			end := &ends[a/bandAtoms]
			w.numbers[*end] = a
			*end++
		}
		for b, end := range ends {
			w.starts[b] = append(w.starts[b], end)
		}
	}
	return w.starts[:bands]
}
