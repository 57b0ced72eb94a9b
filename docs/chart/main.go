// Command chart draws the accuracy of a data set's rows against time and memory, beside
// the published points of others, and what accuracy takes how many seconds.
//
//	go run ./docs/chart cifar10 docs/results.json docs/images/results.svg
//	go run ./docs/chart cifar100 docs/results.json docs/images/results-cifar100.svg
//	go run ./docs/chart frontier docs/frontier.json docs/images/frontier.svg
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/strictjson"
	"github.com/sparse-manifold/smt/reproduce"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("want cifar10, cifar100 or frontier, RESULTS.json and OUT.svg")
	}
	set, known := sets[args[0]]
	if !known && args[0] != "frontier" {
		return fmt.Errorf("%q: want cifar10, cifar100 or frontier", args[0])
	}
	if err := output.Check([]output.Output{{Flag: "OUT.svg", Path: args[2]}}, []output.Input{{Name: "RESULTS.json", Path: args[1]}}); err != nil {
		return err
	}
	text, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	if !known {
		var points []point
		if err := strictjson.Unmarshal(text, &points); err != nil {
			return fmt.Errorf("%s: %w", args[1], err)
		}
		return output.WriteFile(args[2], frontier(points).File())
	}
	var rows []reproduce.Result
	if err := strictjson.Unmarshal(text, &rows); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	prefix := args[0] + "-"
	rows = slices.DeleteFunc(rows, func(r reproduce.Result) bool {
		return !strings.HasPrefix(r.Row, prefix) || r.Row == prefix+"best" // which is the gray row's models
	})
	for i := range rows {
		rows[i].Row = strings.TrimPrefix(rows[i].Row, prefix)
	}
	return output.WriteFile(args[2], picture(set, rows).File())
}

// set is what is drawn of a data set beside our rows.
type set struct {
	title    string
	min, max float64 // accuracy
	levels   []level
	peer     float64 // the public reimplementation's top-1, 0 for none
}

// level is an accuracy that was published without the time or memory it took: the
// paper's table.
type level struct {
	name string
	top1 float64
}

var sets = map[string]set{
	"cifar10": {"CIFAR-10", 0.77, 0.89, []level{
		{"paper 8,192", 0.792},
		{"paper 65,536", 0.811},
		{"paper, gray", 0.832},
	}, 0.7806},
	"cifar100": {"CIFAR-100", 0.49, 0.65, []level{
		{"paper 65,536", 0.532},
		{"paper, gray", 0.570},
	}, 0},
}

const (
	width, height = 860, 400
	left, top     = 56, 34
	panel         = 350
	bottom        = 330
)

func picture(s set, rows []reproduce.Result) *draw.Chart {
	c := draw.NewChart(width, height, "Accuracy on "+s.title+" against time and against memory, beside the paper's numbers")
	c.Vertical("name", 14, (top+bottom)/2, s.title+", kNN top-1, %")
	y := draw.Axis{Min: s.min, Max: s.max, From: bottom, To: top}

	minutes := draw.Axis{Min: 1, Max: 100, From: left, To: left + panel, Log: true}
	l := frame(c, s, minutes, y, 0.02, []float64{1, 2, 5, 10, 20, 50, 100}, "minutes on two cores: fit, embed, judge")
	for _, r := range rows {
		l.row(c, minutes.At(r.Seconds/60), y, r)
	}
	l.write(c)

	gigabytes := draw.Axis{Min: 0.2, Max: 200, From: left + panel + 70, To: left + 2*panel + 70, Log: true}
	l = frame(c, s, gigabytes, y, 0.02, []float64{0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200}, "GiB of memory at the most")
	for _, r := range rows {
		l.row(c, gigabytes.At(float64(r.Peak)/(1<<30)), y, r)
	}
	legend := func(x float64, class, text string) {
		c.Dot(class, left+x, height-12, radius, "")
		c.Text("", left+x+10, height-8, text)
	}
	legend(0, "dot", "the paper's protocol")
	legend(145, "ring", "w: whitened; else hubs corrected, not the paper's protocol")
	if s.peer > 0 {
		// It asks for 128 GB of memory, beside a GPU of 24 GB and 1 to 2 TB of disk.
		l.dot(c, "dot cold", gigabytes.At(128), y.At(s.peer), "name", fmt.Sprintf("reimplementation %.1f", 100*s.peer))
		legend(545, "dot cold", "public reimplementation, with a GPU")
	}
	l.write(c)
	return c
}

// row draws the accuracies of a row, one above the other.
func (l *labels) row(c *draw.Chart, x float64, y draw.Axis, r reproduce.Result) {
	l.dot(c, "dot", x, y.At(r.Top1), "name", fmt.Sprintf("%s %.1f", r.Row, 100*r.Top1))
	if r.WhitenedTop1 != nil && *r.WhitenedTop1 > r.Top1+0.005 { // less does not show
		l.dot(c, "ring", x, y.At(*r.WhitenedTop1), "", fmt.Sprintf("w %.1f", 100**r.WhitenedTop1))
	}
	l.dot(c, "ring", x, y.At(r.CorrectedTop1), "", fmt.Sprintf("%.1f", 100*r.CorrectedTop1))
}

// frame draws the axes of a panel, with lines of accuracy so far apart, and what was published.
func frame(c *draw.Chart, s set, x, y draw.Axis, apart float64, ticks []float64, title string) *labels {
	for v := s.min + 0.01; v < y.Max; v += apart {
		c.Line("grid", x.From, y.At(v), x.To, y.At(v))
		c.Text("end", x.From-6, y.At(v)+4, fmt.Sprintf("%.0f", 100*v))
	}
	for _, v := range ticks {
		c.Line("axis", x.At(v), bottom, x.At(v), bottom+4)
		c.Text("middle", x.At(v), bottom+17, draw.Number(v))
	}
	c.Line("axis", x.From, bottom, x.To, bottom)
	c.Text("middle", (x.From+x.To)/2, bottom+34, title)
	l := &labels{ink: []box{{x.To, 0, x.To + width, height}}} // texts stay in the panel
	for _, p := range s.levels {
		at, text := y.At(p.top1), fmt.Sprintf("%s %.1f", p.name, 100*p.top1)
		c.Line("axis dash", x.From, at, x.To, at)
		c.Text("halo", x.From+2, at-5, text)
		l.ink = append(l.ink, box{x.From, at - 0.5, x.To, at + 0.5}, box{x.From, at - 16, x.From + letter*float64(len(text)), at})
	}
	return l
}
