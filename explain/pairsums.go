package explain

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt"
)

// Sums are what the parts of a side add up to, of each kind: the cosine. An image without an active atom has no atoms to
// add up.
func (s *Side) Sums() (patches, pixels, atoms float64) {
	for _, a := range s.Atoms {
		atoms += a.Value
	}
	return total(s.Patches), total(s.Pixels), atoms
}

// Off is the most that the parts of any kind differ from a cosine when they are added up.
func (p *Pair) Off(cosine float64) float64 {
	most := math.Abs(total(p.Cells) - cosine)
	for _, s := range []*Side{&p.A, &p.B} {
		patches, pixels, atoms := s.Sums()
		most = max(most, math.Abs(patches-cosine), math.Abs(pixels-cosine))
		if len(s.Atoms) > 0 {
			most = max(most, math.Abs(atoms-cosine))
		}
	}
	return most
}

// Nearer is b or its flip, whichever is more similar to a as m embeds them, and the cosine: it is computed apart from the split of
// Why. The flip counts where flips were counted in the fit.
func Nearer(ctx context.Context, m *smt.Model, a, b Image) (near Image, flip bool, cosine float64, err error) {
	near = b
	if cosine, err = Embedded(ctx, m, a, b); err != nil || !m.Config().Flips {
		return near, false, cosine, err
	}
	flipped, err := Embedded(ctx, m, a, b.Flipped())
	if flipped > cosine {
		return b.Flipped(), true, flipped, err
	}
	return near, false, cosine, err
}

// Embedded is the cosine of the embeddings of a as a query and of b as m embeds it, of which Why is the split.
func Embedded(ctx context.Context, m *smt.Model, a, b Image) (float64, error) {
	var rows [2][]float32
	for i, of := range []struct {
		m  *smt.Model
		im Image
	}{{m.Whole(), a}, {m, b}} {
		for row, err := range of.m.EmbedAll(ctx, of.im.Source()) {
			if err != nil {
				return 0, err
			}
			rows[i] = append(rows[i], row...)
		}
	}
	return Cosine(rows[0], rows[1]), nil
}

func total(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}
