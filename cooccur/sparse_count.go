package cooccur

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/sparse"
)

// counter has the units that are to be counted, one after the other on one line, with gaps
// between groups that no window reaches across. They are counted atom by atom: of each place
// where an atom a stands, the atoms b ≥ a around it are added to a row of sums, which stays in
// the second-level cache. A pair of units is counted where its smaller atom stands or, of equal
// atoms, at the first of both, whichever worker has which atom. With slots it is counted where its
// left unit stands.
type counter struct {
	atoms, radius int
	slots         bool
	weights       []uint32 // of pairs, by the steps between them
	line          []uint32 // of each unit its atom; atoms stands for none
	own           [][2]int // spans of the line whose units are counted; the rest is around them
	coded         int64    // of their units
	place         []int32  // of own units that have an atom, sorted by atoms
	start         []int32  // of each atom, where its places begin
	work          []nearSum
}

// nearSum are sums of a row; all are 0 between rows.
type nearSum struct {
	sums   []uint32 // of each atom, and one more of none
	used   []uint64 // a bit for each of sums that is not 0
	blocks []uint64 // a bit for each of used that is not 0
}

// batchUnits is how many units are counted at a time: as many as keep sums in 32 bits, up to
// what takes half a second.
func batchUnits(radius int) int { return min(1<<22, math.MaxUint32/(radius*(radius+1))) }

// working is the working memory of counting.
func (s *Sparse) working() *counter {
	if s.counter == nil {
		c := &counter{atoms: s.Atoms, radius: s.Context.Radius, slots: s.Context.Slots, weights: make([]uint32, s.Context.Radius+1)}
		for d := 1; d <= c.radius; d++ {
			c.weights[d] = s.Context.weight(d)
		}
		c.reset()
		s.counter = c
	}
	return s.counter
}

func (c *counter) reset() {
	c.line, c.own, c.coded = c.line[:0], c.own[:0], 0
	c.gap()
}

func (c *counter) gap() {
	for range c.radius {
		c.line = append(c.line, uint32(c.atoms))
	}
}

// add adds units of which those [from, to) are to be counted.
func (c *counter) add(codes *sparse.Codes, from, to int) error {
	if len(codes.Atom) > 0 {
		return fmt.Errorf("has codes with atoms of 16 bits: sparse statistics want Codes.Wide")
	}
	if n, most := codes.N(), batchUnits(c.radius); n > most {
		return fmt.Errorf("has %s, more than the %d that are counted at a time: want them in bands", plural.Of(n, "unit"), most)
	}
	first := len(c.line)
	for i := range codes.N() {
		atom := uint32(c.atoms)
		switch row := codes.Wide[codes.Start[i]:codes.Start[i+1]]; {
		case len(row) > 1:
			return fmt.Errorf("has %s in unit %d: sparse statistics want one or none", plural.Of(len(row), "atom"), i)
		case len(row) == 1 && row[0] >= atom:
			return fmt.Errorf("has the atom %d in unit %d: want less than %d", row[0], i, atom)
		case len(row) == 1:
			atom = row[0]
			if i >= from && i < to {
				c.coded++
			}
		}
		c.line = append(c.line, atom)
	}
	c.own = append(c.own, [2]int{first + from, first + to})
	c.gap()
	return nil
}

// count adds to s the units that c has, which complete so many groups, and empties c. If ctx
// is done or the sums are full, s is what it was.
func (s *Sparse) count(ctx context.Context, c *counter, groups int) error {
	c.sort()
	if c.work == nil {
		c.work = make([]nearSum, parallel.Workers(c.atoms))
	}
	near := make([]nearby, len(s.near))
	err := parallel.ForErr(ctx, len(near), func(w, a int) (err error) {
		near[a] = s.near[a]
		if places := c.place[c.start[a]:c.start[a+1]]; len(places) > 0 {
			near[a], err = c.row(&c.work[w], uint32(a), places, near[a])
		}
		return err
	})
	if err != nil {
		return err
	}
	s.near = near
	for a := range s.V {
		s.V[a] += int64(c.start[a+1] - c.start[a])
	}
	s.Groups, s.Coded = s.Groups+int64(groups), s.Coded+c.coded
	c.reset()
	return nil
}

// sort finds the places of each atom.
func (c *counter) sort() {
	c.start = reuse.Zeros(c.start, c.atoms+2)
	for _, span := range c.own {
		for _, a := range c.line[span[0]:span[1]] {
			c.start[a+1]++
		}
	}
	for a := range c.atoms {
		c.start[a+1] += c.start[a]
	}
	c.place = reuse.Slice(c.place, int(c.start[c.atoms]))
	next := c.start[:c.atoms] // shifted by one when all are placed
	for _, span := range c.own {
		for i, a := range c.line[span[0]:span[1]] {
			if int(a) < c.atoms {
				c.place[next[a]] = int32(span[0] + i)
				next[a]++
			}
		}
	}
	copy(c.start[1:], next)
	c.start[0] = 0
}

// row is the row old of atom a with what is near its places added.
func (c *counter) row(w *nearSum, a uint32, places []int32, old nearby) (nearby, error) {
	if w.sums == nil {
		words := c.atoms/64 + 1
		*w = nearSum{make([]uint32, c.atoms+1), make([]uint64, words), make([]uint64, words/64+1)}
	}
	for _, p := range places {
		around := c.line[int(p)-c.radius : int(p)+c.radius+1]
		for d := 1; d <= c.radius; d++ {
			if b := around[c.radius-d]; b > a && !c.slots {
				w.add(b, c.weights[d])
			}
			if b := around[c.radius+d]; b >= a || c.slots {
				w.add(b, c.weights[d])
			}
		}
	}
	for _, b := range old.atoms {
		w.mark(b)
	}
	w.unmark(uint32(c.atoms))
	return w.take(old)
}

func (w *nearSum) add(b, weight uint32) {
	if w.sums[b] == 0 {
		w.mark(b)
	}
	w.sums[b] += weight
}

func (w *nearSum) mark(b uint32) {
	w.used[b/64] |= 1 << (b % 64)
	w.blocks[b/4096] |= 1 << (b / 64 % 64)
}

// unmark takes back what was added to b.
func (w *nearSum) unmark(b uint32) {
	w.sums[b] = 0
	w.used[b/64] &^= 1 << (b % 64)
}

// marked is how many atoms are.
func (w *nearSum) marked() (n int) {
	for i, block := range w.blocks {
		for ; block != 0; block &= block - 1 {
			n += bits.OnesCount64(w.used[64*i+bits.TrailingZeros64(block)])
		}
	}
	return n
}

// take returns the sums of the marked atoms, with the counts of old, in order, and leaves zeros.
func (w *nearSum) take(old nearby) (row nearby, err error) {
	row = newNearby(w.marked())
	n, k := 0, 0
	for i, block := range w.blocks {
		for ; block != 0; block &= block - 1 {
			j := 64*i + bits.TrailingZeros64(block)
			for word := w.used[j]; word != 0; word &= word - 1 {
				b := uint32(64*j + bits.TrailingZeros64(word))
				count := uint64(w.sums[b])
				w.sums[b] = 0
				if k < len(old.atoms) && old.atoms[k] == b {
					count += uint64(old.counts[k])
					k++
				}
				if count > math.MaxUint32 {
					err = errSparseFull
				}
				row.atoms[n], row.counts[n] = b, uint32(count)
				n++
			}
			w.used[j] = 0
		}
		w.blocks[i] = 0
	}
	return row, err
}
