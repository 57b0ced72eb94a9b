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
	"github.com/sparse-manifold/smt/internal/plural"
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
		return nil, fmt.Errorf("cooccur: packed statistics of %v with %s: want contexts of whole groups, codes of 0 and 1 and a flip of each atom", o, plural.Of(len(mirror), "flip"))
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
			return 0, fmt.Errorf("cooccur: group %d of the batch has %s, not %s", i, plural.Of(g.Codes.N(), "unit"), sizes(t))
		case g.Codes.N() > math.MaxUint8:
			return 0, fmt.Errorf("cooccur: group %d of the batch has %s: packed statistics take at most %d", i, plural.Of(g.Codes.N(), "unit"), math.MaxUint8)
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
