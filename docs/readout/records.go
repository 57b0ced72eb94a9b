package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// printRecords writes a table for each set of images and size of bank: a row a method, a column a number of labels, the
// mean share of right answers in percent, and after ± how far draws are apart.
func printRecords(name string, out io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	type place struct {
		table, method string
		labels        int
	}
	shares, losses := map[place][]float64{}, map[place][]float64{}
	var tables, methods []string
	var levels []int
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		method := r.Method
		if r.Cut > 0 {
			method += fmt.Sprintf(", %.0f %% of the kernel", 100*r.Kept)
		}
		p := place{fmt.Sprintf("%s, a bank of %d", r.Data, r.Bank), method, r.Labels}
		shares[p] = append(shares[p], 100*float64(r.Right)/float64(r.Queries))
		losses[p] = append(losses[p], r.Loss)
		tables, methods, levels = with(tables, p.table), with(methods, p.method), with(levels, p.labels)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	slices.SortFunc(levels, func(a, b int) int { return cmp.Compare(uint(a-1), uint(b-1)) }) // 0, which is all, comes last
	for _, t := range tables {
		head := []string{"labels a class"}
		for _, l := range levels {
			head = append(head, map[bool]string{true: "all", false: strconv.Itoa(l)}[l == 0])
		}
		fmt.Fprintf(out, "%s\n\n| %s |\n|%s\n", t, strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
		for _, m := range methods {
			row := []string{m}
			for _, l := range levels {
				row = append(row, cell(shares[place{t, m, l}], losses[place{t, m, l}]))
			}
			fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
		}
		fmt.Fprintln(out)
	}
	return nil
}

// with is a list, and a value that it did not have.
func with[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// cell is a mean, the deviation of the draws, and the mean loss of probabilities.
func cell(shares, losses []float64) string {
	if len(shares) == 0 {
		return ""
	}
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	m := mean(shares)
	text := fmt.Sprintf("%.1f", m)
	if len(shares) > 1 {
		var squares float64
		for _, v := range shares {
			squares += (v - m) * (v - m)
		}
		text += fmt.Sprintf(" ± %.1f", math.Sqrt(squares/float64(len(shares)-1)))
	}
	if loss := mean(losses); loss > 0 {
		text += fmt.Sprintf(" (%.2f)", loss)
	}
	return text
}
