package dictionary

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Dictionary is a set of unit vectors.
type Dictionary struct {
	Dim   int       // values of an atom
	Atoms []float32 // n × Dim
	// Mirror[a] is the atom that is the flip of atom a. It is nil without flips.
	Mirror []uint16
}

// N is the number of atoms.
func (d *Dictionary) N() int { return len(d.Atoms) / d.Dim }

// Check wants unit vectors.
func (d *Dictionary) Check() error {
	for a := range d.N() {
		atom := d.Atoms[a*d.Dim : (a+1)*d.Dim]
		if sum := linalg.Dot(atom, atom); !(math.Abs(sum-1) <= 1e-3) {
			return fmt.Errorf("atom %d has length %.4g, want a unit vector", a, math.Sqrt(sum))
		}
	}
	return nil
}

// Sample is where atoms come from: groups of units. A group is the patches of an image, for instance.
type Sample struct {
	Dim    int // values of a unit
	Groups int
	Units  int // of each group
	// Flip says where each value of a unit is in the unit's left-right flip. It is nil without flips.
	Flip []int
	Seed uint64
	// Reader returns a function for one worker, which reads the units of a group that have the given
	// numbers. They are Dim values apart, and hold until its next call.
	Reader func() func(group int, which []int) (*sparse.Vectors, error)
}

// draw returns, for each of so many rounds from a number on, `per` random units of each of the groups
// [first, last), blank ones left out, in rows of Dim values. They depend on seed, round and group alone.
// A group is read once for all rounds.
func (s *Sample) draw(ctx context.Context, round, rounds, first, last, per int) ([]linalg.Matrix, error) {
	dim := s.Dim
	rows := make([][][]float32, last-first) // of each group and round
	type scratch struct {
		read  func(group int, which []int) (*sparse.Vectors, error)
		order []int32
		which []int
	}
	work := make([]scratch, parallel.Workers(len(rows)))
	err := parallel.ForErr(ctx, len(rows), func(w, i int) error {
		sc := &work[w]
		if sc.read == nil {
			sc.read = s.Reader()
		}
		each := min(per, s.Units)
		sc.which = sc.which[:0]
		for r := range rounds {
			rng := rand.New(rand.NewPCG(s.Seed, uint64(round+r)<<32|uint64(first+i)))
			// This is rng.Perm in memory that is used again: a group may have millions of units.
			sc.order = slices.Grow(sc.order[:0], s.Units) // at once: what a slice grows out of is garbage as large as it
			for k := range s.Units {
				sc.order = append(sc.order, int32(k))
			}
			rng.Shuffle(s.Units, func(a, b int) { sc.order[a], sc.order[b] = sc.order[b], sc.order[a] })
			for _, k := range sc.order[:each] {
				sc.which = append(sc.which, int(k))
			}
		}
		p, err := sc.read(first+i, sc.which)
		if err != nil {
			return err
		}
		rows[i] = make([][]float32, rounds)
		for k := range p.N {
			if !p.Blank[k] {
				rows[i][k/each] = append(rows[i][k/each], p.X[k*dim:(k+1)*dim]...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := make([]linalg.Matrix, rounds)
	for r := range all {
		n := 0
		for i := range rows {
			n += len(rows[i][r])
		}
		data := make([]float32, 0, n)
		for i := range rows {
			data = append(data, rows[i][r]...)
			rows[i][r] = nil
		}
		all[r] = linalg.Wrap(len(data)/dim, dim, data)
	}
	return all, nil
}

// flipTo writes the flip of unit x to out.
func (s *Sample) flipTo(x, out []float32) {
	for i, v := range x {
		out[s.Flip[i]] = v
	}
}

// scaleToUnit scales x to length 1. It returns false, and does not change x, if x has no direction.
func scaleToUnit(x []float32) bool {
	n := math.Sqrt(linalg.Dot(x, x))
	if !(n > 1e-6) {
		return false
	}
	for i := range x {
		x[i] = float32(float64(x[i]) / n)
	}
	return true
}

// TooFewError says that the groups hold too few units, or too few spaced as asked.
type TooFewError struct {
	Found, Wanted int
	Tried         int // units drawn: one may be drawn again
	MaxCosine     float64
	Centres       bool // atoms are centres of k-means, of two units each at least: nothing is said of cosines
	// Enough, if not zero, is a larger cosine than MaxCosine, at which Exemplars finds as many atoms as
	// were wanted.
	Enough float64
	// Unit is what a unit is called, and Groups what groups are, if not so.
	Unit, Groups string
}

func (e *TooFewError) Error() string {
	if e.Centres {
		return fmt.Sprintf("dictionary: k-means of %s has %s that are not blank, want %d: ask for %s, or give more %s",
			plural.Of(e.Wanted, "centre"), plural.Of(e.Tried, cmp.Or(e.Unit, "unit")), 2*e.Wanted, plural.Of(e.Found, "atom"), cmp.Or(e.Groups, "groups"))
	}
	if e.Found == 0 && e.Tried == 0 {
		return fmt.Sprintf("dictionary: every %s is blank: no atom can be chosen, want other %s", cmp.Or(e.Unit, "unit"), cmp.Or(e.Groups, "groups"))
	}
	fewer, nearer := "", "a larger cosine"
	if e.Found > 1 { // what is learned of one atom tells nothing apart
		fewer = plural.Of(e.Found, "atom") + " or "
	}
	if e.Enough > 0 {
		nearer = fmt.Sprintf("a cosine of %g", e.Enough)
	}
	return fmt.Sprintf("dictionary: found %d of %s with mutual cosine below %g, %s drawn: ask for %s%s, or give more %s",
		e.Found, plural.Of(e.Wanted, "atom"), e.MaxCosine, plural.Of(e.Tried, cmp.Or(e.Unit, "unit")), fewer, nearer, cmp.Or(e.Groups, "groups"))
}
