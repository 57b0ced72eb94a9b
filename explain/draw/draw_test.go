package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/toy"
)

// wellFormed fails unless the file is XML with a name for who cannot see it, and
// all its numbers are numbers.
func wellFormed(t testing.TB, c *Chart) {
	t.Helper()
	file := c.File()
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "svg" {
			label := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "aria-label" && a.Value != "" })
			if label < 0 {
				t.Error("the chart has no label")
			}
		}
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(string(file), bad) {
			t.Errorf("%s in\n%s", bad, file)
		}
	}
}

func TestChartsAreWellFormed(t *testing.T) {
	names := []string{"cat & dog", "a <b>", "a very long name of a class"}
	confusion := [][]int{{3, 1, 0}, {0, 0, 0}, {1, 1, 1}}
	sample := &explain.Sample{Coded: 10, Usage: []int{5, 0, 2, 9}, Active: []int{1, 4, 5}}
	empty := &explain.Sample{Usage: []int{0, 0}, Active: []int{3}}
	journey := &explain.Journey{}
	for s := range journey.Nearest {
		for i := range 4 {
			journey.Nearest[s] = append(journey.Nearest[s], explain.Near{Index: i, Ranks: [3]int{(i + s) % 4, i, 9 * i}})
		}
	}
	circle, err := toy.Circle(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	torus, err := toy.Torus(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := toy.Cooccurrence(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	many := make([]string, 20)
	counts := make([][]int, 20)
	for i := range counts {
		many[i], counts[i] = "class", make([]int, 20)
	}
	for name, c := range map[string]*Chart{
		"whitening":       Whitening(&explain.Whitening{Dim: 3, Variances: []float64{2, 0.1, 0}, Gains: []float64{0.7, 3, 30}}),
		"active":          Active(sample),
		"active of none":  Active(empty),
		"usage":           Usage(sample),
		"usage of none":   Usage(empty),
		"smoothness":      Smoothness(680, []float64{0.1, 0.2}, []float64{0.5, 0.6, 0.6}, 2, nil),
		"unknown dropped": Smoothness(680, nil, []float64{0.5, 0.6, 0.6}, 2, nil),
		"measured":        Smoothness(460, nil, []float64{0.5, 0.6}, 0, []float64{0.4, 0.7}),
		"one":             Smoothness(460, nil, []float64{0.5}, 0, []float64{0.5}),
		"classes":         Classes(names, []Share{{0.5, 0.25, 4}, {}, {1, 0, 3}}, Share{0.6, 0.1, 7}),
		"confusion":       Confusion(names, confusion),
		"many classes":    Confusion(many, counts),
		"journey":         Journey(journey, 716, func(int) []byte { return []byte("png") }),
		"journey of none": Journey(&explain.Journey{}, 400, nil),
		"tiling":          Tiling(circle),
		"waves":           Waves(circle),
		"eigenvalues":     Eigenvalues(circle),
		"doughnuts":       Doughnuts(torus, []int{1, 3, 5}),
		"torus's":         Eigenvalues(torus),
		"company":         Company(symbols),
		"nothing":         NewChart(10, 10, "empty"),
	} {
		t.Run(name, func(t *testing.T) { wellFormed(t, c) })
	}
}

func TestInlineHasNoStyle(t *testing.T) {
	c := NewChart(10, 10, `a "quoted" <label>`)
	c.Text("name", 1, 2, "<&>")
	wellFormed(t, c)
	if strings.Contains(string(c.Inline()), "<style>") || !strings.Contains(string(c.File()), "<style>") {
		t.Error("the style is in the page, not in the file")
	}
}

// Ticks lie within the axis, on round values, not too many.
func TestTicks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		low := rapid.Float64Range(-1e6, 1e6).Draw(rt, "low")
		a := Axis{Min: low, Max: low + rapid.Float64Range(1e-3, 1e6).Draw(rt, "span"), From: 10, To: 200}
		n := rapid.IntRange(2, 10).Draw(rt, "n")
		ticks := a.Ticks(n)
		if len(ticks) > n+1 {
			rt.Fatalf("%d ticks %v, want about %d", len(ticks), ticks, n)
		}
		for i, v := range ticks {
			if at := a.At(v); at < 10-1e-6 || at > 200+1e-6 {
				rt.Fatalf("tick %g of %g to %g lies at %g", v, a.Min, a.Max, at)
			}
			if i > 1 && math.Abs(ticks[i]-2*ticks[i-1]+ticks[i-2]) > 1e-6*(a.Max-a.Min) {
				rt.Fatalf("ticks %v are not even", ticks)
			}
		}
	})
	if got := (Axis{Min: 1e-5, Max: 10, Log: true}).Ticks(9); len(got) != 7 || got[0] != 1e-5 || got[6] != 10 {
		t.Errorf("decades %v", got)
	}
	if got := (Axis{Min: 3, Max: 3}).Ticks(5); !slices.Equal(got, []float64{3}) {
		t.Errorf("ticks of a point: %v", got)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", math.Copysign(0, -1): "0", 0.25: "0.25", 12: "12", 1234: "1,234",
		-98765: "-98,765", 1e-5: "10⁻⁵", 2.5e-4: "2.5·10⁻⁴", 1e8: "10⁸", 1234.5: "1234.5"} {
		if got := Number(v); got != want {
			t.Errorf("%g is written %s, want %s", v, got, want)
		}
	}
}

func TestRasters(t *testing.T) {
	x := []float32{0, 0.5, -1, 1, 0.25, 0, 0, 0, -0.5, 0, 0, 0} // 2 × 2 × 3
	p := Patch(x, 2, 3)
	for at, want := range map[[2]int]color.NRGBA{{0, 0}: {128, 191, 0, 255}, {1, 0}: {255, 159, 128, 255}, {0, 1}: {128, 128, 64, 255}} {
		if got := p.NRGBAAt(at[0], at[1]); got != want {
			t.Errorf("pixel %v is %v, want %v", at, got, want)
		}
	}
	if got := Patch(make([]float32, 4), 2, 1).NRGBAAt(1, 1); got != (color.NRGBA{128, 128, 128, 255}) {
		t.Errorf("a patch of zeros is %v", got)
	}
	big := Enlarge(p, 3)
	m := Mosaic([]*image.NRGBA{p, big.SubImage(p.Rect).(*image.NRGBA), p}, 2, 1)
	if m.Rect.Dx() != 5 || m.Rect.Dy() != 5 {
		t.Errorf("a mosaic of 2 columns is %v", m.Rect)
	}
	if m.NRGBAAt(1, 0) != p.NRGBAAt(1, 0) || m.NRGBAAt(2, 0).A != 0 || m.NRGBAAt(0, 4) != p.NRGBAAt(0, 1) || m.NRGBAAt(4, 4).A != 0 {
		t.Error("tiles are not where they should be")
	}
	for y := range 6 {
		for x := range 6 {
			if big.NRGBAAt(x, y) != p.NRGBAAt(x/3, y/3) {
				t.Fatalf("enlarged pixel %d, %d is %v", x, y, big.NRGBAAt(x, y))
			}
		}
	}
	for _, c := range []struct{ w, h, side, wantW, wantH int }{{32, 32, 64, 64, 64}, {28, 20, 64, 56, 40}, {224, 100, 64, 64, 28}, {900, 1, 64, 64, 1}} {
		if got := Fit(image.NewNRGBA(image.Rect(0, 0, c.w, c.h)), c.side).Rect; got.Dx() != c.wantW || got.Dy() != c.wantH {
			t.Errorf("%d × %d fits %d as %v", c.w, c.h, c.side, got)
		}
	}
	file := PNG(big)
	back, err := png.Decode(bytes.NewReader(file))
	if err != nil || back.Bounds() != big.Rect || !bytes.Equal(file, PNG(big)) {
		t.Errorf("PNG: %v", err)
	}
}

func TestHeat(t *testing.T) {
	im := explain.Image{Shape: dataset.Shape{Height: 1, Width: 3, Channels: 1}, Pix: []uint8{100, 100, 100}}
	h := Heat(im, []float64{0, 2, -1}, 1)
	zero, plus, minus := h.NRGBAAt(0, 0), h.NRGBAAt(1, 0), h.NRGBAAt(2, 0)
	if zero.R != zero.B || plus.R <= plus.B || minus.R >= minus.B {
		t.Errorf("nothing is %v, positive %v, negative %v", zero, plus, minus)
	}
	m := Matrix([]float64{1, -1, 0, 0.5}, 2, 1)
	if m.NRGBAAt(0, 0) != warm || m.NRGBAAt(1, 0) != cold || m.NRGBAAt(0, 1).A != 0 || m.NRGBAAt(1, 1).A != 128 {
		t.Errorf("matrix %v", m.Pix)
	}
	if got := Matrix([]float64{0, 0}, 2, 0).NRGBAAt(0, 0).A; got != 0 {
		t.Errorf("a matrix of zeros has alpha %d", got)
	}
}

// Of names that lie over each other one is written, the strong one, and the others are dots with titles.
func TestLabels(t *testing.T) {
	at := func(x, y float64) explain.Point { return explain.Point{X: x, Y: y} }
	svg := string(Labels([]Label{
		{At: at(0, 0), Name: "first", Title: "1"}, {At: at(0, 0), Name: "second", Title: "2"}, {At: at(9, 9), Name: "weak", Title: "3"},
		{At: at(9, 9), Name: "strong<", Title: "4", Strong: true}, {At: at(5, 1), Name: "alone", Title: "5"},
	}, 1280, 960, "words").File())
	for _, want := range []string{">first</text>", "<title>2</title>", "<title>3</title>", ">strong&lt;</text>", ">alone</text>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	for _, no := range []string{">second<", ">weak<", "<title>1<", "NaN", "Inf"} {
		if strings.Contains(svg, no) {
			t.Errorf("%s in %s", no, svg)
		}
	}
	if svg := string(Labels([]Label{{Name: "one"}}, 1280, 960, "a word").File()); !strings.Contains(svg, ">one</text>") || strings.Contains(svg, "NaN") {
		t.Errorf("a map of one word: %s", svg)
	}
}

// Names that hold control characters, which XML has no place for, are drawn without them.
func TestControlCharactersAreReplaced(t *testing.T) {
	const name = "a\x1b[31m\x00b\uffff\nc\u0085"
	charts := []*Chart{
		Labels([]Label{{Name: name, Title: name}, {Name: name, Title: name}}, 1280, 960, name),
		Confusion([]string{name, "x"}, [][]int{{1, 2}, {0, 1}}),
	}
	c := NewChart(9, 9, name)
	c.Vertical("", 1, 1, name)
	c.Image(nil, 1, 1, 1, 1, name)
	for _, c := range append(charts, c) {
		wellFormed(t, c)
		if svg := string(c.File()); strings.ContainsAny(strings.ReplaceAll(svg, Style, ""), "\x1b\x00\uffff\u0085") || !strings.Contains(svg, "a\ufffd[31m\ufffdb") {
			t.Errorf("control characters in\n%q", svg)
		}
	}
}

// The headings of a journey are whole at both widths that the report has: a letter takes 7 pixels at the most.
func TestHeadingsFit(t *testing.T) {
	for _, width := range []float64{716, 400} {
		svg := string(Journey(&explain.Journey{}, width, nil).File())
		all := regexp.MustCompile(`<text class="middle[^"]*" x="([0-9.]+)"[^>]*>([^<]*)<`).FindAllStringSubmatch(svg, -1)
		if len(all) != 6 {
			t.Fatalf("%d headings", len(all))
		}
		for _, text := range all {
			at, err := strconv.ParseFloat(text[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			if half := 3.5 * float64(len(text[2])); at-half < -1 || at+half > width {
				t.Errorf("%q, from %g to %g, does not fit %g pixels", text[2], at-half, at+half, width)
			}
		}
	}
}
