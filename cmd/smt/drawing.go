package main

import (
	"fmt"
	"html"
	"io"

	"github.com/sparse-manifold/smt/explain/draw"
)

// drawing is a chart, and the same for a screen as narrow as a phone, where its text would be too small.
type drawing struct{ wide, narrow *draw.Chart }

// narrowWidth is the width of a narrow chart, in pixels.
const narrowWidth = 360

// page writes a page of the drawing alone.
func (d drawing) page(w io.Writer) error {
	_, err := fmt.Fprintf(w, `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>%s:root { color-scheme: light dark }
body { margin: 0; background: var(--paper) }
svg { width: 100%%; height: auto; display: block }
.narrow { display: none }
@media (max-width: 640px) { .wide { display: none } .narrow { display: block } }</style>
<body class="chart">
<div class="wide">%s</div>
<div class="narrow">%s</div>
</body>
</html>
`, html.EscapeString(d.wide.Alt), draw.Style, d.wide.Inline(), d.narrow.Inline())
	return err
}
