package report

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"path/filepath"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/explain/toy"
)

//go:embed toy.html
var toyHTML string

var toyTemplate = parsed(toyHTML)

// Toy is the numbers of the page that WriteToy writes.
type Toy struct {
	Page     string `json:"page"`
	Bytes    int64  `json:"bytes"`
	Pictures int    `json:"pictures"`

	Circle  ToyManifold `json:"circle"`
	Torus   ToyManifold `json:"torus"`
	Symbols ToySymbols  `json:"symbols"`
}

// ToyManifold sums up a manifold.
type ToyManifold struct {
	Atoms       int            `json:"atoms"`
	Signals     int            `json:"signals"`
	Eigenvalues []float64      `json:"eigenvalues"`
	Harmonics   []toy.Harmonic `json:"harmonics"` // the frequency of each coordinate
}

// ToySymbols sums up what was learned of symbols: mean cosines of pairs.
type ToySymbols struct {
	Symbols  int     `json:"symbols"`
	Within   float64 `json:"within_topics"`
	Across   float64 `json:"across_topics"`
	Synonyms float64 `json:"synonyms"`
}

// toyPage is what the template shows.
type toyPage struct {
	Software      string
	Seed          uint64
	Circle, Torus toyManifold
	Symbols       *toy.Symbols

	Tiling, Waves, CircleValues, Doughnuts, TorusValues, Company *Picture
}

type toyManifold struct{ *toy.Manifold }

// Least is the smallest share of the variance of a coordinate that its frequency
// explains.
func (m toyManifold) Least() float64 {
	least := 1.0
	for _, h := range m.Harmonics {
		least = min(least, h.Fit)
	}
	return least
}

// shownOnTorus are a coordinate of each frequency, in their order.
var shownOnTorus = []int{1, 3, 5, 9, 11, 15}

// WriteToy makes dir a page, toy.html, on two signals that explain the method. dir
// may hold an earlier one, and nothing else.
func WriteToy(ctx context.Context, dir string, seed uint64, progress func(stage string, done, total int)) (*Toy, error) {
	folder, err := createFolder(dir, ToyPage)
	if err != nil {
		return nil, err
	}
	defer folder.Abort() // of no effect once it is in its place
	if progress == nil {
		progress = func(string, int, int) {}
	}
	progress("circle", 0, 1)
	circle, err := toy.Circle(ctx, seed)
	if err != nil {
		return nil, fmt.Errorf("report: circle: %w", err)
	}
	progress("torus", 0, 1)
	torus, err := toy.Torus(ctx, seed)
	if err != nil {
		return nil, fmt.Errorf("report: torus: %w", err)
	}
	progress("symbols", 0, 1)
	symbols, err := toy.Cooccurrence(ctx, seed)
	if err != nil {
		return nil, fmt.Errorf("report: symbols: %w", err)
	}
	var b book
	page := toyPage{Software: smt.Version, Seed: seed, Circle: toyManifold{circle}, Torus: toyManifold{torus}, Symbols: symbols,
		Tiling:       b.chart("circle", draw.Tiling(circle)),
		Waves:        b.chart("circle-coordinates", draw.Waves(circle)),
		CircleValues: b.chart("circle-eigenvalues", draw.Eigenvalues(circle)),
		Doughnuts:    b.chart("torus", draw.Doughnuts(torus, shownOnTorus)),
		TorusValues:  b.chart("torus-eigenvalues", draw.Eigenvalues(torus)),
		Company:      b.chart("symbols", draw.Company(symbols)),
	}
	var html bytes.Buffer
	if err := toyTemplate.Execute(&html, page); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	sum := func(m *toy.Manifold) ToyManifold {
		return ToyManifold{len(m.Atoms), m.Signals, m.Values, m.Harmonics}
	}
	t := &Toy{Page: filepath.Join(dir, ToyPage), Pictures: len(b.files), Circle: sum(circle), Torus: sum(torus),
		Symbols: ToySymbols{len(symbols.Topics), symbols.Within, symbols.Across, symbols.Synonym}}
	t.Bytes, err = fill(folder, append([]file{{ToyPage, html.Bytes()}}, b.files...))
	return t, err
}
