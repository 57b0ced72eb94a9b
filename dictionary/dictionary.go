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

// draw returns `per` random patches, blank ones left out, of each of the images
// [first, last): rows of Dim values. They depend on seed, round and image alone.
func (s *Sample) draw(ctx context.Context, round uint64, first, last, per int) (linalg.Matrix, error) {
	dim := s.Transform.Dim()
	rows := make([][]float32, last-first)
	type scratch struct {
		pix     []uint8
		patches patch.Patches
	}
	work := make([]scratch, parallel.Workers(len(rows)))
	err := parallel.ForErr(ctx, len(rows), func(w, i int) error {
		sc := &work[w]
		if sc.pix == nil {
			sc.pix = make([]uint8, s.Images.Shape().Len())
		}
		if err := s.Images.Image(first+i, sc.pix); err != nil {
			return err
		}
		p := &sc.patches
		rng := rand.New(rand.NewPCG(s.Seed, round<<32|uint64(first+i)))
		h, v := s.Transform.Grid(s.Images.Shape())
		s.Transform.ApplyTo(sc.pix, s.Images.Shape(), rng.Perm(h * v)[:min(per, h*v)], dim, p)
		for k := range p.N {
			if !p.Blank[k] {
				rows[i] = append(rows[i], p.X[k*dim:(k+1)*dim]...)
			}
		}
		return nil
	})
	var all []float32
	for _, r := range rows {
		all = append(all, r...)
	}
	return linalg.Wrap(len(all)/dim, dim, all), err
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
}

func (e *TooFewError) Error() string {
	return fmt.Sprintf("dictionary: found %d of %d atoms with mutual cosine below %g among %d patches: ask for fewer atoms or a larger cosine, or give more images",
		e.Found, e.Wanted, e.MaxCosine, e.Tried)
}
