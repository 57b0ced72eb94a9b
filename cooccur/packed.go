package cooccur

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// Packed are the statistics of whole-group contexts and 0/1 codes for
// dictionaries of tens of thousands of atoms, closed under flips ("D = 65,536 in 24 GB" in docs/method.md). At
// 65,536 atoms and 50,000 groups they take 7.6 GB where Dense would take 34:
//
//   - V is kept in 32 bits and only as far as the two pencils need it: with a′ the
//     flip of atom a, V[a,b] + V[a′,b′] and V[a,b′] + V[a′,b] for pairs {a, a′}
//     and {b, b′}, a quarter of the elements each.
//   - The groups' code sums are kept, in 8 bits, in place of the sum of their
//     products M, which is never formed: the solver only multiplies with it.
//
// They are sums, and lists, over groups: those of parts of a data set add up to
// those of the whole.
type Packed struct {
	Summary

	// Mirror is the flip of each atom.
	Mirror []uint16
	// Same and Crossed are lower triangles over orbits of atoms under the flip,
	// row by row.
	Same, Crossed []uint32
	// Sums has a block for every batch of groups, and for every group of the batch
	// a row of Stride values: how many of its units have each atom.
	Sums [][]uint8
	// Units is the number of coded units of each group, batch by batch.
	Units [][]uint8

	orbits  orbits
	rowEnds []int
	work    part
	owed    []int // pieces of triangles that do not have the pairs of the part in work yet
}

var _ Statistics = (*Packed)(nil)

// Stride is the number of bytes of the code sums of a group.
func (s *Packed) Stride() int { return (s.Atoms + 63) / 64 * 64 }

// Bytes is what the statistics take, in memory and in a file.
func (s *Packed) Bytes() int64 {
	return 4*int64(len(s.Same)+len(s.Crossed)) + s.Groups*int64(s.Stride()+1)
}

// NewPacked returns empty statistics; mirror is the flip of each atom.
func NewPacked(o Origin, mirror []uint16) (*Packed, error) {
	s, err := newPacked(o, mirror)
	if err != nil {
		return nil, err
	}
	n := len(s.orbits.first) * (len(s.orbits.first) + 1) / 2
	s.Same, s.Crossed = make([]uint32, n), make([]uint32, n)
	return s, nil
}

// MostPackedUnits is the largest number of units of a group that packed statistics take.
const MostPackedUnits = math.MaxUint8

// newPacked is NewPacked without the triangles.
func newPacked(o Origin, mirror []uint16) (*Packed, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Atoms != len(mirror) || o.Context.Kind != Whole || o.Denominator != 1 {
		return nil, fmt.Errorf("cooccur: packed statistics of %v with %d flips: want contexts of whole groups, codes of 0 and 1 and a flip of each atom", o, len(mirror))
	}
	if o.units() > math.MaxUint8 {
		return nil, fmt.Errorf("cooccur: packed statistics of %v units a group: want at most %d", o.Grid, math.MaxUint8)
	}
	s := &Packed{Summary: Summary{Origin: o}, Mirror: mirror, orbits: newOrbits(mirror)}
	s.rowEnds = s.ends()
	return s, nil
}

var errPackedFull = errors.New("cooccur: packed statistics are full: counts no longer fit 32 bits")

// mostCoded bounds the units whose counts surely fit 32 bits.
const mostCoded = math.MaxUint32 / 4

// Add adds the statistics of other groups, taken with the same codes. It copies them, as
// groups are put in order where they are.
func (s *Packed) Add(other Statistics) error {
	o, ok := other.(*Packed)
	if !ok {
		return otherKind(s, other)
	}
	if err := s.same(o.Origin); err != nil {
		return err
	}
	if !slices.Equal(s.Mirror, o.Mirror) {
		return errors.New("cooccur: cannot add statistics of atoms with other flips")
	}
	if s.Coded+o.Coded > mostCoded {
		return errPackedFull
	}
	s.settle()
	o.settle()
	s.Groups += o.Groups
	s.Coded += o.Coded
	for i, v := range o.Same {
		s.Same[i] += v
		s.Crossed[i] += o.Crossed[i]
	}
	for batch, sums := range o.Sums {
		s.Sums, s.Units = append(s.Sums, slices.Clone(sums)), append(s.Units, slices.Clone(o.Units[batch]))
	}
	return nil
}

// Accumulate adds groups until ctx is done. What is left of the part of the batch that is then being
// counted is owed: it is counted when the statistics are used next, some seconds' work, or never.
func (s *Packed) Accumulate(ctx context.Context, batch []Group) (added int, err error) {
	codes, coded := make([]*sparse.Codes, len(batch)), s.Coded
	for i, g := range batch {
		t, err := s.topology(g.Topology)
		switch {
		case err != nil:
			return 0, fmt.Errorf("cooccur: group %d of the batch %w", i, err)
		case g.Codes.N() != t.Units():
			return 0, fmt.Errorf("cooccur: group %d of the batch has %d units, not %s", i, g.Codes.N(), sizes(t))
		case g.Codes.N() > math.MaxUint8:
			return 0, fmt.Errorf("cooccur: group %d of the batch has %d units: packed statistics take at most %d", i, g.Codes.N(), math.MaxUint8)
		case len(g.Codes.Value) > 0:
			return 0, fmt.Errorf("cooccur: group %d of the batch: packed statistics are of 0/1 codes", i)
		}
		codes[i] = g.Codes
		coded += int64(g.Codes.Coded())
	}
	if coded > mostCoded {
		return 0, errPackedFull
	}
	s.settle()
	added, err = s.addPairs(ctx, codes)
	if added > 0 {
		s.addSums(codes[:added])
	}
	return added, err
}

// AccumulateBands refuses the group: one that needs bands has more units than 8 bits count.
func (s *Packed) AccumulateBands(_ context.Context, t Topology, _ iter.Seq2[Band, error]) error {
	return fmt.Errorf("cooccur: packed statistics of a group of %s units, in bands: want at most %d units, at once", sizes(t), math.MaxUint8)
}

// Release gives back the memory of the codes that were counted last, unless some of their pairs are owed.
func (s *Packed) Release() {
	if s.owed == nil {
		s.work = part{}
	}
}

// Batch says what Accumulate is best called with: as many groups as are counted at a time
// if one atom in a hundred is active.
func (s *Packed) Batch() (groups, entries int) {
	units := cmp.Or(s.units(), math.MaxUint8)
	return max(1, min(BatchGroups, 100*partEntries/(units*s.Atoms))), math.MaxInt
}

// partEntries bounds the active atoms of the units that are counted at a time, and
// with them the memory. Tests make it small.
var partEntries = 48 << 20

// addPairs counts the pairs of groups, of as many at a time as memory and 16 bits
// allow, and returns how many groups those are until ctx is done.
func (s *Packed) addPairs(ctx context.Context, x []*sparse.Codes) (added int, err error) {
	if err := ctx.Err(); err != nil || len(x) == 0 {
		return 0, err
	}
	entries := 0
	for _, c := range x {
		entries += len(c.Atom)
	}
	if entries <= partEntries || len(x) == 1 {
		s.work.gather(x, s.rowEnds)
		if s.work.most() <= math.MaxUint16 {
			return len(x), s.countPairs(ctx)
		}
	}
	added, err = s.addPairs(ctx, x[:len(x)/2])
	if err == nil {
		var n int
		n, err = s.addPairs(ctx, x[len(x)/2:])
		added += n
	}
	return added, err
}

// addSums keeps the groups' code sums.
func (s *Packed) addSums(x []*sparse.Codes) {
	stride := s.Stride()
	sums, units := make([]uint8, len(x)*stride), make([]uint8, len(x))
	parallel.For(len(x), func(_, i int) {
		row := sums[i*stride : (i+1)*stride]
		for _, a := range x[i].Atom {
			row[a]++
		}
		units[i] = uint8(x[i].Coded())
	})
	for _, n := range units {
		s.Coded += int64(n)
	}
	s.Groups += int64(len(x))
	s.Sums, s.Units = append(s.Sums, sums), append(s.Units, units)
}

// countPairs adds the pairs of atoms of the part's units, or, with ctx's error, owes some of them.
func (s *Packed) countPairs(ctx context.Context) error {
	pieces := rowPieces(len(s.orbits.first))
	c, counted := newPairCounter(s, pieces), make([]bool, pieces)
	err := parallel.ForErr(ctx, pieces, func(w, i int) error {
		c.add(w, i)
		counted[i] = true
		return nil
	})
	if err == nil {
		return nil
	}
	for i, yes := range counted {
		if !yes {
			s.owed = append(s.owed, i)
		}
	}
	return err
}

// settle counts what is owed.
func (s *Packed) settle() {
	c := newPairCounter(s, len(s.owed))
	parallel.For(len(s.owed), func(w, i int) { c.add(w, s.owed[i]) })
	s.owed = nil
}

// pairCounter counts pairs of rows of the triangles, each worker with its own memory.
type pairCounter struct {
	s    *Packed
	work []*[2][sparse.MaxAtoms]uint16
}

func newPairCounter(s *Packed, pieces int) pairCounter {
	return pairCounter{s, make([]*[2][sparse.MaxAtoms]uint16, parallel.Workers(pieces))}
}

// add counts a piece: of an orbit, both atoms' units are counted, and both rows folded
// into the two triangles.
func (c *pairCounter) add(worker, piece int) {
	s := c.s
	if c.work[worker] == nil {
		c.work[worker] = new([2][sparse.MaxAtoms]uint16)
	}
	r := c.work[worker]
	from, to := pieceRows(len(s.orbits.first), piece)
	for o := from; o < to; o++ {
		a, b := s.orbits.first[o], s.orbits.second[o]
		s.work.count(int(a), s.rowEnds, &r[0])
		same, crossed := s.row(o)
		if a == b {
			s.orbits.fold(&r[0], &r[0], same, crossed)
			continue
		}
		s.work.count(int(b), s.rowEnds, &r[1])
		s.orbits.fold(&r[0], &r[1], same, crossed)
	}
}

// row is that of an orbit in the two triangles.
func (s *Packed) row(o int) (same, crossed []uint32) {
	return s.Same[o*(o+1)/2:][:o+1], s.Crossed[o*(o+1)/2:][:o+1]
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

// part is the codes of some units by atom.
type part struct {
	numbers []uint16 // the atoms of all units, one unit after the other
	from    []uint32 // the places of atom a are by[from[a]:from[a+1]]
	by      []simd.Span
	heads   [][]uint32
}

// gather takes the codes of groups. An atom's places are spans: of the units
// that have it, the atoms below ends[a].
func (p *part) gather(x []*sparse.Codes, ends []int) {
	atoms := len(ends)
	base := make([]uint32, len(x)+1)
	for i, c := range x {
		base[i+1] = base[i] + uint32(len(c.Atom))
	}
	total := int(base[len(x)])
	p.numbers = reuse.Slice(p.numbers, total)
	p.by = reuse.Slice(p.by, total+simd.CountAhead)[:total]
	p.from = reuse.Slice(p.from, atoms+1)
	// A few pieces of the groups, each with its own places in every atom's list.
	const pieces = 4
	if p.heads == nil {
		p.heads = make([][]uint32, pieces)
	}
	parallel.For(pieces, func(_, k int) {
		p.heads[k] = reuse.Slice(p.heads[k], atoms)
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

// most is the largest number of units that have the same atom.
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
