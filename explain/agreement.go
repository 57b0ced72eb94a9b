package explain

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/knn"
)

// Agreement says how often a patch and its K nearest are of one class, and of one image, in each space. Overlapping
// patches of one image are alike whatever the space is: no neighbour counted shares a pixel with the patch.
type Agreement struct {
	Patches int `json:"patches"`
	Images  int `json:"images"` // that the patches are of
	K       int `json:"k"`      // 12, or all others if there are fewer
	// Class is the share of the patch's class, among neighbours of other images. It is nil without labels, or if
	// all are of one class.
	Class *Shares `json:"class,omitempty"`
	// ClassWithOwn is Class with neighbours of the patch's own image, all of which are of its class.
	ClassWithOwn *Shares `json:"class_with_own,omitempty"`
	// Image is the share of the patch's own image, among neighbours of all. It is nil if no image has two patches that
	// share no pixel.
	Image *Shares `json:"image"`
}

// Shares are those of one question in each space.
type Shares struct {
	Chance    float64  `json:"chance"` // the share among all that may be neighbours
	Signal    Estimate `json:"signal"`
	Code      Estimate `json:"code"`
	Embedding Estimate `json:"embedding"`
	Gain      Estimate `json:"gain"` // embedding less signal, of the same patches
}

// Estimate is a mean over patches, from 0 to 1, or a difference of two, with its standard error over images.
type Estimate struct {
	Value float64 `json:"value"`
	Error float64 `json:"error"`
}

const (
	agreementK      = 12
	agreementImages = 500
	agreementEach   = 10 // patches of each image
	// agreementDepth of the nearest hold agreementK even if those of two images, the patch's own and one that the
	// jackknife leaves out, are among them.
	agreementDepth = agreementK + 2*agreementEach
)

// Agree measures the agreement of up to 5,000 patches among themselves, 10 from each of the first 500 images of src.
// It returns nil if fewer than three images have a patch that is not blank, or if there is neither Class nor Image.
func Agree(ctx context.Context, m *smt.Model, src dataset.Source) (*Agreement, error) {
	c, err := newCensus(ctx, m, src, agreementDepth)
	if err != nil || c.images() < 3 {
		return nil, err
	}
	a, err := c.agreement(ctx)
	if err != nil || a.Class == nil && a.Image == nil {
		return nil, err
	}
	return a, nil
}

// newCensus looks for as many of the nearest of each patch as depth.
func newCensus(ctx context.Context, m *smt.Model, src dataset.Source, depth int) (*census, error) {
	from, x, err := Scatter(ctx, m, src, agreementImages, agreementEach)
	if err != nil {
		return nil, err
	}
	// Of equal cosines the lower number is nearer. Codes have many, and folders come sorted by class: so patches are
	// numbered at random.
	dim := m.Stages().Transform.Dim()
	rand.New(rand.NewPCG(1, 0)).Shuffle(len(from.Image), func(i, j int) {
		from.Image[i], from.Image[j] = from.Image[j], from.Image[i]
		from.At[i], from.At[j] = from.At[j], from.At[i]
		a, b := row(x, i, dim), row(x, j, dim)
		for k := range a {
			a[k], b[k] = b[k], a[k]
		}
	})
	g, err := NewGallery(ctx, m, x)
	if err != nil {
		return nil, err
	}
	c := &census{image: from.Image, class: make([]int, g.Len()), k: min(agreementK, g.Len()-1)}
	for i, im := range from.Image {
		c.class[i] = src.Label(im)
	}
	t, shape := m.Stages().Transform, src.Shape()
	c.overlap = func(i, j int) bool { return t.Box(shape, from.At[i]).Overlaps(t.Box(shape, from.At[j])) }
	if g.Len() > 0 {
		c.near, err = g.nearest(ctx, depth)
	}
	return c, err
}

// nearest numbers the nearest patches of every patch in each space, nearest first, itself among them. Of equal
// cosines the lower number is nearer.
func (g *Gallery) nearest(ctx context.Context, depth int) (near [Stages][][]int, err error) {
	if near[Signal], err = nearestVectors(ctx, g.x, g.n, depth); err != nil {
		return near, err
	}
	if near[Code], err = g.nearestCodes(ctx, depth); err != nil {
		return near, err
	}
	near[Embedding], err = nearestVectors(ctx, g.beta, g.n, depth)
	return near, err
}

// nearestVectors are those of unit vectors, n rows of x.
func nearestVectors(ctx context.Context, x []float32, n, depth int) ([][]int, error) {
	dim := len(x) / n
	s, err := knn.New(n, dim, dim, depth)
	if err != nil {
		return nil, err
	}
	for i := range n {
		s.SetQuery(i, row(x, i, dim))
	}
	// The first block sorts all its cosines; after it most are too small.
	const block = 512
	for at := 0; at < n; at += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.Search(x[at*dim:min(n, at+block)*dim], at)
	}
	near := make([][]int, n)
	for i := range near {
		for _, other := range s.Neighbours(i) {
			near[i] = append(near[i], other.Index)
		}
	}
	return near, nil
}

// nearestCodes goes from the atoms of a patch to the patches that have them, and so past all pairs that share none.
func (g *Gallery) nearestCodes(ctx context.Context, depth int) ([][]int, error) {
	type entry struct {
		patch int
		value float64
	}
	having := make([][]entry, g.m.Config().Atoms)
	length := make([]float64, g.n)
	each := func(i int, f func(atom uint16, value float64)) {
		for k := int(g.codes.Start[i]); k < int(g.codes.Start[i+1]); k++ {
			f(g.codes.Atom[k], value(g.codes, k))
		}
	}
	for i := range g.n {
		each(i, func(atom uint16, v float64) {
			having[atom] = append(having[atom], entry{i, v})
			length[i] += v * v
		})
		length[i] = math.Sqrt(length[i])
	}
	near := make([][]int, g.n)
	err := parallel.ForErr(ctx, g.n, func(_, i int) error {
		cosines := make([]float64, g.n)
		each(i, func(atom uint16, v float64) {
			for _, e := range having[atom] {
				cosines[e.patch] += v * e.value
			}
		})
		for j, both := range cosines {
			if both != 0 {
				cosines[j] = both / (length[i] * length[j])
			}
		}
		near[i] = largest(cosines, depth)
		return nil
	})
	return near, err
}

// largest numbers the n largest values, the largest first, of equal ones the first.
func largest(values []float64, n int) []int {
	best := make([]int, 0, n+1)
	for i, v := range values {
		if len(best) == n && v <= values[best[n-1]] {
			continue
		}
		at := len(best)
		for at > 0 && v > values[best[at-1]] {
			at--
		}
		best = slices.Insert(best, at, i)
		best = best[:min(n, len(best))]
	}
	return best
}
