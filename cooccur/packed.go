package cooccur

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// Packed are the statistics of whole-image contexts and 0/1 codes for
// dictionaries of tens of thousands of atoms, closed under flips (METHOD §4). At
// 65,536 atoms and 50,000 images they take 7.6 GB where Statistics would take 34:
//
//   - V is kept in 32 bits and only as far as the two pencils need it: with a′ the
//     flip of atom a, V[a,b] + V[a′,b′] and V[a,b′] + V[a′,b] for pairs {a, a′}
//     and {b, b′}, a quarter of the elements each.
//   - The images' code sums are kept, in 8 bits, in place of the sum of their
//     products M, which is never formed: the solver only multiplies with it.
//
// They are sums, and lists, over images: those of parts of a data set add up to
// those of the whole.
type Packed struct {
	Atoms   int
	Encoder string // as in Statistics
	// GridRows × GridCols is the number of patches of every image, at most 255.
	GridRows, GridCols int

	Images, Coded int64 // as in Statistics

	// Same and Crossed are lower triangles over orbits of atoms under the flip,
	// row by row.
	Same, Crossed []uint32
	// Sums has a block for every batch of images, and for every image of the batch
	// a row of Stride values: how many of its patches have each atom.
	Sums [][]uint8
	// Patches is the number of coded patches of each image, batch by batch.
	Patches [][]uint8

	orbits  orbits
	rowEnds []int
	work    part
}

// Stride is the number of bytes of the code sums of an image.
func (s *Packed) Stride() int { return (s.Atoms + 63) / 64 * 64 }

// NewPacked returns empty statistics; mirror is the flip of each atom.
func NewPacked(mirror []uint16, gridRows, gridCols int) (*Packed, error) {
	s, err := newPacked(mirror, gridRows, gridCols)
	if err != nil {
		return nil, err
	}
	n := len(s.orbits.first) * (len(s.orbits.first) + 1) / 2
	s.Same, s.Crossed = make([]uint32, n), make([]uint32, n)
	return s, nil
}

// newPacked is NewPacked without the triangles.
func newPacked(mirror []uint16, gridRows, gridCols int) (*Packed, error) {
	if len(mirror) == 0 || gridRows < 1 || gridCols < 1 {
		return nil, fmt.Errorf("cooccur: %d atoms with flips, grid %d × %d: want positive numbers", len(mirror), gridRows, gridCols)
	}
	if gridRows*gridCols > math.MaxUint8 {
		return nil, fmt.Errorf("cooccur: packed statistics of %d × %d patches an image: want at most %d", gridRows, gridCols, math.MaxUint8)
	}
	s := &Packed{Atoms: len(mirror), GridRows: gridRows, GridCols: gridCols, orbits: newOrbits(mirror)}
	s.rowEnds = s.ends()
	return s, nil
}

var errPackedFull = errors.New("cooccur: packed statistics are full: counts no longer fit 32 bits")

// mostCoded bounds the patches whose counts surely fit 32 bits.
const mostCoded = math.MaxUint32 / 4

// Add adds the statistics of other images, taken with the same codes.
func (s *Packed) Add(o *Packed) error {
	switch {
	case s.Atoms != o.Atoms || s.Encoder != o.Encoder:
		return fmt.Errorf("cooccur: cannot add statistics of encoder %.12q, %d atoms, to those of encoder %.12q, %d atoms", o.Encoder, o.Atoms, s.Encoder, s.Atoms)
	case s.GridRows != o.GridRows || s.GridCols != o.GridCols:
		return fmt.Errorf("cooccur: cannot add statistics of %d × %d patches an image to those of %d × %d",
			o.GridRows, o.GridCols, s.GridRows, s.GridCols)
	case s.Coded+o.Coded > mostCoded:
		return errPackedFull
	}
	s.Images += o.Images
	s.Coded += o.Coded
	for i, v := range o.Same {
		s.Same[i] += v
		s.Crossed[i] += o.Crossed[i]
	}
	s.Sums = append(s.Sums, o.Sums...)
	s.Patches = append(s.Patches, o.Patches...)
	return nil
}

// Accumulate adds the images with the given codes. After an error s is not to be
// used.
func (s *Packed) Accumulate(batch []*sparse.Codes) error {
	for i, c := range batch {
		if c.N() != s.GridRows*s.GridCols {
			return fmt.Errorf("cooccur: image %d of the batch has %d patches, not %d × %d", i, c.N(), s.GridRows, s.GridCols)
		}
		if len(c.Value) > 0 {
			return fmt.Errorf("cooccur: image %d of the batch: packed statistics are of 0/1 codes", i)
		}
	}
	if len(batch) == 0 {
		return nil
	}
	s.addSums(batch)
	if s.Coded > mostCoded {
		return errPackedFull
	}
	s.addPairs(batch)
	return nil
}

// BatchImages is the number of images that Accumulate is best called with, as many as
// are counted at a time if one atom in a hundred is active.
func (s *Packed) BatchImages() int {
	return max(1, min(BatchImages, 100*partEntries/(s.GridRows*s.GridCols*s.Atoms)))
}

// partEntries bounds the active atoms of the patches that are counted at a time, and
// with them the memory.
const partEntries = 48 << 20

// addPairs counts the pairs of images, of as many at a time as memory and 16 bits
// allow.
func (s *Packed) addPairs(x []*sparse.Codes) {
	entries := 0
	for _, c := range x {
		entries += len(c.Atom)
	}
	if entries <= partEntries || len(x) == 1 {
		s.work.gather(x, s.rowEnds)
		if s.work.most() <= math.MaxUint16 {
			s.countPairs()
			return
		}
	}
	s.addPairs(x[:len(x)/2])
	s.addPairs(x[len(x)/2:])
}

// addSums keeps the images' code sums.
func (s *Packed) addSums(x []*sparse.Codes) {
	stride := s.Stride()
	sums, patches := make([]uint8, len(x)*stride), make([]uint8, len(x))
	parallel.For(len(x), func(_, i int) {
		row := sums[i*stride : (i+1)*stride]
		for _, a := range x[i].Atom {
			row[a]++
		}
		patches[i] = uint8(x[i].Coded())
	})
	for _, n := range patches {
		s.Coded += int64(n)
	}
	s.Images += int64(len(x))
	s.Sums, s.Patches = append(s.Sums, sums), append(s.Patches, patches)
}

// countPairs adds the pairs of atoms of the part's patches: of an orbit, both
// atoms' patches are counted, and both rows folded into the two triangles.
func (s *Packed) countPairs() {
	n := len(s.orbits.first)
	type rows struct{ a, b [sparse.MaxAtoms]uint16 }
	work := make([]*rows, parallel.Workers(n))
	eachRow(n, func(w, o int) {
		if work[w] == nil {
			work[w] = new(rows)
		}
		r := work[w]
		a, b := s.orbits.first[o], s.orbits.second[o]
		s.work.count(int(a), s.rowEnds, &r.a)
		same, crossed := s.Same[o*(o+1)/2:][:o+1], s.Crossed[o*(o+1)/2:][:o+1]
		if a == b {
			s.orbits.fold(&r.a, &r.a, same, crossed)
			return
		}
		s.work.count(int(b), s.rowEnds, &r.b)
		s.orbits.fold(&r.a, &r.b, same, crossed)
	})
}

// ends is, for each atom, the number after the largest atom of the orbits up to
// its own: those that a row of a triangle has.
func (s *Packed) ends() []int {
	ends := make([]int, s.Atoms)
	end := 0
	for o, a := range s.orbits.first {
		end = max(end, int(s.orbits.second[o])+1)
		ends[a] = end
	}
	// A few more atoms do no harm, and lists are cut in one go from left to right.
	for a := range ends {
		ends[a] = max(ends[a], ends[max(a, 1)-1])
	}
	return ends
}

// fold adds the counts of the atoms that occur with an atom, and of those that
// occur with its flip, to the orbit's rows of the triangles.
func (o orbits) fold(a, b *[sparse.MaxAtoms]uint16, same, crossed []uint32) {
	j := 0
	// Most orbits come in blocks of eight atoms and their eight flips.
	for ; j+8 <= len(same) && o.first[j+7]-o.first[j] == 7 && o.second[j]-o.first[j] == 8 && o.second[j+7]-o.second[j] == 7; j += 8 {
		f := o.first[j]
		x, y := a[f:f+16:f+16], b[f:f+16:f+16]
		s, c := same[j:j+8:j+8], crossed[j:j+8:j+8]
		for k := range 8 {
			s[k] += uint32(x[k]) + uint32(y[k+8])
			c[k] += uint32(x[k+8]) + uint32(y[k])
		}
	}
	for ; j < len(same); j++ {
		f, g := o.first[j], o.second[j]
		same[j] += uint32(a[f]) + uint32(b[g])
		crossed[j] += uint32(a[g]) + uint32(b[f])
	}
}

// part is the codes of some patches by atom.
type part struct {
	numbers []uint16 // the atoms of all patches, one patch after the other
	from    []uint32 // the places of atom a are by[from[a]:from[a+1]]
	by      []simd.Span
	heads   [][]uint32
}

// gather takes the codes of images. An atom's places are spans: of the patches
// that have it, the atoms below ends[a].
func (p *part) gather(x []*sparse.Codes, ends []int) {
	atoms := len(ends)
	base := make([]uint32, len(x)+1)
	for i, c := range x {
		base[i+1] = base[i] + uint32(len(c.Atom))
	}
	total := int(base[len(x)])
	p.numbers = slices.Grow(p.numbers[:0], total)[:total]
	p.by = slices.Grow(p.by[:0], total+simd.CountAhead)[:total]
	p.from = slices.Grow(p.from[:0], atoms+1)[:atoms+1]
	// A few pieces of the images, each with its own places in every atom's list.
	const pieces = 4
	if p.heads == nil {
		p.heads = make([][]uint32, pieces)
	}
	parallel.For(pieces, func(_, k int) {
		p.heads[k] = slices.Grow(p.heads[k][:0], atoms)[:atoms]
		clear(p.heads[k])
		for i := k * len(x) / pieces; i < (k+1)*len(x)/pieces; i++ {
			copy(p.numbers[base[i]:], x[i].Atom)
			for _, a := range x[i].Atom {
				p.heads[k][a]++
			}
		}
	})
	at := uint32(0)
	for a := range atoms {
		p.from[a] = at
		for _, head := range p.heads {
			n := head[a]
			head[a] = at
			at += n
		}
	}
	p.from[atoms] = at
	parallel.For(pieces, func(_, k int) {
		head := p.heads[k]
		for i := k * len(x) / pieces; i < (k+1)*len(x)/pieces; i++ {
			start := x[i].Start
			for j := range x[i].N() {
				first, last := base[i]+uint32(start[j]), base[i]+uint32(start[j+1])
				cut := first
				for e := first; e < last; e++ {
					a := p.numbers[e]
					for cut < last && int(p.numbers[cut]) < ends[a] {
						cut++
					}
					p.by[head[a]] = simd.Span{Start: first, End: cut}
					head[a]++
				}
			}
		}
	})
}

// most is the largest number of patches that have the same atom.
func (p *part) most() int {
	most := 0
	for a, from := range p.from[:len(p.from)-1] {
		most = max(most, int(p.from[a+1]-from))
	}
	return most
}

// count writes how often the atoms below ends[a], and no others, occur with a.
func (p *part) count(a int, ends []int, counts *[sparse.MaxAtoms]uint16) {
	clear(counts[:ends[a]])
	simd.Count(p.by[p.from[a]:p.from[a+1]], p.numbers, counts)
}
