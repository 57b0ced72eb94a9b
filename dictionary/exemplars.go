package dictionary

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
)

const (
	drawImages = 256 // images a chunk of candidates is drawn from
	drawEach   = 8   // patches of each
	maxRounds  = 60  // passes over the sample before we give up
)

// Exemplars draws n random units, each kept only if its cosine with all kept
// before it is below maxCosine (1 or more keeps all). progress, if not nil, is
// told the number of atoms found. Where units have flips, one joins together with its
// flip; one that is too close to its own flip is first made symmetric. In the end
// atoms are rounded (sparse.Round), which may bring two of them closer by 0.001.
// The error is a *TooFewError if the sample does not have n such patches.
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

// checkNumber reports a number of atoms that cannot be numbered.
func checkNumber(n int) error {
	if n < 1 || n > sparse.MaxAtoms {
		return fmt.Errorf("dictionary: %d atoms: want 1 to %d", n, sparse.MaxAtoms)
	}
	return nil
}

// memory bounds the candidates that are held at a time, in values.
const memory = 64 << 20 / 4

// ahead is the number of rounds, of those left, to draw in one pass over the images:
// as many as are surely wanted. What a round adds only falls, so at the rate of the
// last one no round is drawn in vain; and the more rounds are drawn at a time, the
// fewer times images are read, which is most of the work for photographs.
func (g *greedy) ahead(left int) int {
	if g.tried == 0 {
		return 1
	}
	rounds := left
	if g.found > 0 {
		rounds = min(rounds, (g.n-g.d.N())/g.found)
	}
	// What is drawn of a few images, and what is left of all.
	rounds = min(rounds, memory/(fewImages*drawEach*g.d.Dim))
	if g.apartBefore > 0 {
		rounds = min(rounds, memory/(g.apartBefore*g.d.Dim))
	}
	return max(1, rounds)
}

// round goes through the images once.
func (g *greedy) round(ctx context.Context, round int, progress func(found int)) error {
	for first := 0; first < g.s.Groups && !g.full(); first += drawImages {
		c, err := g.s.draw(ctx, round, 1, first, min(first+drawImages, g.s.Groups), drawEach)
		if err != nil {
			return err
		}
		g.tried += c[0].Rows
		g.take(c[0])
		progress(g.d.N())
	}
	return nil
}

// fewImages are read at a time where many rounds are drawn of each.
const fewImages = 32

// rounds finds what so many rounds, one after the other, find, but reads each image
// once: of all candidates it keeps those that are apart from the atoms there are, as
// the others are never taken, and then goes through these in the order of the rounds.
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

// collect draws so many rounds and returns their candidates, of every round, and in it of
// every chunk of images: those that keep lists, all if it is nil. seen is told what is
// drawn.
func (s *Sample) collect(ctx context.Context, round, rounds, images int, seen func(c linalg.Matrix), keep func(c linalg.Matrix) []int) ([]linalg.Matrix, error) {
	dim, chunks := s.Dim, (images+drawImages-1)/drawImages
	kept := make([][]float32, rounds*chunks)
	for first := 0; first < images; first += fewImages {
		drawn, err := s.draw(ctx, round, rounds, first, min(first+fewImages, images), drawEach)
		if err != nil {
			return nil, err
		}
		for r, c := range drawn {
			to := &kept[r*chunks+first/drawImages]
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
