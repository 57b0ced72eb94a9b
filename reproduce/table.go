package reproduce

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
)

// columns of the table, the same on a terminal and in results.md.
var columns = []string{"row", "paper", "ours", "difference", "top-5", "components", "whitened", "corrected", "probe", "readout", "coarse", "time", "peak memory"}

func (m *Result) cells() []string {
	ours := percent(m.Top1)
	if m.Deviation != nil {
		ours += fmt.Sprintf(" ± %.2f", 100**m.Deviation)
	}
	difference := "–"
	if m.Paper != nil {
		difference = fmt.Sprintf("%+.2f", 100*(m.Top1-*m.Paper))
	}
	return []string{m.Row, perhaps(m.Paper), ours, difference, percent(m.Top5), perhaps(m.ComponentsTop1), perhaps(m.WhitenedTop1),
		percent(m.CorrectedTop1), percent(m.Probe), perhaps(m.ReadoutTop1), perhaps(m.CoarseTop1), brief(m.Seconds), gib(m.Peak)}
}

// quickWarning stands wherever results of a quick run do.
const quickWarning = "Quick results, of a few images and atoms: they show that everything runs, and nothing of the method."

// Text writes the table with tabs between columns.
func (p *Report) Text(w io.Writer) {
	for _, s := range p.Studies {
		studyText(w, s)
	}
	if len(p.Results) == 0 && len(p.Studies) > 0 {
		return
	}
	if p.quick() {
		fmt.Fprintln(w, quickWarning)
	}
	fmt.Fprintln(w, strings.Join(columns, "\t"))
	for i := range p.Results {
		fmt.Fprintln(w, strings.Join(p.Results[i].cells(), "\t"))
	}
	for _, cells := range p.readoutTable() {
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	for i := range p.Results {
		fmt.Fprintf(w, "%s is fitted on %s\n", p.Results[i].Row, p.Results[i].fittedOn())
	}
}

// fittedOn says how many images the models of a row are of.
func (m *Result) fittedOn() string {
	var all []string
	for _, j := range m.Judged {
		for i := range j.Fitted {
			if text := fittedOn(&j.Fitted[i]); !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	if all == nil {
		return "a number of images that is not recorded"
	}
	return strings.Join(all, ", and ")
}

func fittedOn(d *smt.Data) string {
	text := plural.Of(d.Images, "image")
	if d.Counted != d.Images {
		text += fmt.Sprintf(", statistics of %d of them", d.Counted)
	}
	return text
}

func (p *Report) quick() bool {
	return slices.ContainsFunc(p.Results, func(m Result) bool { return m.Quick })
}

// Markdown is results.md.
func (p *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintln(&b, "# The paper's table, reproduced")
	fmt.Fprintln(&b)
	if p.quick() {
		fmt.Fprintf(&b, "**%s**\n\n", quickWarning)
	}
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(columns)
	line(slices.Repeat([]string{"---"}, len(columns)))
	for i := range p.Results {
		line(p.Results[i].cells())
	}
	fmt.Fprintf(&b, `
Percent of all test images. *paper*, *ours* and *top-5*: the %s vote,
by the paper's protocol, by all values of an embedding; *components*: the same vote at T = %g on the
components that each model has of its own, as presets store them: %s; *whitened*: the vote on embeddings
shortened to %s of the bank and whitened; *corrected*: on the whole ones, with 0.7 of each bank image's mean cosine
to its nearest in the bank taken off, which is not the paper's protocol; both at the temperatures that results.json has; *probe*: a linear
classifier on whitened embeddings; *readout*: labels of all training images read out of components by package readout; *coarse*: the votes by CIFAR-100's 20 coarse classes. Time
is of one seed, to fit, embed and judge all models of the row, those it shares with other
rows too.

`, plural.Of(judge.Paper(true).K, "nearest neighbour"), shortTemperature, p.componentValues(), plural.Of(whitenTo, "value"))
	line([]string{"row", "fitted on", "seeds", "machine", "revision"})
	line(slices.Repeat([]string{"---"}, 5))
	for _, m := range p.Results {
		var seeds []string
		for _, j := range m.Judged {
			seeds = append(seeds, fmt.Sprint(j.Seed))
		}
		line([]string{m.Row, m.fittedOn(), strings.Join(seeds, ", "), m.Machine.String(), m.Revision})
	}
	p.readoutMarkdown(&b)
	return b.String()
}

// componentValues says how many components the rows' models have in all.
func (p *Report) componentValues() string {
	var counts []string
	for _, m := range p.Results {
		for _, j := range m.Judged {
			if j.Components != nil {
				if text := fmt.Sprintf("%d of %s", j.Values, m.Row); !slices.Contains(counts, text) {
					counts = append(counts, text)
				}
			}
		}
	}
	if counts == nil {
		return "there are none here"
	}
	return strings.Join(counts, ", ")
}

func percent(v float64) string { return fmt.Sprintf("%.2f", 100*v) }

func perhaps(v *float64) string {
	if v == nil {
		return "–"
	}
	return percent(*v)
}

func gib(n int64) string { return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30)) }

// brief is a time as finely as anyone cares.
func brief(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
