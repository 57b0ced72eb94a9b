package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
)

// The section on why two images are similar.

type pairSection struct{ Pairs []pairView }

type pairView struct {
	Number           int
	Title            string
	Flip             bool // B is the flip of an image of the bank
	Cosine           float64
	Embedded         float64 // the cosine of the embeddings as the model gives them
	Cells            *Picture
	Rows, Cols       int // of cells
	A, B             sideView
	SumCells         float64
	Atoms            []atomShare // of A, the largest
	Rest             float64
	RestCount, Total int
	Half             int // atoms that make half of the cosine
	// What heat maps and cells show in full colour, and how many pixels of both have more.
	MostPixel, MostCell float64
	Beyond              int
}

type sideView struct {
	ID         string
	Label      string
	Photo      template.HTML
	Heat       *Picture
	SumPatches float64
	SumAtoms   float64
}

type atomShare struct {
	Atom  int
	Image template.HTML
	Value float64
	Part  float64 // of the cosine, in percent
	Wide  float64 // width of its bar, in percent
}

const (
	sharesShown = 12
	pairSide    = 160 // pixels that an image is shown at
)

// PairSummary is the numbers of a pair of images.
type PairSummary struct {
	Test     int     `json:"test"` // index among the images whose neighbours were looked for
	Bank     int     `json:"bank"`
	TestID   string  `json:"test_id"` // the names of the two
	BankID   string  `json:"bank_id"`
	Flip     bool    `json:"mirrored,omitempty"`
	Cosine   float64 `json:"cosine"` // of the embeddings
	Cells    float64 `json:"cells"`  // the sums of the splits
	PatchesA float64 `json:"patches_a"`
	PatchesB float64 `json:"patches_b"`
	AtomsA   float64 `json:"atoms_a"`
	AtomsB   float64 `json:"atoms_b"`
}

func (w *writer) pairs() error {
	if w.judgement == nil {
		return nil
	}
	s := &pairSection{}
	for _, c := range w.chosen() {
		if err := w.pair(s, c.title, c.query, c.neighbour); err != nil {
			return err
		}
	}
	w.page.Pairs = s
	return nil
}

type chosenPair struct {
	title     string
	query     judge.Query
	neighbour judge.Neighbour
}

// chosen are the pairs explained: the most similar of one class, one of middling
// similarity, and the surest mistake.
func (w *writer) chosen() []chosenPair {
	var same []chosenPair
	for _, q := range w.judgement.Queries {
		for _, n := range q.Neighbours[:1] {
			if q.Label == n.Label {
				same = append(same, chosenPair{"", q, n})
			}
		}
	}
	slices.SortStableFunc(same, func(a, b chosenPair) int { return cmp.Compare(b.neighbour.Cosine, a.neighbour.Cosine) })
	// Past those that are nearly the same image, unless all are.
	if apart := slices.IndexFunc(same, func(c chosenPair) bool { return c.neighbour.Cosine < 0.9 }); apart > 0 {
		same = same[apart:]
	}
	labelled := w.judgement.Classes != nil
	title := func(with, without string) string {
		if labelled {
			return with
		}
		return without
	}
	var out []chosenPair
	if len(same) > 0 {
		c := same[0]
		c.title = title("The most similar image and neighbour of one class", "The most similar image and neighbour")
		out = append(out, c)
	}
	if len(same) > 2 {
		c := same[len(same)/2]
		c.title = title("A typical right neighbour", "A typical neighbour")
		out = append(out, c)
	}
	if wrong := w.mistakes(1); len(wrong) > 0 {
		for _, n := range wrong[0].Neighbours {
			if n.Label != wrong[0].Label {
				out = append(out, chosenPair{"A wrong neighbour, of the surest mistake", wrong[0], n})
				break
			}
		}
	}
	return out
}

func (w *writer) pair(s *pairSection, title string, q judge.Query, n judge.Neighbour) error {
	a, err := photo(w.o.Images.Test, q.Index, false)
	if err != nil {
		return err
	}
	b, err := photo(w.o.Images.Bank, n.Index, n.Flip)
	if err != nil {
		return err
	}
	p, err := explain.Why(w.m, a, b)
	if err != nil {
		return err
	}
	number := len(s.Pairs) + 1
	v := pairView{Number: number, Title: title, Flip: n.Flip, Cosine: p.Cosine, Rows: p.CellRows, Cols: p.CellCols, SumCells: p.Cosine}
	if v.Embedded, err = explain.Embedded(w.ctx, w.m, a, b); err != nil {
		return err
	}
	most := draw.FullColour(p.A.Pixels, p.B.Pixels)
	side := func(name, label string, im explain.Image, half *explain.Side) sideView {
		patches, _, atoms := half.Sums()
		return sideView{
			ID: im.ID, Label: label, Photo: small(fmt.Sprintf("Image %s%s", name, comma(label)), draw.Photo(im), pairSide),
			Heat:       w.book.image(fmt.Sprintf("pair-%d-%s", number, name), fmt.Sprintf("What each pixel of image %s adds to the cosine: orange adds, blue takes away.", name), draw.Fit(draw.Heat(im, half.Pixels, most), pairSide), 1),
			SumPatches: patches, SumAtoms: atoms,
		}
	}
	v.A = side("a", w.class(q.Label), a, &p.A)
	v.B = side("b", w.class(n.Label), b, &p.B)
	largest := 0.0
	for _, x := range p.Cells {
		largest = max(largest, x, -x)
	}
	v.Cells = w.book.image(fmt.Sprintf("pair-%d-cells", number), fmt.Sprintf("What each of the %d by %s adds.", p.CellRows, plural.Of(p.CellCols, "cell")), draw.Matrix(p.Cells, p.CellCols, largest), max(1, pairSide/max(p.CellRows, p.CellCols)))
	v.MostPixel, v.MostCell = most, largest
	for _, x := range slices.Concat(p.A.Pixels, p.B.Pixels) {
		if math.Abs(x) > most {
			v.Beyond++
		}
	}
	v.shares(w, p.A.Atoms)
	s.Pairs = append(s.Pairs, v)
	w.summary.Pairs = append(w.summary.Pairs, PairSummary{q.Index, n.Index, q.ID, n.ID, n.Flip, v.Embedded, v.SumCells, v.A.SumPatches, v.B.SumPatches, v.A.SumAtoms, v.B.SumAtoms})
	return nil
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// shares lists those of all atoms of A that add the most.
func (v *pairView) shares(w *writer, all []explain.Share) {
	v.Total = len(all)
	v.Rest = v.Cosine
	sum := 0.0
	for i, s := range all {
		if sum += s.Value; sum >= v.Cosine/2 {
			v.Half = i + 1
			break
		}
	}
	for _, s := range all[:min(sharesShown, len(all))] {
		v.Atoms = append(v.Atoms, atomShare{s.Atom, small(fmt.Sprintf("atom %d", s.Atom), w.atom(s.Atom), 24), s.Value, 100 * s.Value / v.Cosine, 100 * s.Value / all[0].Value})
		v.Rest -= s.Value
	}
	v.RestCount = len(all) - len(v.Atoms)
}
