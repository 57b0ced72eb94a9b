package draw

import (
	"fmt"
	"image"
	"path/filepath"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Pair is two images, and what is drawn of the split of their cosine.
type Pair struct {
	*explain.Pair
	Images [2]explain.Image            // A and B, as they were compared
	Names  [2]string                   // what to call them
	Atom   func(atom int) *image.NRGBA // its picture
}

// PairOf is what is drawn of a comparison by a model. Images are called by the last part of their ids.
func PairOf(m *smt.Model, c *explain.Comparison) (Pair, error) {
	t := m.Stages().Transform
	p := Pair{Pair: c.Pair, Images: c.Images}
	for i, im := range c.Images {
		p.Names[i] = filepath.Base(im.ID)
	}
	if c.Flip {
		p.Names[1] += ", flipped"
	}
	atoms, err := explain.Unwhiten(m, m.Stages().Dictionary.Atoms)
	p.Atom = func(atom int) *image.NRGBA {
		return Patch(atoms[atom*t.Dim():(atom+1)*t.Dim()], t.Size, t.Channels)
	}
	return p, err
}

const (
	pairSide  = 192 // pixels of an image, at most
	pairGap   = 20
	pairAtoms = 10 // that add the most
)

// parts are the pictures of a pair: the images, their heat maps, and the cells. most is the value of a pixel, and mostCell
// that of a cell, which are in full colour.
func (p Pair) parts() (photos, heats [2]*image.NRGBA, cells *image.NRGBA, most, mostCell float64) {
	most = FullColour(p.A.Pixels, p.B.Pixels)
	for i, side := range []*explain.Side{&p.A, &p.B} {
		photos[i] = Fit(Photo(p.Images[i]), pairSide)
		heats[i] = Fit(Heat(p.Images[i], side.Pixels, most), pairSide)
	}
	for _, v := range p.Cells {
		mostCell = max(mostCell, v, -v)
	}
	return photos, heats, Fit(Matrix(p.Cells, p.CellCols, mostCell), pairSide), most, mostCell
}

// Chart draws the images, what their pixels and cells add to the cosine, with scales, and the atoms of A that add the most.
func (p Pair) Chart() *Chart {
	photos, heats, cells, most, mostCell := p.parts()
	const column = pairSide + pairGap
	atoms := p.A.Atoms[:min(pairAtoms, len(p.A.Atoms))]
	c := NewChart(3*column+pairGap, float64(2*(pairSide+52)+44+26*len(atoms)),
		fmt.Sprintf("Why %s and %s are similar: their cosine, %.3f, split over pixels, cells and atoms.", p.Names[0], p.Names[1], p.Cosine))
	put := func(im *image.NRGBA, x, y float64, title string) {
		c.Image(PNG(im), x, y, float64(im.Rect.Dx()), float64(im.Rect.Dy()), title)
	}
	low := float64(pairSide + 82) // where the second row of pictures begins
	for i, x := range []float64{pairGap, pairGap + column} {
		c.Text("strong", x, 20, []string{"A", "B"}[i])
		c.Text("name", x+16, 20, shortenMiddle(p.Names[i], 28))
		put(photos[i], x, 30, p.Names[i])
		c.Text("", x, low-8, "what its pixels add")
		put(heats[i], x, low, "orange adds to the cosine, blue takes away")
	}
	x := float64(pairGap + 2*column)
	c.Text("strong", x, 20, fmt.Sprintf("cosine %.4f", p.Cosine))
	for i, line := range []string{"Parts of each kind add up to it:", fmt.Sprintf("%s of A, as many of B,", plural.Of(len(p.A.Pixels), "pixel")),
		fmt.Sprintf("%d × %d cells,", p.CellRows, p.CellCols), fmt.Sprintf("%s of A, %d of B.", plural.Of(len(p.A.Atoms), "atom"), len(p.B.Atoms))} {
		c.Text("", x, 44+18*float64(i), line)
	}
	c.scale(x, 134, "a pixel", heatScale(), most)
	c.scale(x, 190, "a cell", matrixScale(), mostCell)
	c.Text("", x, low-8, "what cells add, in A and in B")
	c.Rect("wash", x, low, float64(cells.Rect.Dx()), float64(cells.Rect.Dy()))
	put(cells, x, low, "orange adds to the cosine, blue takes away")
	p.drawAtoms(c, atoms, low+pairSide+34)
	return c
}

// drawAtoms lists atoms, each with a bar and its share of the cosine, from y on.
func (p Pair) drawAtoms(c *Chart, atoms []explain.Share, y float64) {
	if len(atoms) == 0 {
		return
	}
	c.Text("name", pairGap, y, fmt.Sprintf("atoms of A: the %d that add the most", len(atoms)))
	bars := Axis{Min: 0, Max: atoms[0].Value, From: 130, To: c.Width - 150}
	for i, a := range atoms {
		top := y + 10 + 26*float64(i)
		im := Fit(p.Atom(a.Atom), 24)
		c.Image(PNG(im), pairGap, top, 24, 24, fmt.Sprintf("atom %d", a.Atom))
		c.Text("", pairGap+32, top+16, fmt.Sprintf("atom %d", a.Atom))
		if a.Value > 0 {
			c.Rect("bar warm", bars.From, top+5, bars.At(a.Value)-bars.From, 14)
		}
		text := fmt.Sprintf("%+.4f", a.Value)
		if p.Cosine > 0 {
			text += fmt.Sprintf(", %.1f %%", 100*a.Value/p.Cosine)
		}
		c.Text("", max(bars.From, bars.At(a.Value))+8, top+16, text)
	}
}
