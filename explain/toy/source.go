package toy

import (
	"context"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// walks are a source whose groups are walks on a manifold: units are vectors, one step after
// the other on a line.
type walks struct {
	dim   int
	steps [][]float32 // of each walk, dim values after each other
}

func (w *walks) Len() int                        { return len(w.steps) }
func (w *walks) Topology(i int) cooccur.Topology { return cooccur.Grid{len(w.steps[i]) / w.dim} }
func (w *walks) Dim() int                        { return w.dim }
func (w *walks) Symmetry() []int                 { return nil }
func (w *walks) Digest() string                  { return "walks on a manifold" }

func (w *walks) Open(i int, _ manifold.Group) (manifold.Group, error) {
	return walk{w.dim, w.steps[i]}, nil
}

// walk is the steps of one.
type walk struct {
	dim   int
	steps []float32
}

func (w walk) Read(first, last int, into *manifold.Units) error {
	into.Vectors.Pack(w.steps[first*w.dim:last*w.dim], w.dim, into.Stride)
	return nil
}

// texts are a source whose groups are texts: units are symbols, which are codes of one atom
// each, on a line.
type texts []text

func (t texts) Len() int                        { return len(t) }
func (t texts) Topology(i int) cooccur.Topology { return cooccur.Grid{len(t[i])} }
func (t texts) Dim() int                        { return 0 }
func (t texts) Symmetry() []int                 { return nil }
func (t texts) Digest() string                  { return "texts of symbols" }

func (t texts) Open(i int, _ manifold.Group) (manifold.Group, error) { return t[i], nil }

// text is symbols in a row.
type text []uint16

func (t text) Read(first, last int, into *manifold.Units) error {
	for _, symbol := range t[first:last] {
		into.Codes.Add(symbol)
	}
	return nil
}

// near is how the toys learn: what is a step apart on the line is to change little, and k
// functions are found.
func near(k int) manifold.Config {
	return manifold.Config{
		Code:    sparse.Nearest,
		Context: cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1},
		Dims:    k,
		Ridge:   1e-6, // keeps V, which counts, from being singular
		Seed:    1,
	}
}

// learnWalks finds the k smoothest functions on atoms.
func learnWalks(ctx context.Context, w *walks, atoms []float32, k int) (*Coordinates, error) {
	e, err := manifold.New(near(k), w, &dictionary.Dictionary{Dim: w.dim, Atoms: atoms})
	if err != nil {
		return nil, err
	}
	return learn(ctx, e, w)
}

// learnTexts finds the k smoothest functions on symbols.
func learnTexts(ctx context.Context, t texts, symbols, k int) (*Coordinates, error) {
	e, err := manifold.NewOfCodes(near(k), t, symbols)
	if err != nil {
		return nil, err
	}
	return learn(ctx, e, t)
}

func learn(ctx context.Context, e *manifold.Encoder, src manifold.Source) (*Coordinates, error) {
	s, err := e.Collect(ctx, src, nil)
	if err != nil {
		return nil, err
	}
	found, err := e.Solve(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	c := &Coordinates{Usage: s.Usage()}
	for _, f := range found.Kept {
		row := make([]float64, len(f.Atoms))
		for a, v := range f.Atoms {
			row[a] = float64(v)
		}
		c.Values, c.Rows = append(c.Values, f.Eigenvalue), append(c.Rows, row)
	}
	return c, nil
}
