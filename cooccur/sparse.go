package cooccur

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Sparse are statistics of units on lines that have one atom each, or none, as words of texts
// do. V is diagonal. L is the diagonal of degrees less the counts of pairs that are near each
// other, of which a fraction is not 0: there may be as many atoms as memory has room for
// (sparse_count.go).
type Sparse struct {
	Summary
	V []int64 // of each atom, the number of units that have it

	// near has of each atom a the atoms b ≥ a that were near it, and how often: unordered pairs
	// of units, each times its weight. With slots it has all atoms b that were right of a. A row is
	// never changed, only replaced.
	near []nearby

	transform Transform
	counter   *counter // working memory, nil before the first use
}

// nearby are atoms, in increasing order, and a number for each.
type nearby struct{ atoms, counts []uint32 }

const (
	// MostRadius is the largest radius of sparse statistics: sums over a window of a group of
	// BandUnits, with the largest weights, fit 32 bits.
	MostRadius = 200
	// MostAtoms is the largest number of atoms of sparse statistics.
	MostAtoms = math.MaxInt32
)

var _ Statistics = (*Sparse)(nil)

// NewSparse returns empty statistics.
func NewSparse(o Origin) (*Sparse, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	switch c := o.Context; {
	case c.Kind != Window || c.Difference != 1 || c.Radius > MostRadius:
		return nil, fmt.Errorf("cooccur: sparse statistics of %s: want first differences in windows of radius 1 to %d", c.described(), MostRadius)
	case o.Denominator != 1 || !o.ownTopologies():
		return nil, fmt.Errorf("cooccur: sparse statistics of values of 1/%d on a grid of %v: want values of 1 on lines", o.Denominator, o.Grid)
	case o.Atoms > MostAtoms:
		return nil, fmt.Errorf("cooccur: sparse statistics of %s: want at most %d", plural.Of(o.Atoms, "atom"), MostAtoms)
	}
	return &Sparse{Summary: Summary{Origin: o}, V: make([]int64, o.Atoms), near: make([]nearby, o.Atoms)}, nil
}

// Pairs is the number of pairs of different atoms, or of one atom with itself, that were counted.
func (s *Sparse) Pairs() int {
	n := 0
	for _, row := range s.near {
		n += len(row.atoms)
	}
	return n
}

// Bytes is what the statistics take, in memory and in a file.
func (s *Sparse) Bytes() int64 { return 16*int64(len(s.V)) + 8*int64(s.Pairs()) }

// SparseMemory bounds what statistics of so many atoms take, of so many units with windows of
// a radius: while they are counted, and while they are solved for so many coordinates.
func SparseMemory(atoms, units, radius, coordinates int) (counting, solving float64) {
	n := float64(atoms)
	pairs := min(float64(units)*float64(radius), n*n)
	rows := 64*n + 8*pairs // the headers of slices, and pairs
	counting = 2*rows + 24*float64(min(units, batchUnits(radius)+math.MaxUint16))
	solving = rows + 2*8*pairs + 4*n*(3*float64(coordinates)+64)
	return counting, solving
}

// Batch says what Accumulate is best called with.
func (s *Sparse) Batch() (groups, entries int) { return 1 << 14, batchUnits(s.Context.Radius) }

// Accumulate counts groups, whose codes are Wide, on lines.
func (s *Sparse) Accumulate(ctx context.Context, batch []Group) (added int, err error) {
	c := s.working()
	c.reset()
	counted := 0 // groups that c has
	for i, g := range batch {
		if err := checkLine(g.Topology, g.Codes); err != nil {
			return added, fmt.Errorf("cooccur: group %d of the batch %w", i, err)
		}
		if counted > 0 && len(c.line)+g.Codes.N() > batchUnits(s.Context.Radius) {
			if err := s.count(ctx, c, counted); err != nil {
				return added, err
			}
			added, counted = added+counted, 0
		}
		if err := c.add(g.Codes, 0, g.Codes.N()); err != nil {
			return added, fmt.Errorf("cooccur: group %d of the batch %w", i, err)
		}
		counted++
	}
	if err := s.count(ctx, c, counted); err != nil {
		return added, err
	}
	return added + counted, nil
}

// AccumulateBands counts a line that is too long to be held at once.
func (s *Sparse) AccumulateBands(ctx context.Context, t Topology, bands iter.Seq2[Band, error]) error {
	apart, err := NewSparse(s.Origin)
	if err != nil {
		return err
	}
	c := apart.working()
	units := 0
	for b, err := range bands {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && len(c.line)+b.Codes.N() > batchUnits(s.Context.Radius) {
			err = apart.count(ctx, c, 0)
		}
		if err == nil {
			err = c.add(b.Codes, b.Before, b.Before+b.Units)
		}
		if err != nil {
			return err
		}
		units += b.Units
	}
	if g, is := t.(Grid); !is || g.count() != 1 || units != g.Units() {
		return fmt.Errorf("cooccur: bands of %s of a group of %d: want all of a line", plural.Of(units, "unit"), t.Units())
	}
	if err := apart.count(ctx, c, 1); err != nil {
		return err
	}
	return s.Add(apart)
}

// Release gives back the working memory of accumulating.
func (s *Sparse) Release() { s.counter = nil }

// Add adds the statistics of other groups, taken with the same codes.
func (s *Sparse) Add(other Statistics) error {
	o, ok := other.(*Sparse)
	if !ok {
		return otherKind(s, other)
	}
	if err := s.same(o.Origin); err != nil {
		return err
	}
	near := make([]nearby, len(s.near))
	err := parallel.ForErr(context.Background(), len(near), func(_, a int) (err error) {
		near[a], err = sum(s.near[a], o.near[a])
		return err
	})
	if err != nil {
		return err
	}
	s.near = near
	addTo(s.V, o.V)
	s.Groups, s.Coded = s.Groups+o.Groups, s.Coded+o.Coded
	return nil
}

// sum is the sum of two rows.
func sum(x, y nearby) (nearby, error) {
	if len(x.atoms) == 0 {
		return y, nil
	}
	if len(y.atoms) == 0 {
		return x, nil
	}
	z := newNearby(len(x.atoms) + len(y.atoms))
	n := 0
	for i, j := 0, 0; i < len(x.atoms) || j < len(y.atoms); n++ {
		var count uint64
		atom := uint32(math.MaxUint32)
		if i < len(x.atoms) {
			atom = x.atoms[i]
		}
		if j < len(y.atoms) {
			atom = min(atom, y.atoms[j])
		}
		if i < len(x.atoms) && x.atoms[i] == atom {
			count += uint64(x.counts[i])
			i++
		}
		if j < len(y.atoms) && y.atoms[j] == atom {
			count += uint64(y.counts[j])
			j++
		}
		if count > math.MaxUint32 {
			return z, errSparseFull
		}
		z.atoms[n], z.counts[n] = atom, uint32(count)
	}
	return nearby{z.atoms[:n:n], z.counts[:n:n]}, nil
}

func newNearby(n int) nearby {
	both := make([]uint32, 2*n)
	return nearby{both[:n:n], both[n:]}
}

var errSparseFull = fmt.Errorf("cooccur: statistics are full: two atoms were near each other more than %d times", uint32(math.MaxUint32))

// checkLine reports groups that are no lines of their codes' units.
func checkLine(t Topology, c *sparse.Codes) error {
	g, is := t.(Grid)
	if !is || g.count() != 1 {
		return fmt.Errorf("has the topology %v: sparse statistics are of lines", t)
	}
	if g.Units() != c.N() {
		return fmt.Errorf("has codes of %s on a line of %d", plural.Of(c.N(), "unit"), g.Units())
	}
	return nil
}
