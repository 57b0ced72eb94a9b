package report

import (
	"fmt"
	"html/template"
	"image"
	"math"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/plural"
)

// The sections on what comes before anything is learned about co-occurrence:
// whitening, dictionary, codes.

type whiteningSection struct {
	Variances           *Picture
	Components, Filters *Picture
	Shown               int // principal components shown
	Mean                template.HTML
}

const componentsShown = 36

func (w *writer) whitening() error {
	found, err := explain.WhiteningOf(w.m)
	if err != nil || found == nil {
		return err
	}
	t := w.m.Stages().Transform
	s := &whiteningSection{Shown: min(componentsShown, found.Dim)}
	s.Variances = w.book.chart("whitening-spectrum", draw.Whitening(found))
	var tiles []*image.NRGBA
	for k := range s.Shown {
		tiles = append(tiles, w.whitened(found.Components[k*found.Dim:(k+1)*found.Dim]))
	}
	s.Components = w.book.image("whitening-components", fmt.Sprintf("The first %s of patches, as patches: colour and brightness first, then edges and waves, ever finer.", plural.Of(s.Shown, "principal component")),
		draw.Mosaic(tiles, 12, 1), max(1, 28/(t.Size+1)))
	s.Filters = w.book.image("whitening-filters", fmt.Sprintf("All %s, each a spot at its own pixel with a surround of the opposite sign.", plural.Of(found.Dim, "whitening filter")), w.filters(found), max(1, 18/t.Size))
	if w.sample != nil {
		s.Mean = small("The mean patch of the sample", w.meanPatch(), 60)
	}
	w.page.Whitening = s
	return nil
}

// filters are the rows of W, each where its pixel is, a block for each channel.
// Values are drawn by their roots: the surround is faint.
func (w *writer) filters(found *explain.Whitening) *image.NRGBA {
	t := w.m.Stages().Transform
	var blocks []*image.NRGBA
	for c := range t.Channels {
		var tiles []*image.NRGBA
		for pixel := range t.Size * t.Size {
			row := make([]float32, found.Dim)
			for i, v := range found.Filters[(pixel*t.Channels+c)*found.Dim:][:found.Dim] {
				row[i] = float32(math.Copysign(math.Sqrt(math.Abs(float64(v))), float64(v)))
			}
			tiles = append(tiles, w.whitened(row))
		}
		blocks = append(blocks, draw.Mosaic(tiles, t.Size, 1))
	}
	return draw.Mosaic(blocks, len(blocks), 6)
}

func (w *writer) meanPatch() *image.NRGBA {
	t := w.m.Stages().Transform
	x := make([]float32, len(w.sample.Mean))
	for i, v := range w.sample.Mean {
		x[i] = float32(2*v - 1) // middle gray is 0.5
	}
	return draw.PatchWithin(x, t.Size, t.Channels, 1)
}

type dictionarySection struct {
	Top                 int
	Pixels, Whitened    *Picture // of the first; whitened nil without whitening
	All, AllWhitened    *Picture
	Shown               int
	Sorted              bool   // by usage
	First, Median, Last string // in how many patches those atoms are active
}

const (
	topAtoms     = 256
	mosaicValues = 900_000 // of atoms shown: 8,192 of the preset for photographs
)

func (w *writer) dictionary() error {
	atoms := w.m.Stages().Dictionary.Atoms
	dim := w.m.Stages().Transform.Dim()
	shown := w.order[:min(max(topAtoms, mosaicValues/dim), len(w.order))]
	factor := max(1, 24/w.cfg.Patch)
	s := &dictionarySection{Top: min(topAtoms, len(shown)), Shown: len(shown), Sorted: w.sample != nil}
	pixels := w.atoms(shown)
	which := "the first"
	if s.Sorted {
		which = "the most used"
		share := func(i int) string {
			return percent(float64(w.sample.Usage[w.order[i]]) / float64(w.sample.Coded))
		}
		s.First, s.Median, s.Last = share(0), share(len(w.order)/2), share(len(w.order)-1)
	}
	s.Pixels = w.book.image("atoms-top", fmt.Sprintf("%s, %s, in pixel space: gradients, edges, bars and corners.", plural.Of(s.Top, "atom"), which), draw.Mosaic(pixels[:s.Top], 16, 1), factor)
	columns := max(16, 896/(w.cfg.Patch+1))
	s.All = w.book.image("atoms", fmt.Sprintf("All %s shown in pixel space.", plural.Of(s.Shown, "atom")), draw.Mosaic(pixels, columns, 1), 1)
	if w.cfg.Whiten {
		var whitened []*image.NRGBA
		for _, a := range shown {
			whitened = append(whitened, w.whitened(atoms[a*dim:(a+1)*dim]))
		}
		s.Whitened = w.book.image("atoms-top-whitened", "The same atoms whitened, as patches are compared with them: fine detail stands out.", draw.Mosaic(whitened[:s.Top], 16, 1), factor)
		s.AllWhitened = w.book.image("atoms-whitened", fmt.Sprintf("All %s shown, whitened.", plural.Of(s.Shown, "atom")), draw.Mosaic(whitened, columns, 1), 1)
	}
	w.page.Dictionary = s
	return nil
}

type codesSection struct {
	*explain.Sample
	Active, Usage *Picture
	Mean          float64
	Dead          int
	Uncoded       int // patches not blank without an active atom
}

func (w *writer) codes() error {
	if w.sample == nil {
		return nil
	}
	s := w.sample
	w.page.Codes = &codesSection{
		Sample: s, Mean: s.MeanActive(), Dead: s.Dead(), Uncoded: s.Patches - s.Blank - s.Coded,
		Active: w.book.chart("active-atoms", draw.Active(s)), Usage: w.book.chart("atom-usage", draw.Usage(s)),
	}
	return nil
}
