package cooccur

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

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
