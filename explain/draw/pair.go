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

	atomHeight = 26 // of the line of an atom
	addsTitle  = "orange adds to the cosine, blue takes away"
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
	const column = pairSide + pairGap
	d := p.drawing(pairGap, pairSide, 28, 3*column+pairGap, 2*(pairSide+52)+44)
	low := float64(pairSide + 82) // where the second row of pictures begins
	for i, x := range []float64{pairGap, pairGap + column} {
		d.side(i, x, 30, low)
	}
	x := float64(pairGap + 2*column)
	d.sums(x, 20, 6)
	d.scale(x, 134, "a pixel", heatScale(), d.most)
	d.scale(x, 190, "a cell", matrixScale(), d.mostCell)
	d.cellsAt(x, low)
	d.atomsFrom(low + pairSide + 34)
	return d.Chart
}

// Narrow is Chart for a screen as narrow as a phone, where text would be too small in it.
func (p Pair) Narrow() *Chart {
	const (
		margin = 12
		side   = 162
		right  = 2*margin + side
		low    = 30 + side + 32  // where what pixels add begins
		sums   = low + side + 32 // what is said of the sums
		cells  = sums + 112      // where cells begin
		atoms  = cells + side + 34
	)
	d := p.drawing(margin, side, 20, right+side+margin, atoms+14)
	d.side(0, margin, 30, low)
	d.side(1, right, 30, low)
	d.sums(margin, sums, 0)
	d.cellsAt(margin, cells)
	d.scale(right, cells+14, "a pixel", heatScale(), d.most)
	d.scale(right, cells+70, "a cell", matrixScale(), d.mostCell)
	d.atomsFrom(atoms)
	return d.Chart
}

// pairDrawing is a chart of a pair.
type pairDrawing struct {
	*Chart
	Pair
	photos, heats  [2]*image.NRGBA
	cells          *image.NRGBA
	most, mostCell float64

	margin, size float64 // of the chart, and of an image
	letters      int     // for which a name has room
	atoms        []explain.Share
}

// drawing is an empty chart so wide, and so high without a line for each atom.
func (p Pair) drawing(margin, size float64, letters int, width, height float64) *pairDrawing {
	d := &pairDrawing{Pair: p, margin: margin, size: size, letters: letters, atoms: p.A.Atoms[:min(pairAtoms, len(p.A.Atoms))]}
	d.photos, d.heats, d.cells, d.most, d.mostCell = p.parts()
	d.Chart = NewChart(width, height+atomHeight*float64(len(d.atoms)),
		fmt.Sprintf("Why %s and %s are similar: their cosine, %.3f, split over pixels, cells and atoms.", p.Names[0], p.Names[1], p.Cosine))
	return d
}

// put sets a picture, of pairSide pixels at most.
func (d *pairDrawing) put(im *image.NRGBA, x, y float64, title string) {
	scale := d.size / pairSide
	d.Image(PNG(im), x, y, scale*float64(im.Rect.Dx()), scale*float64(im.Rect.Dy()), title)
}

// side draws A or B, and below it what its pixels add.
func (d *pairDrawing) side(i int, x, y, low float64) {
	d.Text("strong", x, y-10, []string{"A", "B"}[i])
	d.Text("name", x+16, y-10, shortenMiddle(d.Names[i], d.letters))
	d.put(d.photos[i], x, y, d.Names[i])
	d.Text("", x, low-8, "what its pixels add")
	d.put(d.heats[i], x, low, addsTitle)
}

// sums says what the cosine is split over, in lines below that with the cosine.
func (d *pairDrawing) sums(x, y, gap float64) {
	d.Text("strong", x, y, fmt.Sprintf("cosine %.4f", d.Cosine))
	for i, line := range []string{"Parts of each kind add up to it:", fmt.Sprintf("%s of A, as many of B,", plural.Of(len(d.A.Pixels), "pixel")),
		fmt.Sprintf("%d × %d cells,", d.CellRows, d.CellCols), fmt.Sprintf("%s of A, %d of B.", plural.Of(len(d.A.Atoms), "atom"), len(d.B.Atoms))} {
		d.Text("", x, y+gap+18*float64(i+1), line)
	}
}

func (d *pairDrawing) cellsAt(x, y float64) {
	d.Text("", x, y-8, "what cells add, in A and in B")
	scale := d.size / pairSide
	d.Rect("wash", x, y, scale*float64(d.cells.Rect.Dx()), scale*float64(d.cells.Rect.Dy()))
	d.put(d.cells, x, y, addsTitle)
}

// atomsFrom lists atoms, each with a bar and its share of the cosine, from y on.
func (d *pairDrawing) atomsFrom(y float64) {
	if len(d.atoms) == 0 {
		return
	}
	d.Text("name", d.margin, y, fmt.Sprintf("atoms of A: the %d that add the most", len(d.atoms)))
	bars := Axis{Min: 0, Max: d.atoms[0].Value, From: d.margin + 110, To: d.Width - d.margin - 130}
	for i, a := range d.atoms {
		top := y + 10 + atomHeight*float64(i)
		im := Fit(d.Atom(a.Atom), 24)
		d.Image(PNG(im), d.margin, top, 24, 24, fmt.Sprintf("atom %d", a.Atom))
		d.Text("", d.margin+32, top+16, fmt.Sprintf("atom %d", a.Atom))
		if a.Value > 0 {
			d.Rect("bar warm", bars.From, top+5, bars.At(a.Value)-bars.From, 14)
		}
		text := fmt.Sprintf("%+.4f", a.Value)
		if d.Cosine > 0 {
			text += fmt.Sprintf(", %.1f %%", 100*a.Value/d.Cosine)
		}
		d.Text("", max(bars.From, bars.At(a.Value))+8, top+16, text)
	}
}
