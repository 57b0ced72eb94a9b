package cooccur

import (
	"context"
	"fmt"
	"iter"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Band is some units of a group, the next ones after the band before.
type Band struct {
	// Codes are those of the units and, for a window context, of as many units before and
	// after them as the topology's Reach, where the group has so many.
	Codes *sparse.Codes
	// Before is the number of units of Codes that are neighbours alone, before the
	// band's own Units.
	Before, Units int
}

// AccumulateBands adds a group apart, in as much memory as s takes, and adds the sum at
// the end.
func (s *Dense) AccumulateBands(ctx context.Context, t Topology, bands iter.Seq2[Band, error]) error {
	t, err := s.topology(t)
	if err != nil {
		return fmt.Errorf("cooccur: a group in bands %w", err)
	}
	if s.apart == nil {
		s.apart = &Dense{Summary: Summary{Origin: s.Origin}, V: make([]int64, len(s.V)), M: make([]int64, len(s.M))}
	}
	o := s.apart
	o.Groups, o.Coded, o.Pairs, o.Inner = 1, 0, 0, 0
	clear(o.V)
	clear(o.M)
	sums, units := codeSums{values: make([]int64, s.Atoms)}, 0
	for b, err := range bands {
		if err != nil {
			return err
		}
		if err := o.addBand(ctx, t, units, b, &sums); err != nil {
			return err
		}
		units += b.Units
	}
	if units != t.Units() {
		return fmt.Errorf("cooccur: bands of %s: want the %s of the group", plural.Of(units, "unit"), sizes(t))
	}
	o.Coded = sums.coded
	if s.Context.Kind == Whole {
		o.addMeans([]codeSums{sums})
	}
	return s.add(o)
}

// Release gives back the memory that AccumulateBands has taken.
func (s *Dense) Release() { s.apart = nil }

// addBand adds what is counted unit by unit, of units from one on, as many units at a time
// as are little work.
func (s *Dense) addBand(ctx context.Context, t Topology, unit int, b Band, sums *codeSums) error {
	if err := s.checkBand(t, unit, b); err != nil {
		return fmt.Errorf("cooccur: a band %w", err)
	}
	c := section{b.Codes, t, unit - b.Before}
	first, last := b.Before, b.Before+b.Units
	sums.add(b.Codes, first, last)
	for first < last {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, work, from := 1, s.workOf(b.Codes, t, first, first+1), b.Codes.Start[first]
		for first+n < last && n < partUnits {
			work += s.workOf(b.Codes, t, first+n, first+n+1)
			if work > s.mostWork() || int(b.Codes.Start[first+n+1]-from) > PartEntries(s.Atoms) {
				break
			}
			n++
		}
		var pieces []lists
		// Pieces for all workers, though they be small.
		parts := parallel.Workers(n)
		for k := range parts {
			pieces = s.cut(pieces, c, first+k*n/parts, first+(k+1)*n/parts)
		}
		if err := s.addPart(pieces); err != nil {
			return err
		}
		first += n
	}
	return nil
}

// checkBand reports a band that does not go on at a unit, or lacks neighbours.
func (s *Dense) checkBand(t Topology, unit int, b Band) error {
	have, all := b.Codes.N(), t.Units()
	after := have - b.Before - b.Units
	if b.Before < 0 || b.Units < 1 || after < 0 || b.Before > unit || unit+b.Units+after > all {
		return fmt.Errorf("of %s after %d of %d, at unit %d of %d: want some of the group", plural.Of(b.Units, "unit"), b.Before, have, unit, all)
	}
	if s.Context.Kind == Window {
		reach := t.Reach(s.Context.Radius)
		if b.Before < min(unit, reach) || after < min(all-unit-b.Units, reach) {
			return fmt.Errorf("of %s has %d before them and %d after: want the %d that windows reach", plural.Of(b.Units, "unit"), b.Before, after, reach)
		}
	}
	if err := s.checkValues(b.Codes); err != nil {
		return err
	}
	return s.checkWindow(b.Codes, t)
}

// whole is a group whose codes are all in memory as one band.
func whole(g Group) iter.Seq2[Band, error] {
	return func(yield func(Band, error) bool) { yield(Band{Codes: g.Codes, Units: g.Codes.N()}, nil) }
}
