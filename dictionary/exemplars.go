package dictionary

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

const (
	drawGroups = 256 // groups that a chunk of candidates is drawn from
	drawEach   = 8   // candidates of each
	maxRounds  = 60  // rounds through the sample before we give up
)

// Exemplars draws n random units, each kept only if its cosine with every one kept before is below
// maxCosine; 1 or more keeps all. Where units have flips, a unit joins together with its flip. A unit too
// close to its own flip is first made symmetric. Atoms are rounded last (sparse.Round), which may bring
// two of them closer by 0.001.
//
// progress, if not nil, is told the number of atoms found. The error is a *TooFewError if the sample does
// not have n such units.
func Exemplars(ctx context.Context, s Sample, n int, maxCosine float64, progress func(found int)) (*Dictionary, error) {
	if err := checkNumber(n); err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(int) {}
	}
	g := newGreedy(s, n, maxCosine)
	for round := 0; round < maxRounds; {
		rounds := g.ahead(maxRounds - round)
		before := g.d.N()
		g.apartBefore = 0
		var err error
		if rounds == 1 {
			err = g.round(ctx, round, progress)
		} else {
			err = g.rounds(ctx, round, rounds, progress)
		}
		if err != nil {
			return nil, err
		}
		if g.full() {
			return g.d.finish(s.Flip), nil
		}
		g.found = (g.d.N() - before) / rounds
		g.apartBefore /= rounds
		round += rounds
	}
	few := &TooFewError{Found: g.d.N(), Wanted: n, Tried: g.tried, MaxCosine: maxCosine}
	var err error
	few.Enough, err = enough(ctx, s, n, maxCosine)
	if err != nil {
		return nil, err
	}
	return nil, few
}

// checkNumber reports too few atoms, or more than 16 bits number.
func checkNumber(n int) error {
	if n < 1 || n > sparse.MaxAtoms {
		return fmt.Errorf("dictionary: %s: want 1 to %d", plural.Of(n, "atom"), sparse.MaxAtoms)
	}
	return nil
}

// memory is the most values of candidates that are held at a time.
const memory = 64 << 20 / 4

// ahead is the number of rounds, of those left, to draw in one pass over the groups: as many as are
// surely wanted. A round adds no more than the one before, so at the rate of the last one no round is
// drawn in vain. The more rounds are drawn at a time, the fewer times groups are read, which is most of
// the work for photographs.
func (g *greedy) ahead(left int) int {
	if g.tried == 0 {
		return 1
	}
	rounds := left
	if g.found > 0 {
		rounds = min(rounds, (g.n-g.d.N())/g.found)
	}
	// Two things are held: what is drawn of a few groups, and what is kept of all.
	rounds = min(rounds, memory/(fewGroups*drawEach*g.d.Dim))
	if g.apartBefore > 0 {
		rounds = min(rounds, memory/(g.apartBefore*g.d.Dim))
	}
	return max(1, rounds)
}

// round draws one round and takes what it can of it.
func (g *greedy) round(ctx context.Context, round int, progress func(found int)) error {
	for first := 0; first < g.s.Groups && !g.full(); first += drawGroups {
		c, err := g.s.draw(ctx, round, 1, first, min(first+drawGroups, g.s.Groups), drawEach)
		if err != nil {
			return err
		}
		g.tried += c[0].Rows
		g.take(c[0])
		progress(g.d.N())
	}
	return nil
}

// fewGroups is the number of groups read at a time where many rounds are drawn of each.
const fewGroups = 32

// rounds finds what so many rounds find one after the other, but reads each group once. Of all candidates
// it keeps those that are apart from the atoms so far, as the others are never taken. Then it goes through
// those kept, in the order of the rounds.
func (g *greedy) rounds(ctx context.Context, round, rounds int, progress func(found int)) error {
	left, err := g.s.collect(ctx, round, rounds, g.s.Groups, func(c linalg.Matrix) {
		g.tried += c.Rows
		progress(g.d.N())
	}, func(c linalg.Matrix) []int { return g.apart(g.symmetric(c)) })
	if err != nil {
		return err
	}
	for _, c := range left {
		if g.full() {
			break
		}
		g.take(c)
		progress(g.d.N())
	}
	return nil
}

// collect draws so many rounds and returns the candidates that keep lists, all of them if it is nil: a
// matrix for every chunk of groups of every round. seen is told what is drawn.
func (s *Sample) collect(ctx context.Context, round, rounds, groups int, seen func(c linalg.Matrix), keep func(c linalg.Matrix) []int) ([]linalg.Matrix, error) {
	dim, chunks := s.Dim, (groups+drawGroups-1)/drawGroups
	kept := make([][]float32, rounds*chunks)
	for first := 0; first < groups; first += fewGroups {
		drawn, err := s.draw(ctx, round, rounds, first, min(first+fewGroups, groups), drawEach)
		if err != nil {
			return nil, err
		}
		for r, c := range drawn {
			to := &kept[r*chunks+first/drawGroups]
			seen(c)
			if keep == nil {
				*to = append(*to, c.Data...)
				continue
			}
			for _, i := range keep(c) {
				*to = append(*to, c.Row(i)...)
			}
		}
	}
	all := make([]linalg.Matrix, len(kept))
	for i, data := range kept {
		all[i] = linalg.Wrap(len(data)/dim, dim, data)
	}
	return all, nil
}
