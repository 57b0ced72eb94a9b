package smt

import (
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// projection is the linear map P, atom by atom, as the embedding of a patch wants
// it: β = Pφ is a sum of its rows. For codes of 0 and 1 it has rows of 16 bits,
// cut into slices of a few columns that stay in the second-level cache while all
// patches of an image are summed.
type projection struct {
	width  int // coordinates, rounded up to whole slices
	rows   []float32
	slices [][]uint16 // atoms × simd.WordColumns each
	scales []float32  // of the columns: the value of a unit
}

const largestWord = 1<<15 - 1

// roundToWords makes each coordinate a multiple of 1/32,767 of its largest
// value: what the slices of a projection hold exactly.
func roundToWords(kept []coordinate) {
	for _, c := range kept {
		unit := wordUnit(c.row)
		for a, v := range c.row {
			c.row[a] = float32(word(v, unit)) * unit
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

func newProjection(atoms int, kept []coordinate) *projection {
	const columns = simd.WordColumns
	p := &projection{width: (len(kept) + columns - 1) / columns * columns}
	p.rows = make([]float32, atoms*p.width)
	p.slices = make([][]uint16, p.width/columns)
	p.scales = make([]float32, p.width)
	parallel.For(len(p.slices), func(_, s int) {
		slice := make([]uint16, atoms*columns)
		for j := range columns {
			place, offset := simd.PlaceWord(j)
			if s*columns+j >= len(kept) {
				for a := range atoms {
					slice[a*columns+place] = uint16(offset)
				}
				continue
			}
			row := kept[s*columns+j].row
			unit := wordUnit(row)
			p.scales[s*columns+j] = unit
			for a, v := range row {
				p.rows[a*p.width+s*columns+j] = v
				slice[a*columns+place] = uint16(word(v, unit) + offset)
			}
		}
		p.slices[s] = slice
	})
	return p
}

// bandAtoms is the number of atoms whose words, of one slice, stay in the
// second-level cache. Larger dictionaries are gone through band by band.
const bandAtoms = simd.FetchBytes / (2 * simd.WordColumns)

// projector is the working memory of an embedding of patches.
type projector struct {
	weights []float32
	starts  [][]int32 // of the patches' atoms in each band
	numbers []uint16  // band by band
}

// embed writes β = Pφ of the patches [first, last) of codes to beta, width values
// each.
func (p *projection) embed(codes *sparse.Codes, first, last int, w *projector, beta []float32) {
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
func (w *projector) split(codes *sparse.Codes, first, last, atoms int) [][]int32 {
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
		w.starts[b] = append(fit(w.starts[b], last-first+1)[:0], at)
		at += n
	}
	w.numbers = fit(w.numbers, int(at))
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
