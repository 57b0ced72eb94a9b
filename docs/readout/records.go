package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/judge"
)

// classes are labels as package judge wants them.
type classes struct {
	names  []string
	labels []int
}

func (c classes) Len() int          { return len(c.labels) }
func (c classes) Classes() []string { return c.names }
func (c classes) Label(i int) int   { return c.labels[i] }

// judge counts votes of the labelled images, as the paper has them or hubs corrected.
func (t *trial) judge(ctx context.Context, labels []int, r *record) error {
	var rows, some []int
	for i, c := range labels {
		if c >= 0 {
			rows, some = append(rows, i), append(some, c)
		}
	}
	p := judge.Paper(t.bank.Even() >= 0)
	if r.Method == hubs {
		p.Hubs, p.Temperature = 4000, 0.05
	}
	bank := judge.Labelled{Set: t.bank.Pick(rows), Labels: classes{t.names, some}}
	e, err := judge.Evaluate(ctx, bank, judge.Labelled{Set: t.queries, Labels: classes{t.names, t.answers}}, p, nil)
	if err != nil {
		return err
	}
	r.Right = int(math.Round(e.Top1 * float64(r.Queries)))
	return nil
}

// printRecords writes tables for each set of images and size of bank: first a row a method, a column a number of labels, with the
// mean share of right answers in percent, after ± how far draws are apart, in brackets the loss of probabilities and, of a kernel that is cut
// off, the difference to the whole one; then how true probabilities are.
func printRecords(name string, out io.Writer) error {
	tables, err := readRecords(name)
	if err != nil {
		return err
	}
	for _, t := range tables {
		fmt.Fprintf(out, "%s\n\n", t.name)
		t.print(out)
		t.printCalibration(out)
	}
	return nil
}

// place is a cell of a table.
type place struct {
	method string
	labels int // a class
}

// cells are the records of a set of images and a size of bank.
type cells struct {
	name    string
	methods []string
	levels  []int
	at      map[place][]record
}

func readRecords(name string) (tables []*cells, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		title := fmt.Sprintf("%s, a bank of %d", r.Data, r.Bank)
		if r.Items != "" {
			title += ", its items without a label, " + r.Items
		}
		at := slices.IndexFunc(tables, func(t *cells) bool { return t.name == title })
		if at < 0 {
			at, tables = len(tables), append(tables, &cells{name: title, at: map[place][]record{}})
		}
		method := r.Method
		if r.Cut > 0 {
			method += fmt.Sprintf(", %.0f %% of the kernel", 100*r.Kept)
		}
		t, p := tables[at], place{method, r.Labels}
		t.methods, t.levels, t.at[p] = with(t.methods, method), with(t.levels, r.Labels), append(t.at[p], r)
	}
	for _, t := range tables {
		slices.SortFunc(t.levels, func(a, b int) int { return cmp.Compare(uint(a-1), uint(b-1)) }) // 0, which is all, comes last
	}
	return tables, lines.Err()
}

// with is a list, and a value that it did not have.
func with[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

func level(labels int) string {
	if labels == 0 {
		return "all"
	}
	return strconv.Itoa(labels)
}

// line writes a row of a table, and under the first one a rule.
func line(out io.Writer, head bool, fields ...string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(fields, " | "))
	if head {
		fmt.Fprintf(out, "|%s\n", strings.Repeat(" --- |", len(fields)))
	}
}

func (t *cells) print(out io.Writer) {
	head := []string{"labels a class"}
	for _, l := range t.levels {
		head = append(head, level(l))
	}
	line(out, true, head...)
	for _, m := range t.methods {
		row := []string{m}
		for _, l := range t.levels {
			row = append(row, cell(t.at[place{m, l}]))
		}
		line(out, false, row...)
	}
	fmt.Fprintln(out)
}

// mean is that of a value of records.
func mean(records []record, value func(r record) float64) (m float64) {
	for _, r := range records {
		m += value(r) / float64(len(records))
	}
	return m
}

func percentRight(r record) float64 { return 100 * float64(r.Right) / float64(r.Queries) }

// cell is a mean, the deviation of the draws, the mean loss of probabilities, and the difference to a whole kernel with its standard error, of
// the queries that are answered otherwise.
func cell(records []record) string {
	if len(records) == 0 {
		return ""
	}
	m := mean(records, percentRight)
	text := fmt.Sprintf("%.1f", m)
	if n := len(records); n > 1 {
		text += fmt.Sprintf(" ± %.1f", math.Sqrt(mean(records, func(r record) float64 { return (percentRight(r) - m) * (percentRight(r) - m) })*float64(n)/float64(n-1)))
	}
	if loss := mean(records, func(r record) float64 { return r.Loss }); loss > 0 {
		text += fmt.Sprintf(" (%.2f)", loss)
	}
	var gained, lost, queries float64
	for _, r := range records {
		gained, lost, queries = gained+float64(r.Gained), lost+float64(r.Lost), queries+float64(r.Queries)
	}
	if gained+lost > 0 {
		gap := (gained - lost) / queries
		text += fmt.Sprintf("; %+.2f ± %.2f", 100*gap, 100*math.Sqrt(((gained+lost)/queries-gap*gap)/queries))
	}
	return text
}

// printCalibration has a row for each method that has probabilities and each number of labels: the means of draws, which have the same queries,
// so that the error of one is that of all.
func (t *cells) printCalibration(out io.Writer) {
	if !slices.ContainsFunc(slices.Concat(slices.Collect(maps.Values(t.at))...), func(r record) bool { return r.Calibration != nil }) {
		return
	}
	line(out, true, "method", "labels a class", "right, %", "stated, %", "calibration error, %", "by chance, %")
	for _, m := range t.methods {
		for _, l := range t.levels {
			all := slices.DeleteFunc(slices.Clone(t.at[place{m, l}]), func(r record) bool { return r.Calibration == nil })
			if len(all) == 0 {
				continue
			}
			percent := func(value func(r record) float64) string { return fmt.Sprintf("%.1f", 100*mean(all, value)) }
			off := percent(func(r record) float64 { return r.Off }) + " ± " +
				fmt.Sprintf("%.1f", 100*math.Sqrt(mean(all, func(r record) float64 { return r.Error * r.Error })))
			line(out, false, m, level(l), fmt.Sprintf("%.1f", mean(all, percentRight)), percent(func(r record) float64 { return r.Stated }), off, percent(func(r record) float64 { return r.Least }))
		}
	}
	fmt.Fprintln(out)
}
