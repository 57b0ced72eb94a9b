package report

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"path/filepath"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/judge"
)

// Images are the images that a report shows a model at work on. The zero value is
// none: the report then has what the model alone tells.
type Images struct {
	Bank, Test dataset.Source // neighbours of Test are looked for in the bank
	Origin     explain.Origin // of Test
	Sample     dataset.Source // what codes and statistics are measured on
}

// Options are what a report is about, besides the model.
type Options struct {
	Model, Data string // what the model and the images are called
	Images      Images
	Progress    func(stage string, done, total int) // may be nil
}

// Summary is the numbers of a report.
type Summary struct {
	Page     string `json:"page"` // path of the page
	Bytes    int64  `json:"bytes"`
	Pictures int    `json:"pictures"` // files beside the page

	Atoms     int        `json:"atoms"`
	Dims      int        `json:"dims"`
	Skip      int        `json:"skip"`
	Dropped   bool       `json:"dropped"` // the model has the coordinates dropped
	Objective smt.VICReg `json:"objective"`
	Layout    int        `json:"atoms_laid_out"`
	// Overlap is the mean share of the OverlapK nearest atoms that two spaces agree on.
	Overlap  map[string]float64 `json:"overlap"`
	OverlapK int                `json:"overlap_k"`

	// What takes images.
	Agreement *explain.Agreement `json:"agreement,omitempty"`
	Codes     *Codes             `json:"codes,omitempty"`
	KNN       *KNN               `json:"knn,omitempty"`
	Pairs     []PairSummary      `json:"pairs,omitempty"`
	// Kept is what levels have lost of a few images, on average.
	Kept []explain.Kept `json:"kept,omitempty"`
}

// KNN sums up a judgement.
type KNN struct {
	judge.Protocol
	Bank     int                `json:"bank"`
	Test     int                `json:"test"`
	Origin   explain.Origin     `json:"origin"` // of the images that Test is the number of
	Top1     *float64           `json:"top1"`   // null without labels
	Accuracy map[string]float64 `json:"accuracy,omitempty"`
	// Confusion has a row for each class and a column for each vote.
	Confusion [][]int `json:"confusion,omitempty"`
}

// Codes sums up a Sample.
type Codes struct {
	*explain.Sample
	MeanActive float64 `json:"mean_active"`
	Dead       int     `json:"dead"`
	// The terms of the objective over the sample.
	Invariance float64 `json:"invariance"`
	Variance   float64 `json:"variance"`
	Covariance float64 `json:"covariance"`
}

// Write makes dir a report of the model. dir may hold an earlier report, and
// nothing else.
func Write(ctx context.Context, dir string, m *smt.Model, o Options) (*Summary, error) {
	folder, err := createFolder(dir, ModelPage)
	if err != nil {
		return nil, err
	}
	defer folder.Abort() // of no effect once it is in its place
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	w, err := newWriter(ctx, m, o)
	if err != nil {
		return nil, err
	}
	for _, section := range []func() error{
		w.measure, w.whitening, w.dictionary, w.codes, w.journeys, w.coordinates, w.layout, w.objective, w.images, w.pairs, w.kept,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := section(); err != nil {
			return nil, err
		}
	}
	return w.finish(dir, folder)
}

// writer gathers a page, section by section.
type writer struct {
	ctx context.Context
	m   *smt.Model
	o   Options
	cfg smt.Config

	pixels    []float32 // the atoms, un-whitened: D × dim
	gallery   *explain.Gallery
	sample    *explain.Sample
	judgement *judge.Judgement
	order     []int // the atoms, the most used first where that is known

	book    book
	page    page
	summary Summary
}

func newWriter(ctx context.Context, m *smt.Model, o Options) (*writer, error) {
	o.Images = o.Images.seen(m)
	w := &writer{ctx: ctx, m: m.Straight(), o: o, cfg: m.Config()}
	m = w.m
	if src := o.Images.Test; src != nil {
		if err := m.Check(src.Shape()); err != nil {
			return nil, err
		}
	}
	o.Progress("atoms", 0, 1)
	atoms := m.Stages().Dictionary.Atoms
	var err error
	if w.pixels, err = explain.Unwhiten(m, atoms); err != nil {
		return nil, err
	}
	if w.gallery, err = explain.NewGallery(ctx, m, atoms); err != nil {
		return nil, err
	}
	for a := range w.cfg.Atoms {
		w.order = append(w.order, a)
	}
	w.summary = Summary{Atoms: w.cfg.Atoms, Dims: w.cfg.Dims, Skip: w.cfg.Skip, Objective: m.Record().Objective}
	w.page = page{Title: o.Model, Data: o.Data, Software: smt.Version, Config: w.cfg, Fitted: m.Record().Data, Dim: m.Stages().Transform.Dim(), Embedding: m.Dim(m.Record().Data.Shape)}
	o.Progress("atoms", 1, 1)
	return w, nil
}

// measure reads the sample and sorts the atoms by usage.
func (w *writer) measure() error {
	if w.o.Images.Sample == nil {
		return nil
	}
	var err error
	w.sample, err = explain.Measure(w.ctx, w.m, w.o.Images.Sample, func(done, total int) { w.o.Progress("measuring", done, total) })
	if err != nil {
		return err
	}
	slices.SortStableFunc(w.order, func(a, b int) int { return cmp.Compare(w.sample.Usage[b], w.sample.Usage[a]) })
	return nil
}

// atom is a picture of an atom in pixel space.
func (w *writer) atom(a int) *image.NRGBA {
	t := w.m.Stages().Transform
	return draw.Patch(w.pixels[a*t.Dim():(a+1)*t.Dim()], t.Size, t.Channels)
}

// whitened is a picture of a whitened vector.
func (w *writer) whitened(x []float32) *image.NRGBA {
	t := w.m.Stages().Transform
	return draw.Patch(x, t.Size, t.Channels)
}

func (w *writer) atoms(list []int) []*image.NRGBA {
	tiles := make([]*image.NRGBA, len(list))
	for i, a := range list {
		tiles[i] = w.atom(a)
	}
	return tiles
}

func (w *writer) finish(dir string, folder *output.Folder) (*Summary, error) {
	html, err := w.page.render()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	files := append([]file{{ModelPage, html}}, w.book.files...)
	w.o.Progress("writing", 0, 1)
	if w.summary.Bytes, err = fill(folder, files); err != nil {
		return nil, err
	}
	w.summary.Page = filepath.Join(dir, ModelPage)
	w.summary.Pictures = len(w.book.files)
	w.o.Progress("writing", 1, 1)
	return &w.summary, nil
}
