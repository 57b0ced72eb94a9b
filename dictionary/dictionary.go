// Package dictionary chooses the atoms that patches are coded against (METHOD
// §2, "dictionary"): whitened unit patches spaced apart, or the centres of a
// spherical k-means.
//
// With mirror, the dictionary is closed under left-right flips: it holds the
// flip of each of its atoms. The code of a flipped patch is then a permutation
// of the patch's own, and flipped images, which every statistic and every bank
// of neighbours would otherwise code again, cost nothing (docs/architecture.md).
package dictionary

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/patch"
)

// Dictionary is a set of unit vectors.
type Dictionary struct {
	Dim   int       // values of an atom
	Atoms []float32 // n × Dim
	// Mirror[a] is the atom that is the flip of atom a, nil without mirror.
	Mirror []uint16
}

// N is the number of atoms.
func (d *Dictionary) N() int { return len(d.Atoms) / d.Dim }

// Sample is where atoms come from: the patches of a bounded number of images.
type Sample struct {
	Images    dataset.Source
	Transform *patch.Transform
	Seed      uint64
}

// draw returns, for each of so many rounds from one on, `per` random patches, blank
// ones left out, of each of the images [first, last): rows of Dim values. They depend
// on seed, round and image alone. An image is read once for all rounds.
func (s *Sample) draw(ctx context.Context, round, rounds, first, last, per int) ([]linalg.Matrix, error) {
	dim, shape := s.Transform.Dim(), s.Images.Shape()
	rows := make([][][]float32, last-first) // of each image and round
	type scratch struct {
		pix     []uint8
		order   []int32
		patches patch.Patches
		which   []int
	}
	work := make([]scratch, parallel.Workers(len(rows)))
	err := parallel.ForErr(ctx, len(rows), func(w, i int) error {
		sc := &work[w]
		if sc.pix == nil {
			sc.pix = make([]uint8, shape.Len())
		}
		if err := s.Images.Image(first+i, sc.pix); err != nil {
			return err
		}
		h, v := s.Transform.Grid(shape)
		each := min(per, h*v)
		sc.which = sc.which[:0]
		for r := range rounds {
			rng := rand.New(rand.NewPCG(s.Seed, uint64(round+r)<<32|uint64(first+i)))
			// rng.Perm, in memory that stays: an image may have millions of patches.
			sc.order = sc.order[:0]
			for k := range h * v {
				sc.order = append(sc.order, int32(k))
			}
			rng.Shuffle(h*v, func(a, b int) { sc.order[a], sc.order[b] = sc.order[b], sc.order[a] })
			for _, k := range sc.order[:each] {
				sc.which = append(sc.which, int(k))
			}
		}
		p := &sc.patches
		s.Transform.ApplyTo(sc.pix, shape, sc.which, dim, p)
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

// mirror writes the flip of patch x to out.
func mirror(t *patch.Transform, x, out []float32) {
	for i, v := range x {
		out[t.MirrorIndex(i)] = v
	}
}

// scaleToUnit returns false, and leaves x alone, if x has no direction.
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

// TooFewError says that the images hold too few patches spaced as asked.
type TooFewError struct {
	Found, Wanted, Tried int
	MaxCosine            float64
	// Enough, if not zero, is a larger cosine at which Exemplars finds as many atoms
	// as were wanted. At MaxCosine it finds Found.
	Enough float64
}

func (e *TooFewError) Error() string {
	nearer := "a larger cosine"
	if e.Enough > 0 {
		nearer = fmt.Sprintf("a cosine of %g (--max-cosine)", e.Enough)
	}
	return fmt.Sprintf("dictionary: found %d of %d atoms with mutual cosine below %g among %d patches: ask for %[1]d atoms (--atoms) or %[5]s, or give more images",
		e.Found, e.Wanted, e.MaxCosine, e.Tried, nearer)
}
