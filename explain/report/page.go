package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/explain/draw"
)

// page is what the template shows, a field a section; a nil one is left out.
type page struct {
	Title, Data string
	Software    string
	Config      smt.Config
	Fitted      smt.Data
	Dim         int // values of a patch
	Embedding   int // values of an image

	Whitening   *whiteningSection
	Dictionary  *dictionarySection
	Codes       *codesSection
	Journeys    *journeySection
	Coordinates *coordinateSection
	Map         *mapSection
	Objective   *objectiveSection
	Images      *imageSection
	Pairs       *pairSection
	Kept        *keptSection
}

// Section is a section of the page: its place in the page, and its number there.
type Section struct {
	ID, Name string
	N        int
}

// Sections are those that the page has.
func (p *page) Sections() []Section {
	all := []struct {
		id, name string
		has      bool
	}{
		{"whitening", "Whitening", p.Whitening != nil},
		{"dictionary", "The dictionary", p.Dictionary != nil},
		{"codes", "Sparse codes", p.Codes != nil},
		{"stages", "One patch, three stages", p.Journeys != nil},
		{"coordinates", "The learned coordinates", p.Coordinates != nil},
		{"map", "A map of the atoms", p.Map != nil},
		{"objective", "The objective", p.Objective != nil},
		{"images", "Images and their neighbours", p.Images != nil},
		{"pairs", "Why two images are similar", p.Pairs != nil},
		{"kept", "What the model keeps of an image", p.Kept != nil},
	}
	var out []Section
	for _, s := range all {
		if s.has {
			out = append(out, Section{s.id, s.name, len(out) + 1})
		}
	}
	return out
}

// Section is the section with an id.
func (p *page) Section(id string) Section {
	for _, s := range p.Sections() {
		if s.ID == id {
			return s
		}
	}
	return Section{}
}

var (
	//go:embed head.html
	headHTML string // of all pages
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed enlarge.js
	enlargeJS string
)

var functions = template.FuncMap{
	"count":   func(n any) string { return draw.Number(number(n)) },
	"percent": percent,
	"pm":      plusMinus,
	"share":   func(s draw.Share) string { return fmt.Sprintf("%.1f ± %.1f", 100*s.Value, 100*s.Error) },
	"fixed": func(digits int, v float64) string {
		return strings.Replace(fmt.Sprintf("%.*f", digits, v), "-", "−", 1)
	},
	"short":   func(v float64) string { return fmt.Sprintf("%.3g", v) },
	"add":     func(a, b int) int { return a + b },
	"mul":     func(a, b float64) float64 { return a * b },
	"ratio":   func(a, b int) float64 { return float64(a) / float64(max(1, b)) },
	"style":   func() template.CSS { return template.CSS(pageCSS + draw.Style) },
	"enlarge": func() template.JS { return template.JS(enlargeJS) },
	"marker":  func() template.HTML { return template.HTML(marker + " " + smt.Version + `">`) },
	"json": func(v any) (string, error) {
		b, err := json.MarshalIndent(v, "", "  ")
		return string(b), err
	},
}

var pageTemplate = parsed(pageHTML)

// parsed is the template of a page, which begins with the head.
func parsed(html string) *template.Template {
	t := template.Must(template.New("page").Funcs(functions).Parse(html))
	template.Must(t.New("head").Parse(headHTML))
	return t
}

func number(n any) float64 {
	switch n := n.(type) {
	case int:
		return float64(n)
	case int64:
		return float64(n)
	}
	return math.NaN()
}

// percent writes a fraction with two digits that tell something.
func percent(v float64) string {
	v *= 100
	switch {
	case v >= 10:
		return fmt.Sprintf("%.0f\u00a0%%", v)
	case v >= 1, v == 0:
		return fmt.Sprintf("%.1f\u00a0%%", v)
	default:
		return fmt.Sprintf("%.2g\u00a0%%", v)
	}
}

func (p *page) render() ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, p)
	return b.Bytes(), err
}
