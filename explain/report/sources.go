package report

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"image"
	"path/filepath"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/explain/sources"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/words"
)

//go:embed sources.html
var sourcesHTML string

var sourcesTemplate = parsed(sourcesHTML)

// Sources is the numbers of the page that WriteSources writes.
type Sources struct {
	Page     string `json:"page"`
	Bytes    int64  `json:"bytes"`
	Pictures int    `json:"pictures"`

	Torus   sources.Learned `json:"torus"`
	Shape   sources.Learned `json:"shape"`
	Patches sources.Learned `json:"patches"`
	Words   sources.Learned `json:"words"`
	// ShapeR2 is, of each latent variable of the shape, what its embedding gives back, on sequences
	// held out.
	ShapeR2 []float64 `json:"shape_r2"`
	// RingR2 is that of cosine and sine of the angle around the ring of the torus, of its first two
	// coordinates.
	RingR2 []float64 `json:"ring_r2"`
}

// SourcesOptions is what the page is made from, beside what it makes itself.
type SourcesOptions struct {
	Images     dataset.Source // of which patches are learned
	ImagesName string
	Drawn      bool // the images are drawings, which the page says
	Corpus     *text.Corpus
	CorpusName string
	Words      words.Config
	Seed       uint64
	Progress   manifold.Progress
}

type sourcesPage struct {
	Software string
	SourcesOptions

	Torus   *sources.Torus
	Shape   *sources.Shape
	Patches *sources.Patches
	Words   *sources.Words

	Ring, Film, Followed, Groups, Vocabulary *Picture
}

// sourcesRow is a line of the table of objectives.
type sourcesRow struct {
	Name, Similarity, Unit string
	sources.Learned
}

// Rows are the table of objectives.
func (p sourcesPage) Rows() []sourcesRow {
	return []sourcesRow{
		{"torus", "neighbourhoods in signal space", "points", p.Torus.Learned},
		{"moving shape", "time", "frames", p.Shape.Learned},
		{"patches", "space", "patches", p.Patches.Learned},
		{"words", "stochastic co-occurrence", "words", p.Words.Learned},
	}
}

// WriteSources makes dir a page, sources.html, on one signal of each source of similarity. dir may hold an earlier
// one, and nothing else.
func WriteSources(ctx context.Context, dir string, o SourcesOptions) (*Sources, error) {
	folder, err := createFolder(dir, SourcesPage)
	if err != nil {
		return nil, err
	}
	defer folder.Abort() // of no effect once it is in its place
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	o.ImagesName, o.CorpusName = draw.Printable(o.ImagesName), draw.Printable(o.CorpusName) // names of files may hold anything
	page := sourcesPage{Software: smt.Version, SourcesOptions: o}
	if page.Torus, err = sources.NewTorus(ctx, o.Seed, o.Progress); err != nil {
		return nil, fmt.Errorf("report: torus: %w", err)
	}
	if page.Shape, err = sources.NewShape(ctx, o.Seed, o.Progress); err != nil {
		return nil, fmt.Errorf("report: moving shape: %w", err)
	}
	if page.Patches, err = sources.NewPatches(ctx, o.Images, o.Seed, o.Progress); err != nil {
		return nil, fmt.Errorf("report: patches of %s: %w", o.ImagesName, err)
	}
	if page.Words, err = sources.NewWords(ctx, o.Corpus, o.Words, o.Progress); err != nil {
		return nil, fmt.Errorf("report: words of %s: %w", o.CorpusName, err)
	}
	var b book
	page.Ring = b.chart("torus", draw.Ring(page.Torus, []int{0, 1, 4}))
	page.Film = b.image("shape", "Frames of a triangle that moves, turns and grows, five frames apart.", film(page.Shape), 2)
	page.Followed = b.chart("shape-followed", draw.Followed(page.Shape, page.Shape.Held.Frames.ClipLen(0)))
	groups, err := atomGroups(page.Patches)
	if err != nil {
		return nil, fmt.Errorf("report: patches: %w", err)
	}
	page.Groups = b.image("patches", "Rows of atoms: the first of each, and those that are nearest to it in the embedding.", groups, 4)
	page.Vocabulary = b.chart("words", draw.Vocabulary(page.Words))
	var html bytes.Buffer
	if err := sourcesTemplate.Execute(&html, page); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	s := &Sources{Page: filepath.Join(dir, SourcesPage), Pictures: len(b.files), ShapeR2: page.Shape.R2[:], RingR2: page.Torus.Ring[:],
		Torus: page.Torus.Learned, Shape: page.Shape.Learned, Patches: page.Patches.Learned, Words: page.Words.Learned}
	s.Bytes, err = fill(folder, append([]file{{SourcesPage, html.Bytes()}}, b.files...))
	return s, err
}

// film is frames of the sequence that is shown, some apart.
func film(s *sources.Shape) *image.NRGBA {
	const apart, shown = 5, 14 // as many as fit the page side by side
	shape := s.Held.Frames.Shape()
	pix := s.Held.Frames.ClipPixels(0)
	var tiles []*image.NRGBA
	for k := range shown {
		tiles = append(tiles, draw.Photo(explain.Image{Shape: shape, Pix: pix[k*apart*shape.Len():][:shape.Len()]}))
	}
	return draw.Mosaic(tiles, shown, 2)
}

// atomGroups is the atoms of Groups, a row each.
func atomGroups(p *sources.Patches) (*image.NRGBA, error) {
	t, atoms := p.Model.Stages().Transform, p.Model.Stages().Dictionary.Atoms
	pixels, err := explain.Unwhiten(p.Model, atoms)
	if err != nil {
		return nil, err
	}
	var tiles []*image.NRGBA
	for _, row := range p.Groups {
		for _, a := range row {
			tiles = append(tiles, draw.Patch(pixels[a*t.Dim():(a+1)*t.Dim()], t.Size, t.Channels))
		}
	}
	return draw.Mosaic(tiles, len(p.Groups[0]), 1), nil
}
