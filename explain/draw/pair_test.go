package draw

import (
	"image"
	"image/color"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
)

// pairOf is a pair of two tiny images with names, and a most of 0.5 for pixels and 0.25 for cells.
func pairOf(names ...string) Pair {
	shape := dataset.Shape{Height: 2, Width: 2, Channels: 1}
	im := explain.Image{Shape: shape, Pix: []uint8{10, 90, 170, 250}}
	side := explain.Side{Pixels: []float64{0.5, -0.5, 0, 0.25}, Atoms: []explain.Share{{Atom: 0, Value: 0.25}}}
	return Pair{
		Pair:   &explain.Pair{Cosine: 0.25, Cells: []float64{0.25, -0.25, 0.25, 0}, CellRows: 2, CellCols: 2, A: side, B: side},
		Images: [2]explain.Image{im, im}, Names: [2]string(names),
		Atom: func(int) *image.NRGBA { return Patch([]float32{1, -1, 0, 0}, 2, 1) },
	}
}

// inked is the number of pixels in r that are not white.
func inked(im *image.NRGBA, r image.Rectangle) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if im.NRGBAAt(x, y) != (color.NRGBA{255, 255, 255, 255}) {
				n++
			}
		}
	}
	return n
}

// The picture of a pair names both images, also with letters beyond ASCII, and has a scale for pixels and one for cells.
func TestRasterOfPair(t *testing.T) {
	const column = pairSide + pairGap
	name := func(i int) image.Rectangle { return image.Rect(0, 0, pairSide, 24).Add(image.Pt(pairGap+i*column, 0)) }
	plain, other := pairOf("dog.jpg", "wolf.jpg").Raster(), pairOf("dog.jpg", "volf.jpg").Raster()
	if inked(plain, name(0)) == 0 || inked(plain, name(1)) == 0 {
		t.Error("an image has no name")
	}
	same := func(a, b *image.NRGBA, r image.Rectangle) bool {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				if a.NRGBAAt(x, y) != b.NRGBAAt(x, y) {
					return false
				}
			}
		}
		return true
	}
	if !same(plain, other, name(0)) || same(plain, other, name(1)) {
		t.Error("names are not those of their images")
	}
	if same(pairOf("é", "").Raster(), pairOf("è", "").Raster(), name(0)) {
		t.Error("é and è are written alike")
	}
	// The ends of the scales are the colours of the largest values.
	left, right := pairGap+2*column, pairGap+2*column+scaleWidth-1
	gray := Heat(explain.Image{Shape: dataset.Shape{Height: 1, Width: 1, Channels: 1}, Pix: []uint8{128}}, []float64{0}, 1).NRGBAAt(0, 0)
	for _, c := range []struct {
		what string
		x, y int
		want color.NRGBA
	}{
		{"least of a pixel", left, 70, over(gray, -1, 1)}, {"most of a pixel", right, 70, over(gray, 1, 1)},
		{"least of a cell", left, 140, cold}, {"most of a cell", right, 140, warm},
	} {
		if got := plain.NRGBAAt(c.x, c.y); got != c.want {
			t.Errorf("%s is %v, want %v", c.what, got, c.want)
		}
		if inked(plain, image.Rect(left, c.y+10, right+1, c.y+28)) == 0 {
			t.Errorf("%s: the scale has no numbers", c.what)
		}
	}
}

func TestChartOfPair(t *testing.T) {
	p := pairOf("dog.jpg", "wolf.jpg")
	for _, c := range []*Chart{p.Chart(), p.Narrow()} {
		wellFormed(t, c)
		for _, want := range []string{"dog.jpg", "wolf.jpg", "what a pixel adds", "what a cell adds", ">-0.5<", ">0.25<", "atom 0", "Parts of each kind add up to it"} {
			if !strings.Contains(string(c.File()), want) {
				t.Errorf("no %q in the chart %g wide", want, c.Width)
			}
		}
	}
}

// A name that is too long keeps both of its ends, and has as many letters as there is room for.
func TestShortenMiddle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "name"), rapid.IntRange(3, 40).Draw(t, "letters")
		got := shortenMiddle(s, n)
		all := []rune(s)
		if len(all) <= n {
			if got != s {
				t.Fatalf("%q became %q", s, got)
			}
			return
		}
		begin, end, found := strings.Cut(got, "…")
		if !found || utf8.RuneCountInString(got) != n {
			t.Fatalf("%q in %d letters is %q", s, n, got)
		}
		if !strings.Contains(s, "…") && (!strings.HasPrefix(s, begin) || !strings.HasSuffix(s, end) || end == "") {
			t.Fatalf("%q in %d letters is %q", s, n, got)
		}
	})
}
