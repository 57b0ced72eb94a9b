package estimate

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/sparse"
)

// Sampled is Of, with the share of the atoms that are active in a patch, as a small fit to crops of some images has
// it. How dense codes are depends on the images: how smooth they are, and how alike atoms may be. The share is
// left out, and guessed from the configuration alone, where it is not wanted or no small fit can be made.
func Sampled(ctx context.Context, c smt.Config, src dataset.Source) (Images, error) {
	images := Of(src)
	if c.Code == sparse.Nearest || c.Code == sparse.L1 {
		return images, nil // the one has one atom, and the values of the other compete
	}
	some, err := cropsOf(ctx, src, c)
	if err != nil {
		return images, ctx.Err() // the fit reads the image as well, and says what is wrong with it
	}
	c = small(c)
	for {
		perPatch, err := activeOf(ctx, c, some)
		var few *dictionary.TooFewError
		if errors.As(err, &few) && few.Found > 1 && few.Found < c.Atoms {
			c.Atoms = few.Found / 2 * 2
			continue
		}
		if err == nil {
			images.Share = perPatch / float64(c.Atoms)
		}
		return images, ctx.Err()
	}
}

// sampledAtoms is the number of atoms of a small fit.
const sampledAtoms = 2048

// small is c with a few atoms, and nothing of what comes after the codes.
func small(c smt.Config) smt.Config {
	c.Atoms = min(c.Atoms, sampledAtoms)
	c.Dims, c.Skip, c.Pool, c.Stride, c.Spectrum, c.Step, c.Sample, c.Images = 1, 0, 1, 1, 0, 1, 0, 0
	return c
}

var errKnown = errors.New("the number of active atoms is known")

// activeOf is how many atoms are active in a patch of images, of a fit that ends as soon as that is known.
func activeOf(ctx context.Context, c smt.Config, images dataset.Source) (perPatch float64, err error) {
	_, err = smt.Fit(ctx, images, c, smt.Active(func(n float64) error { perPatch = n; return errKnown }))
	if errors.Is(err, errKnown) {
		err = nil
	}
	return perPatch, err
}

// crops are parts of images, in memory.
type crops struct {
	shape dataset.Shape
	pix   [][]uint8
}

func (s *crops) Len() int                       { return len(s.pix) }
func (s *crops) Shape() dataset.Shape           { return s.shape }
func (s *crops) Image(i int, pix []uint8) error { copy(pix, s.pix[i]); return nil }
func (s *crops) Label(int) int                  { return -1 }
func (s *crops) Classes() []string              { return nil }
func (s *crops) ID(i int) string                { return strconv.Itoa(i) }

const (
	cropNumber = 64      // crops in all
	cropSide   = 24      // as many patches in a row or so
	cropPixels = 1 << 24 // that are read for them, or one image
)

// cropsOf are crops of images that lie far apart, at places that the seed decides.
func cropsOf(ctx context.Context, src dataset.Source, c smt.Config) (*crops, error) {
	whole := src.Shape()
	of := &crops{shape: whole}
	of.shape.Height, of.shape.Width = min(whole.Height, cropSide+c.Patch), min(whole.Width, cropSide+c.Patch)
	n := min(cropNumber, src.Len(), max(1, cropPixels/(whole.Height*whole.Width)))
	rng, pix := rand.New(rand.NewPCG(c.Seed, 0)), make([]uint8, whole.Len())
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := src.Image(i*src.Len()/n, pix); err != nil {
			return nil, err
		}
		for range max(1, cropNumber/n) {
			top, left := rng.IntN(whole.Height-of.shape.Height+1), rng.IntN(whole.Width-of.shape.Width+1)
			of.pix = append(of.pix, cropped(pix, whole, of.shape, top, left))
			if of.shape == whole {
				break
			}
		}
	}
	return of, nil
}

// cropped is a part of an image.
func cropped(pix []uint8, whole, part dataset.Shape, top, left int) []uint8 {
	out := make([]uint8, 0, part.Len())
	for y := range part.Height {
		at := ((top+y)*whole.Width + left) * whole.Channels
		out = append(out, pix[at:at+part.Width*part.Channels]...)
	}
	return out
}
