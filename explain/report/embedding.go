package report

import (
	"fmt"
	"html/template"
	"image"
	"math"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/plural"
)

// The sections on the linear map: coordinates, the map of atoms, the objective.

type coordinateSection struct {
	Eigenvalues   *Picture
	Kept, Dropped []functionView
	Known         bool // the dropped coordinates are in the model's file
	Skip          int
}

type functionView struct {
	explain.Function
	Atoms template.HTML
	Flip  string // what a left-right flip does to it
}

const (
	functionsShown = 64
	functionAtoms  = 9   // at either end
	stripWide      = 200 // pixels
)

func (w *writer) coordinates() error {
	all := explain.Functions(w.m, w.gallery, functionsShown, functionAtoms)
	s := &coordinateSection{Skip: w.cfg.Skip}
	var dropped []float64
	var strips []*image.NRGBA
	for _, f := range all {
		var ends []int
		for _, list := range [][]explain.Share{f.Positive, f.Negative} {
			for _, a := range list {
				ends = append(ends, a.Atom)
			}
		}
		strip := draw.Mosaic(w.atoms(ends), len(f.Positive), 1)
		strips = append(strips, strip)
		v := functionView{Function: f, Flip: map[int]string{1: "even", -1: "odd"}[f.Parity],
			Atoms: small(fmt.Sprintf("Coordinate %d: the %s where it is largest, above those where it is smallest", f.Number+1, plural.Of(len(f.Positive), "atom")), strip, stripWide)}
		if f.Dropped {
			s.Dropped = append(s.Dropped, v)
			dropped = append(dropped, f.Eigenvalue)
		} else {
			s.Kept = append(s.Kept, v)
		}
	}
	s.Known = len(s.Dropped) > 0
	w.summary.Dropped = s.Known
	s.Eigenvalues = w.book.chart("spectrum", draw.Smoothness(960, dropped, w.m.Stages().Eigenvalues, w.cfg.Skip, nil))
	w.book.image("coordinates", "The coordinates, smoothest first, each with the atoms where it is largest above those where it is smallest.", draw.Mosaic(strips, 4, 6), max(1, 20/w.cfg.Patch))
	w.page.Coordinates = s
	return nil
}

type mapSection struct {
	Atoms  int
	Page   string   // the map, a page in the page
	Second *Picture // by the two smoothest coordinates
	Sorted bool
	Halved bool // weights are 1 − λ/2, not 1 − λ
}

const (
	mapAtoms  = 2000
	stillSide = 1200 // pixels
)

func (w *writer) layout() error {
	atoms := w.order[:min(mapAtoms, len(w.order))]
	l, err := explain.MapOf(w.ctx, w.m, atoms, func(done, total int) { w.o.Progress("laying out atoms", done, total) })
	if err != nil {
		return err
	}
	w.summary.Layout = len(atoms)
	tiles := w.atoms(atoms)
	var used []float64
	if w.sample != nil {
		for _, a := range atoms {
			used = append(used, 100*float64(w.sample.Usage[a])/float64(max(1, w.sample.Coded)))
		}
	}
	picture := func(i int) []byte { return draw.Tile(tiles[i], atlas.AtomTile) }
	var page strings.Builder
	if err := atlas.OfAtoms(l, l.Level(), picture, used).Write(w.ctx, &page, func(int, int) {}); err != nil {
		return err
	}
	spectral, extent := fitted(l.Spread())
	w.page.Map = &mapSection{Atoms: len(atoms), Page: page.String(), Sorted: w.sample != nil, Halved: w.cfg.Context.Kind == cooccur.Window && w.cfg.Context.Difference == 1,
		Second: w.book.image("map-spectral", fmt.Sprintf("%s laid out by the two smoothest coordinates kept.", plural.Of(len(atoms), "atom")), still(tiles, spectral, extent), 1),
	}
	return nil
}

// fitted moves points so that the middle of the box around them is the origin, y
// downwards, and scales them so that its longer side is 1. extent is its sides.
func fitted(p []explain.Point) (out []explain.Point, extent [2]float64) {
	if len(p) == 0 {
		return nil, extent
	}
	low, high := p[0], p[0]
	for _, q := range p {
		low, high = explain.Point{X: min(low.X, q.X), Y: min(low.Y, q.Y)}, explain.Point{X: max(high.X, q.X), Y: max(high.Y, q.Y)}
	}
	width, height := high.X-low.X, high.Y-low.Y
	side := max(width, height)
	if side == 0 {
		side = 1
	}
	for _, q := range p {
		out = append(out, explain.Point{X: (q.X - (low.X+high.X)/2) / side, Y: ((low.Y+high.Y)/2 - q.Y) / side})
	}
	return out, [2]float64{width / side, height / side}
}

// still is a layout as one picture.
func still(tiles []*image.NRGBA, at []explain.Point, extent [2]float64) *image.NRGBA {
	if len(tiles) == 0 {
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	}
	factor := max(1, 12/tiles[0].Rect.Dx())
	side := tiles[0].Rect.Dx() * factor
	out := image.NewNRGBA(image.Rect(0, 0, int(stillSide*extent[0])+side, int(stillSide*extent[1])+side))
	for i := len(tiles) - 1; i >= 0; i-- { // the most used on top
		big := draw.Enlarge(tiles[i], factor)
		x, y := int(stillSide*(at[i].X+extent[0]/2)), int(stillSide*(at[i].Y+extent[1]/2))
		for dy := range side {
			copy(out.Pix[out.PixOffset(x, y+dy):], big.Pix[dy*big.Stride:(dy+1)*big.Stride])
		}
	}
	return out
}

type objectiveSection struct {
	Fit        terms
	Sample     *terms // nil without images
	Covariance *Picture
	Each       *Picture // invariance of each coordinate against its eigenvalue
	Most       string   // largest covariance of two coordinates, in the sample
}

type terms struct {
	Invariance, Variance, Covariance, EigenvalueSum float64
}

func (w *writer) objective() error {
	v := w.m.Record().Objective
	s := &objectiveSection{Fit: terms{v.Invariance, v.Variance, v.Covariance, v.EigenvalueSum}}
	if w.sample != nil {
		d := w.cfg.Dims
		t := terms{EigenvalueSum: v.EigenvalueSum}
		for _, x := range w.sample.Invariance {
			t.Invariance += x
		}
		most := 0.0
		for i, x := range w.sample.Covariance {
			if i/d == i%d {
				t.Variance += x / float64(d)
			} else {
				t.Covariance += x * x / float64(d)
				most = max(most, math.Abs(x))
			}
		}
		s.Sample, s.Most = &t, fmt.Sprintf("%.2f", most)
		factor := max(1, 384/d)
		s.Covariance = w.book.image("covariance", fmt.Sprintf("The covariance matrix of the %s over the sample: a diagonal of ones, and little else.", plural.Of(d, "coordinate")), draw.Matrix(w.sample.Covariance, d, 0.25), factor)
		s.Each = w.book.chart("invariance", draw.Smoothness(460, nil, w.m.Stages().Eigenvalues, 0, w.sample.Invariance))
		w.summary.Codes = &Codes{w.sample, w.sample.MeanActive(), w.sample.Dead(), t.Invariance, t.Variance, t.Covariance}
	}
	w.page.Objective = s
	return nil
}
