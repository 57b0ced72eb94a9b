package explain

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Along splits the product of an image's embedding with a direction, a vector of as many values, over what the image is made of. The
// members of an ensemble add what they say, and of each the patches, their pixels, and the active atoms add up to what it adds. With the norms
// of patches, cells and embedding given, and the amplitudes of frequencies, the product is linear in them, as the cosine of a Pair is; what the mean
// of components takes off is spread evenly.
type Along struct {
	Product float64
	Members []MemberAlong
}

// MemberAlong is what a member sees, and adds.
type MemberAlong struct {
	Member string
	Model  *smt.Model // that sees Image, as it is
	Image  Image
	Side   // without Match

	codes *sparse.Codes
	pull  []float64
	taken float64
}

// AlongOf splits the products of the embedding of the only image of src, as a query (smt.Ensemble.Whole), with some directions.
func AlongOf(e *smt.Ensemble, src dataset.Source, directions ...[]float32) ([]Along, error) {
	members := e.Whole().Members()
	sets, weights := make([]embedding.Set, len(members)), make([]float64, len(members))
	for i, m := range members {
		var err error
		if sets[i], err = m.Model.Embeddings(m.View(src)); err != nil {
			return nil, err
		}
		weights[i] = m.Weight
	}
	all := make([]Along, len(directions))
	for i, m := range members {
		im, err := ImageOf(m.Model.See(m.View(src)), 0)
		if err != nil {
			return nil, err
		}
		model := m.Model.Straight()
		var s Side
		r, err := s.embed(model, im)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		f := newShortForm(model.Stages(), &s)
		f.of(0, s.cells)
		for k, d := range directions {
			parts, err := embedding.Apart(d, weights, sets...)
			if err != nil {
				return nil, err
			}
			a := MemberAlong{Member: m.Name, Model: model, Image: im, Side: s, codes: &r.Codes}
			a.pull, a.taken = f.along(parts[i])
			a.split(model, a.codes, a.pull, a.taken)
			all[k].Members, all[k].Product = append(all[k].Members, a), all[k].Product+total(a.Patches)
		}
	}
	return all, nil
}

// along is p and q of the product u·p − w·q of cells u of side A, the share w of its image, with a direction.
func (f *shortForm) along(d []float32) (p []float64, q float64) {
	y := make([]float64, len(d))
	for k, v := range d {
		y[k] = f.scales[0] * float64(v)
	}
	q = dot(f.short(make([]float64, f.dim()), -1), y)
	return f.cells(0, f.back(y)), q
}

// Place is a patch in which an atom is active, and what the atom adds there.
type Place struct {
	Box   image.Rectangle // in pixels of the image
	Patch int
	Value float64
}

// Places are where an atom is active, those where it adds the most first. They add up to what it adds.
func (a *MemberAlong) Places(atom int) (places []Place) {
	g, shape := make([]float64, a.d), a.Image.Shape
	for i := range a.Side.Patches {
		if a.norm[i] == 0 || a.part[i] == 0 {
			continue
		}
		for k := a.codes.Start[i]; k < a.codes.Start[i+1]; k++ {
			if int(a.codes.Atom[k]) == atom {
				a.pulled(i, a.pull, g)
				v := value(a.codes, int(k)) * dot(a.Model.Stages().Projection.Row(atom), g) / a.norm[i]
				places = append(places, Place{patch.Box(shape, a.size, i), i, v})
			}
		}
	}
	for i := range places {
		places[i].Value -= a.taken / float64(len(a.Atoms)) / float64(len(places))
	}
	slices.SortStableFunc(places, func(x, y Place) int { return cmp.Compare(y.Value, x.Value) })
	return places
}
