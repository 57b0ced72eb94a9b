package cooccur

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// BatchGroups is the number of groups that Accumulate is best called with: enough to
// spread the cost of passing over M.
const BatchGroups = 768

const (
	// partUnits is the number of units whose pairs are counted at a time: enough
	// to spread the cost of passing over V, few enough to keep their codes in cache, and
	// to number their atoms by 32 bits, even if each has all of sparse.MaxAtoms.
	partUnits = 1<<32/sparse.MaxAtoms - 1
	// PieceUnits is about the number of units that one worker prepares at a time.
	PieceUnits = 2048
)

// perWorker bounds the additions that counting a part takes, for each worker. They
// take half a second or less, and the memory they need has a bound with them.
var perWorker = 400 << 20

// Accumulate adds groups until ctx is done, which is looked at after every part of the
// work, of half a second or so.
func (s *Dense) Accumulate(ctx context.Context, batch []Group) (added int, err error) {
	batch = slices.Clone(batch)
	for i := range batch {
		if err := s.checkGroup(&batch[i]); err != nil {
			return 0, fmt.Errorf("cooccur: group %d of the batch %w", i, err)
		}
	}
	for added < len(batch) && err == nil {
		rest := batch[added:]
		if s.work(rest[0]) > 2*s.mostWork() {
			if err = s.AccumulateBands(ctx, rest[0].Topology, whole(rest[0])); err == nil {
				added++
			}
			continue
		}
		var n int
		n, err = s.addGroups(ctx, rest[:min(len(rest), s.meansAtOnce())])
		added += n
	}
	if err == nil {
		err = s.checkRoom()
	}
	return added, err
}

// checkGroup reports a group that the statistics are not of, and gives it its topology.
func (s *Dense) checkGroup(g *Group) error {
	t, err := s.topology(g.Topology)
	if err != nil {
		return err
	}
	if g.Topology = t; g.Codes.N() != t.Units() {
		return fmt.Errorf("has %s, not %s", plural.Of(g.Codes.N(), "unit"), sizes(t))
	}
	if err := s.checkValues(g.Codes); err != nil {
		return err
	}
	return s.checkWindow(g.Codes, t)
}

// topology is t, or the grid of the statistics.
func (o Origin) topology(t Topology) (Topology, error) {
	if o.ownTopologies() {
		if t == nil {
			return nil, errors.New("has no topology: want one, as the statistics are of no grid of one size")
		}
		return t, nil
	}
	own := o.lattice()
	found, is := t.(Lattice)
	if g, plain := t.(Grid); plain {
		found, is = Lattice{Grid: g}, true
	}
	if t != nil && (!is || found != own) {
		return nil, fmt.Errorf("has the topology %s: want a grid of %v", sizes(t), own)
	}
	return own, nil
}

// sizes describes a topology.
func sizes(t Topology) string {
	if s, ok := t.(fmt.Stringer); ok {
		return s.String()
	}
	return plural.Of(t.Units(), "unit")
}

func (s *Dense) checkValues(c *sparse.Codes) error {
	if (len(c.Value) > 0) != (s.Denominator != 1 && len(c.Atom) > 0) {
		return fmt.Errorf("has codes that do not fit statistics in units of 1/%d", s.Denominator)
	}
	return nil
}

// addGroups adds groups until ctx is done, or until one comes that is better taken in
// bands, and returns their number.
func (s *Dense) addGroups(ctx context.Context, batch []Group) (n int, err error) {
	for n < len(batch) && (n == 0 || s.work(batch[n]) <= 2*s.mostWork()) {
		if err = ctx.Err(); err != nil {
			break
		}
		part := batch[n : n+s.partLen(batch[n:])]
		var pieces []lists
		for _, g := range part {
			pieces = s.cut(pieces, section{g.Codes, g.Topology, 0}, 0, g.Codes.N())
		}
		if err := s.addPart(pieces); err != nil {
			return n, err
		}
		n += len(part)
	}
	if s.Context.Kind == Whole && n > 0 {
		sums := make([]codeSums, n)
		parallel.For(n, func(_, i int) {
			sums[i].values = make([]int64, s.Atoms)
			sums[i].add(batch[i].Codes, 0, batch[i].Codes.N())
		})
		s.addMeans(sums)
	}
	for _, g := range batch[:n] {
		s.Groups++
		s.Coded += int64(g.Codes.Coded())
	}
	return n, err
}

// work is about the number of additions that counting the pairs of a group takes.
func (s *Dense) work(g Group) int { return s.workOf(g.Codes, g.Topology, 0, g.Codes.N()) }

// workOf is work of the units first to last-1 of codes.
func (s *Dense) workOf(c *sparse.Codes, t Topology, first, last int) (work int) {
	pairs, each := 1, 0
	if s.Context.Kind == Window {
		pairs, each = 4, t.MostNear(s.Context.Radius)
	}
	for i := first; i < last; i++ {
		n := int(c.Start[i+1] - c.Start[i])
		work += n * (pairs*n + each)
	}
	return work
}

func (s *Dense) mostWork() int { return perWorker * parallel.Workers(s.Atoms) }

// partLen is the number of groups, at least one, that are counted at a time.
func (s *Dense) partLen(batch []Group) int {
	units, work, entries := 0, 0, 0
	for i, g := range batch {
		units, work, entries = units+g.Codes.N(), work+s.work(g), entries+len(g.Codes.Atom)
		if i > 0 && (units > partUnits || work > s.mostWork() || entries > PartEntries(s.Atoms)) {
			return i
		}
	}
	return len(batch)
}

// PartEntries bounds the active atoms of the units that are counted at a time. They
// take some 10 bytes each, which is to be little beside statistics of so many atoms.
func PartEntries(atoms int) int { return max(2<<20, atoms*atoms/4) }

// BatchEntries bounds the active atoms, of 2 bytes, of the groups that Accumulate is
// best called with, in the same way.
func BatchEntries(atoms int) int { return min(64<<20, max(4<<20, atoms*atoms)) }

// section is the codes of the units of a group from one on, all of them or a band.
type section struct {
	*sparse.Codes
	topology Topology
	from     int
}

// near calls f with the spans of codes that are near those of unit i of the section.
func (s section) near(i, radius int, f func(from, to int)) {
	if s.from == 0 {
		s.topology.Near(i, radius, f)
		return
	}
	s.topology.Near(s.from+i, radius, func(from, to int) { f(from-s.from, to-s.from) })
}

// cut appends the units first to last-1 of a section, in pieces.
func (s *Dense) cut(pieces []lists, c section, first, last int) []lists {
	n := max(1, (last-first+PieceUnits/2)/PieceUnits)
	for k := range n {
		pieces = append(pieces, s.fromCodes(c, first+k*(last-first)/n, first+(k+1)*(last-first)/n))
	}
	return pieces
}

// addPart adds what is counted unit by unit.
func (s *Dense) addPart(x []lists) error {
	parallel.For(len(x), func(_, i int) { x[i].transpose(s.Atoms) })
	if s.Denominator == 1 {
		countPairs(s.V, s.Atoms, x)
	} else {
		cross(s.V, s.Atoms, x, x)
	}
	if s.Context.Kind == Window {
		if err := s.addWindows(x); err != nil {
			return err
		}
	}
	return nil
}
