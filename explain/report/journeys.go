package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/patch"
)

// The section that follows patches through the three stages.

type journeySection struct {
	Journeys []journeyView
	Overlap  [explain.Stages][explain.Stages]float64
	K        int // size of the neighbourhoods compared
	Queries  int
	Patches  int // in the gallery of image patches, 0 without images

	Agreement *agreementSection // nil without images
}

type journeyView struct {
	Number int
	Patch  template.HTML
	Where  template.HTML // the image, with the patch framed
	Active int
	Chart  *Picture
	Narrow template.HTML  // the chart for a narrow screen
	Rows   []surroundings // nearest patches of images, by space
}

type surroundings struct {
	Stage, Means string
	Tiles        []template.HTML
}

const (
	journeyLength  = 9   // neighbours drawn
	overlapQueries = 160 // atoms whose neighbourhoods are compared
	overlapK       = 20
	patchesEach    = 40 // of each image of the sample
	galleryImages  = 400
	tilesShown     = 9
	tileSide       = 72  // pixels
	wholeSide      = 128 // pixels
)

func (w *writer) journeys() error {
	w.o.Progress("patches", 0, 1)
	s := &journeySection{K: min(overlapK, w.cfg.Atoms-1)}
	var queries []int
	step := max(1, w.cfg.Atoms/overlapQueries)
	for a := 0; a < w.cfg.Atoms && len(queries) < overlapQueries; a += step {
		queries = append(queries, a)
	}
	s.Queries = len(queries)
	s.Overlap = w.gallery.Overlap(queries, s.K)
	w.summary.Overlap = map[string]float64{"signal_code": s.Overlap[0][1], "code_embedding": s.Overlap[1][2], "signal_embedding": s.Overlap[0][2]}
	w.summary.OverlapK = s.K
	var err error
	if w.o.Images.Sample == nil {
		for _, a := range []int{w.order[0], w.order[len(w.order)/3], w.order[2*len(w.order)/3]} {
			if _, err = w.journey(s, w.gallery.Vector(a), func(i int) bool { return i == a }); err != nil {
				return err
			}
		}
	} else {
		if err = w.imageJourneys(s); err != nil {
			return err
		}
		s.Agreement, err = w.agreement()
	}
	w.page.Journeys = s
	w.o.Progress("patches", 1, 1)
	return err
}

// journey follows the vector x among the atoms.
func (w *writer) journey(s *journeySection, x []float32, skip func(int) bool) (*journeyView, error) {
	pixels, err := explain.Unwhiten(w.m, x)
	if err != nil {
		return nil, err
	}
	j := w.gallery.Journey(x, min(journeyLength, w.cfg.Atoms-1), skip)
	n := len(s.Journeys) + 1
	thumb := func(a int) []byte { return draw.PNG(w.atom(a)) }
	s.Journeys = append(s.Journeys, journeyView{
		Number: n, Active: j.Active,
		Patch:  small(fmt.Sprintf("Patch %d", n), w.whitened(pixels), 72),
		Chart:  w.book.chart(fmt.Sprintf("stages-%d", n), draw.Journey(j, 716, thumb)),
		Narrow: draw.Journey(j, 400, thumb).Inline(),
	})
	return &s.Journeys[n-1], nil
}

// imageJourneys follows patches of the images whose neighbours are looked for, among the atoms and among patches
// of the sample.
func (w *writer) imageJourneys(s *journeySection) error {
	src := w.o.Images.Sample
	from, vectors, err := explain.Scatter(w.ctx, w.m, src, galleryImages, patchesEach)
	if err != nil {
		return err
	}
	gallery, err := explain.NewGallery(w.ctx, w.m, vectors)
	if err != nil {
		return err
	}
	s.Patches = gallery.Len()
	test := w.o.Images.Test
	if test == nil {
		test = w.o.Images.Sample
	}
	for i := range min(3, test.Len()) {
		r, err := explain.Read(w.m, test, i, true)
		if err != nil {
			return err
		}
		im, err := explain.ImageOf(test, i)
		if err != nil {
			return err
		}
		at, ok := w.striking(im, &r.Patches, []float64{0.97, 0.8, 0.6}[i])
		if !ok {
			continue // a blank image
		}
		dim := w.m.Stages().Transform.Dim()
		x := r.Patches.X[at*r.Patches.Stride:][:dim]
		v, err := w.journey(s, x, nil)
		if err != nil {
			return err
		}
		box := w.m.Stages().Transform.Box(im.Shape, at)
		v.Patch = small(fmt.Sprintf("Patch %d, %d by %s", v.Number, w.cfg.Patch, plural.Of(w.cfg.Patch, "pixel")), draw.Crop(draw.Photo(im), box), 72)
		factor := max(1, wholeSide/max(im.Shape.Height, im.Shape.Width))
		whole := draw.Enlarge(draw.Photo(im), factor)
		draw.Frame(whole, box, factor)
		v.Where = small(fmt.Sprintf("The image that patch %d is from, the patch framed%s", v.Number, comma(dataset.ClassOf(test, i))+comma(im.ID)), whole, wholeSide)
		found := gallery.Journey(x, tilesShown, func(k int) bool { return w.o.Images.Test == nil && from.Image[k] == i })
		if len(found.Nearest[explain.Signal]) == 0 {
			continue // the sample has no other image
		}
		for stage := range explain.Stages {
			row := surroundings{Stage: explain.Stage(stage).String(), Means: []string{"looks the same", "shares atoms", "near by the map"}[stage]}
			for _, n := range found.Nearest[stage] {
				i := from.Image[n.Index]
				im, err := explain.ImageOf(src, i)
				if err != nil {
					return err
				}
				row.Tiles = append(row.Tiles, small(fmt.Sprintf("cosine %.2f%s", n.Cosines[stage], comma(dataset.ClassOf(src, i))), draw.Surroundings(im, from.At[n.Index], w.cfg.Patch, tileSide), tileSide))
			}
			v.Rows = append(v.Rows, row)
		}
	}
	return nil
}

// striking is the patch of an image at a quantile of contrast, and whether the
// image has any that is not blank.
func (w *writer) striking(im explain.Image, p *patch.Patches, quantile float64) (int, bool) {
	contrast := make([]float64, p.N)
	var order []int
	for i := range p.N {
		if p.Blank[i] {
			continue
		}
		order = append(order, i)
		var sum, squares float64
		for _, line := range im.Lines(w.m.Stages().Transform.Box(im.Shape, i)) {
			for _, p := range line {
				v := float64(p)
				sum += v
				squares += v * v
			}
		}
		n := float64(w.m.Stages().Transform.Dim())
		contrast[i] = math.Sqrt(squares/n - sum/n*sum/n)
	}
	if len(order) == 0 {
		return 0, false
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(contrast[a], contrast[b]) })
	return order[int(quantile*float64(len(order)-1))], true
}
