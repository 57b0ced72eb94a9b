package dictionary

import (
	"context"

	"github.com/sparse-manifold/smt/internal/linalg"
)

const (
	drawImages = 256 // images a chunk of candidates is drawn from
	drawEach   = 8   // patches of each
	maxRounds  = 60  // passes over the sample before we give up
)

// Exemplars draws n random patches, each kept only if its cosine with all kept
// before it is below maxCosine (1 or more keeps all). progress, if not nil, is
// told the number of atoms found. With mirror, a patch joins together with its
// flip; one that is too close to its own flip is first made symmetric. In the end
// atoms are rounded (sparse.Round), which may bring two of them closer by 0.001.
// The error is a *TooFewError if the sample does not have n such patches.
func Exemplars(ctx context.Context, s Sample, n int, maxCosine float64, mirrored bool, progress func(found int)) (*Dictionary, error) {
	g := &greedy{s: s, n: n, max: float32(maxCosine), mirrored: mirrored}
	g.d.Dim = s.Transform.Dim()
	g.d.Atoms = make([]float32, 0, n*g.d.Dim)
	for round := range uint64(maxRounds) {
		for first := 0; first < s.Images.Len(); first += drawImages {
			c, err := s.draw(ctx, round, first, min(first+drawImages, s.Images.Len()), drawEach)
			if err != nil {
				return nil, err
			}
			g.take(c)
			if progress != nil {
				progress(g.d.N())
			}
			if g.d.N() == n {
				return g.d.finish(s.Transform), nil
			}
		}
	}
	return nil, &TooFewError{Found: g.d.N(), Wanted: n, Tried: g.tried, MaxCosine: maxCosine}
}

type greedy struct {
	s        Sample
	n        int
	max      float32
	mirrored bool
	d        Dictionary
	tried    int
}

// take keeps what it can of the candidates, in order.
func (g *greedy) take(c linalg.Matrix) {
	old := g.d.N()
	g.tried += c.Rows
	flip := make([]float32, g.d.Dim)
	if g.mirrored {
		for i := range c.Rows {
			mirror(g.s.Transform, c.Row(i), flip)
			if float32(linalg.Dot(c.Row(i), flip)) >= g.max {
				g.symmetrize(c.Row(i), flip)
			}
		}
	}
	cos := linalg.New(c.Rows, old)
	linalg.AddMul(cos, 1, c, linalg.Wrap(old, g.d.Dim, g.d.Atoms).T())
	for i := 0; i < c.Rows && g.d.N() < g.n; i++ {
		x := c.Row(i)
		if !g.apart(cos.Row(i)) || !g.apartFromNew(x, old) {
			continue
		}
		if !g.mirrored {
			g.d.Atoms = append(g.d.Atoms, x...)
			continue
		}
		mirror(g.s.Transform, x, flip)
		if g.n-g.d.N() == 1 && float32(linalg.Dot(x, flip)) < g.max {
			// One place is left, none for the flip: only a symmetric atom fits.
			if g.symmetrize(x, flip); !g.apartFromNew(x, 0) {
				continue
			}
			mirror(g.s.Transform, x, flip)
		}
		a := uint16(g.d.N())
		g.d.Atoms = append(g.d.Atoms, x...)
		if float32(linalg.Dot(x, flip)) >= g.max { // x is its own flip
			g.d.Mirror = append(g.d.Mirror, a)
		} else {
			g.d.Atoms = append(g.d.Atoms, flip...)
			g.d.Mirror = append(g.d.Mirror, a+1, a)
		}
	}
}

// symmetrize makes x the unit vector along x + flip, exactly its own flip.
func (g *greedy) symmetrize(x, flip []float32) {
	for k := range x {
		flip[k] += x[k]
	}
	copy(x, flip)
	scaleToUnit(x)
}

func (g *greedy) apart(cos []float32) bool {
	for _, v := range cos {
		if v >= g.max {
			return false
		}
	}
	return true
}

// apartFromNew compares x with the atoms from the given one on.
func (g *greedy) apartFromNew(x []float32, from int) bool {
	for a := from; a < g.d.N(); a++ {
		if float32(linalg.Dot(x, g.d.Atoms[a*g.d.Dim:(a+1)*g.d.Dim])) >= g.max {
			return false
		}
	}
	return true
}
