package atlas

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed web/waiting.html
var waitingHTML string

var waiting = template.Must(template.New("waiting").Parse(waitingHTML))

// Waiting is the page that stands in for a map that is not drawn yet. It needs no script, and Policy allows it.
type Waiting struct {
	Title, About string
	Stage        string // what is done, "" where nothing is known of it
	Done, Total  int    // how much of the stage
	Next         string // the address that a browser goes on to
	After        int    // seconds until it does
}

// Share is how much of the stage is done, in hundredths.
func (p Waiting) Share() int { return 100 * p.Done / max(1, p.Total) }

// Style is that of the map.
func (p Waiting) Style() template.CSS { return template.CSS(pageCSS) }

// Write writes the page.
func (p Waiting) Write(w io.Writer) error { return waiting.Execute(w, p) }
