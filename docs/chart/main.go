// Command chart draws the accuracy of CIFAR-10 rows against time and memory, beside
// the published points of others.
//
//	go run ./docs/chart docs/results.json docs/images/results.svg
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/reproduce"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("want RESULTS.json OUT.svg")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var rows []reproduce.Result
	if err := json.Unmarshal(text, &rows); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	file := picture(rows).File()
	return renameio.WriteFile(args[1], file, 0o644)
}

// level is an accuracy that was published without the time or memory it took.
type level struct {
	name string
	top1 float64
}

// The paper's table.
var levels = []level{
	{"paper, 8,192 atoms", 0.792},
	{"paper, 65,536", 0.811},
	{"paper, 65,536 with gray", 0.832},
}

const (
	width, height = 860, 400
	left, top     = 56, 34
	panel         = 350
	bottom        = 330
)

func picture(rows []reproduce.Result) *draw.Chart {
	c := draw.NewChart(width, height, "Accuracy on CIFAR-10 against time and against memory, beside the paper's numbers")
	var cifar []reproduce.Result
	for _, r := range rows {
		if strings.HasPrefix(r.Row, "cifar10-") {
			cifar = append(cifar, r)
		}
	}
	y := draw.Axis{Min: 0.77, Max: 0.89, From: bottom, To: top}
	minutes := draw.Axis{Min: 2, Max: 100, From: left, To: left + panel, Log: true}
	gigabytes := draw.Axis{Min: 1, Max: 200, From: left + panel + 70, To: left + 2*panel + 70, Log: true}
	frame(c, minutes, y, []float64{2, 5, 10, 20, 50, 100}, "minutes on two cores: fit, embed, judge")
	frame(c, gigabytes, y, []float64{1, 2, 5, 10, 20, 50, 100, 200}, "GiB of memory at the most")
	c.Vertical("name", 14, (top+bottom)/2, "CIFAR-10, kNN top-1, %")
	for _, r := range cifar {
		name := strings.TrimPrefix(r.Row, "cifar10-")
		for _, at := range []float64{minutes.At(r.Seconds / 60), gigabytes.At(float64(r.Peak) / (1 << 30))} {
			// Names stand where there is room: to the left in the right of a panel.
			toLeft := name == "best" || at > left+panel/2 && at < left+panel
			below := 4.0
			if toLeft && name != "best" {
				below = -4 // over what is to the left
			}
			point(c, at, y.At(r.Top1), "dot", name, r.Top1, toLeft, below)
			c.Dot("ring", at, y.At(r.CorrectedTop1), 4, "")
			c.Text("halo", at+8, y.At(r.CorrectedTop1)+4, fmt.Sprintf("%.1f", 100*r.CorrectedTop1))
		}
	}
	// It asks for 128 GB of memory, beside a GPU of 24 GB and 1 to 2 TB of disk.
	point(c, gigabytes.At(128), y.At(0.7806), "dot cold", "reimplementation", 0.7806, true, 18)
	c.Dot("dot", left, height-12, 4, "")
	c.Text("", left+10, height-8, "the paper's protocol")
	c.Dot("ring", left+150, height-12, 4, "")
	c.Text("", left+160, height-8, "hubs corrected from the bank alone, which is not the paper's")
	c.Dot("dot cold", left+545, height-12, 4, "")
	c.Text("", left+555, height-8, "public reimplementation, with a GPU")
	return c
}

// point is a dot with its name on one side, so far below its middle.
func point(c *draw.Chart, x, y float64, class, name string, top1 float64, toLeft bool, below float64) {
	c.Dot(class, x, y, 4, fmt.Sprintf("%s: %.2f %%", name, 100*top1))
	style, at := "name halo", x+8
	if toLeft {
		style, at = "name halo end", x-8
	}
	c.Text(style, at, y+below, fmt.Sprintf("%s %.1f", name, 100*top1))
}

// frame draws the axes of a panel and what was published.
func frame(c *draw.Chart, x, y draw.Axis, ticks []float64, title string) {
	for v := 0.78; v < y.Max; v += 0.02 {
		c.Line("grid", x.From, y.At(v), x.To, y.At(v))
		c.Text("end", x.From-6, y.At(v)+4, draw.Number(100*v))
	}
	for _, v := range ticks {
		c.Line("axis", x.At(v), bottom, x.At(v), bottom+4)
		c.Text("middle", x.At(v), bottom+17, draw.Number(v))
	}
	c.Line("axis", x.From, bottom, x.To, bottom)
	c.Text("middle", (x.From+x.To)/2, bottom+34, title)
	for _, l := range levels {
		c.Line("axis dash", x.From, y.At(l.top1), x.To, y.At(l.top1))
		c.Text("halo", x.From+2, y.At(l.top1)-5, fmt.Sprintf("%s: %.1f", l.name, 100*l.top1))
	}
}
