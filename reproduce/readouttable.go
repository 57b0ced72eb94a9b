package reproduce

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readoutTable is a table of all that was read out of components, with a row for each way of each row, and a column for each number of
// labels; nil where nothing was. What stands after ± is the standard deviation of draws of labels, over all seeds.
func (p *Report) readoutTable() (table [][]string) {
	var levels []int
	for _, m := range p.Results {
		for _, j := range m.Judged {
			for _, of := range j.Readout {
				if !slices.Contains(levels, of.Labels) {
					levels = append(levels, of.Labels)
				}
			}
		}
	}
	if levels == nil {
		return nil
	}
	slices.SortFunc(levels, func(a, b int) int { return slices.Index(labelLevels, a) - slices.Index(labelLevels, b) })
	head := []string{"row", "labels a class"}
	for _, l := range levels {
		head = append(head, map[bool]string{true: "all", false: strconv.Itoa(l)}[l == 0])
	}
	table = append(table, head)
	for _, m := range p.Results {
		if m.ReadoutTop1 == nil {
			continue
		}
		vote, read, method := []string{m.Row, "vote"}, []string{m.Row, "readout"}, []string{m.Row, "its method"}
		for _, l := range levels {
			of := m.reading(l)
			vote, read, method = append(vote, spread(of.Vote)), append(read, spread(of.Top1)), append(method, string(of.Method))
		}
		table = append(table, vote, read, method)
	}
	return table
}

// reading is what all seeds came to with so many labels a class.
func (m *Result) reading(labels int) (all Reading) {
	for _, j := range m.Judged {
		for _, of := range j.Readout {
			if of.Labels == labels {
				all.Method = of.Method
				all.Vote, all.Top1 = append(all.Vote, of.Vote...), append(all.Top1, of.Top1...)
			}
		}
	}
	return all
}

// spread is the mean of shares in percent, and of several how far they are apart.
func spread(shares []float64) string {
	if len(shares) == 0 {
		return "–"
	}
	text := percent(mean(shares))
	if len(shares) > 1 {
		text += fmt.Sprintf(" ± %.2f", 100*deviation(shares))
	}
	return text
}

// readoutMarkdown is the section of results.md.
func (p *Report) readoutMarkdown(b *strings.Builder) {
	table := p.readoutTable()
	if table == nil {
		return
	}
	fmt.Fprintf(b, `
## Classes from few labels

Percent of all test images that get their class from so many labels of each class, on the components that the models have of their own, side by
side. *vote* is the paper's vote of the labelled images, at T = %g; *readout* the method that package readout chooses by the number of labels. After ±
stands the standard deviation of %d draws of labels. *readout* in the table above is that of all labels.

`, shortTemperature, labelDraws)
	for i, cells := range table {
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			fmt.Fprintf(b, "|%s\n", strings.Repeat(" --- |", len(cells)))
		}
	}
}
