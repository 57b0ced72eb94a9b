package atlas

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

var (
	//go:embed web/head.html
	headHTML string
	//go:embed web/page.css
	pageCSS string
	//go:embed web/data.js
	dataJS string
	//go:embed web/view.js
	viewJS string
	//go:embed web/panel.js
	panelJS string
	//go:embed web/address.js
	addressJS string
	//go:embed web/hands.js
	handsJS string

	head = template.Must(template.New("head").Parse(headHTML))
)

// page is a map as it is written.
type page struct {
	m     *Map
	order *order
	about about
}

// nth is the id of an element of which there are some.
func nth(id string, n int) string { return fmt.Sprintf("%s-%d", id, n) }

// Write writes the page. It reads each thumbnail twice or three times.
func (m *Map) Write(ctx context.Context, w io.Writer, progress func(done, total int)) error {
	if err := m.check(); err != nil {
		return err
	}
	n := m.Items.Len()
	p := &page{m: m, order: newOrder(m.Places)}
	noun := cmp.Or(m.Noun, "image")
	p.about = about{Items: n, Noun: noun, Nouns: noun + "s", Width: p.order.width, Height: p.order.height, Tile: m.Tile, Overview: min(n, overviewItems)}
	if m.Tile == 0 {
		var err error
		if p.about.Tile, err = defaultTile(m.Items); err != nil {
			return err
		}
	} else if !slices.Contains(Tiles, m.Tile) {
		return fmt.Errorf("atlas: tiles of %s: want one of %v", plural.Of(m.Tile, "pixel"), Tiles)
	}
	p.about.PerSheet = perSheet(p.about.Tile)
	for _, list := range m.Near {
		p.about.Near = min(mostNear, max(p.about.Near, len(list)))
	}
	for _, k := range m.Kinds {
		p.about.Kinds = append(p.about.Kinds, kindsHead{k.Name, k.Names})
	}
	for _, s := range m.Scores {
		p.about.Scores = append(p.about.Scores, scoreHead{s.Name, slices.Min(s.Of), slices.Max(s.Of)})
	}
	progress(0, n)
	if err := p.head(ctx, w); err != nil {
		return err
	}
	if err := p.arrays(w); err != nil {
		return err
	}
	if err := p.overview(ctx, w); err != nil {
		return err
	}
	if err := p.sheets(ctx, w, progress); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "<script>%s</script>\n</body>\n</html>\n", pageJS())
	return err
}

// pageJS is the script of the page.
func pageJS() string {
	return "\n\"use strict\";\n(() => {\n" + dataJS + viewJS + panelJS + addressJS + handsJS + "})();\n"
}

// head writes all that is seen without JavaScript.
func (p *page) head(ctx context.Context, w io.Writer) error {
	still, err := p.still(ctx)
	if err != nil {
		return err
	}
	about, err := json.Marshal(p.about) // "<" is escaped in it
	if err != nil {
		return err
	}
	return head.Execute(w, map[string]any{
		"Title": p.m.Title,
		"Items": plural.Of(p.about.Items, p.about.Noun),
		"Noun":  p.about.Noun,
		"Style": template.CSS(pageCSS),
		"Still": template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(still)),
		"Width": stillWidth, "Height": p.stillHeight(),
		"Kinds": p.legend(),
		"About": template.JS(about),
	})
}

// overview writes the sheet of those items that stand for their surroundings.
func (p *page) overview(ctx context.Context, w io.Writer) error {
	numbers := make([]int, p.about.Overview)
	for r := range numbers {
		numbers[r] = p.order.items[p.order.ranked[r]]
	}
	jpg, _, err := sheet(ctx, p.m.Items, numbers, overviewTile, 64)
	if err != nil {
		return err
	}
	return script(w, "overview", jpg)
}

// sheets writes the thumbnails of all items, and how large each is in its tile.
func (p *page) sheets(ctx context.Context, w io.Writer, progress func(done, total int)) error {
	var sizes [][2]uint8
	each := p.about.PerSheet * p.about.PerSheet
	for c, numbers := range slices.Collect(slices.Chunk(p.order.items, each)) {
		jpg, of, err := sheet(ctx, p.m.Items, numbers, p.about.Tile, p.about.PerSheet)
		if err != nil {
			return err
		}
		if err := script(w, nth("sheet", c), jpg); err != nil {
			return err
		}
		sizes = append(sizes, of...)
		progress(len(sizes), p.about.Items)
	}
	return array(w, "sizes", sizes)
}
