package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/outliers"
)

func (a *app) outliers() *cobra.Command {
	var (
		q    *asking
		most int
	)
	c := &cobra.Command{
		Use:   "outliers INDEX",
		Short: "Tell which items of an index are unlike all others, or blank, dark or blurred",
		Long: `Tell which items of an index are unlike all others: those with the largest mean distance to their nearest. Nearest are those with the
largest cosines less 0.7 of their hubness, which is how near they are to their own nearest, as an odd item is still near to items that are
near to everything. Items are outliers from 3.5 robust standard deviations above the median on.

Odd items of one kind are near each other, and so no outliers. They are told as a small set: 3 to 40 items, at most a fifth of all, that hang together, and
with the rest by a margin far below that of the median item, or not at all (margin: the cosine of two items less the mean of
their hubness).

Beside them are the items whose thumbnails are blank, flat, dark or bright, or blurred in comparison with the others.
A blur too fine for a thumbnail is not seen.`,
		Example: `  smt outliers photos.index
  smt outliers photos.index --most 100
  smt outliers photos.index --csv scores.csv --json`,
		Args: args("INDEX"),
	}
	q = a.asking(c)
	c.Flags().IntVar(&most, "most", 20, "list so many outliers and so many small sets at most; --csv has all items")
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		if most < 1 {
			return usagef("--most is %d: want 1 or more", most)
		}
		return q.answer(ctx, args[0], func(x indexed, p *progress) (answer, error) {
			found, err := answers.FindOutliers(ctx, x.Index, x.graph, most, p.report)
			if err != nil {
				return nil, err
			}
			found.Index = x.path
			return &foundOutliers{Outliers: found}, nil
		})
	})
	return c
}

// foundOutliers are the odd items of an index.
type foundOutliers struct {
	*answers.Outliers
	spent
}

func (r *foundOutliers) print(w io.Writer) {
	fmt.Fprintf(w, "outliers\t%s of %s, %g deviations from the median or more\n", numberOf(r.Found, "item"), count(r.Items), outliers.Odd)
	for _, o := range r.Outliers.Outliers {
		fmt.Fprintf(w, "\t%s   distance %.3f, %.1f deviations\n", itemText(o.Item), o.Distance, o.Deviations)
	}
	if rest := r.Found - len(r.Outliers.Outliers); rest > 0 {
		fmt.Fprintf(w, "\tand %d more\n", rest)
	}
	if r.SetsFound > 0 {
		fmt.Fprintf(w, "small sets\t%s, like each other and unlike the rest\n", count(r.SetsFound))
	}
	for _, s := range r.Sets {
		var names []string
		for _, i := range s.Items[:min(4, len(s.Items))] {
			names = append(names, itemText(i))
		}
		if len(s.Items) > len(names) {
			names = append(names, "…")
		}
		fmt.Fprintf(w, "\t%s, %s: %s\n", numberOf(len(s.Items), "item"), howFar(s), strings.Join(names, ", "))
	}
	if rest := r.SetsFound - len(r.Sets); rest > 0 {
		fmt.Fprintf(w, "\tand %d more\n", rest)
	}
	fmt.Fprintf(w, "faults\t%s\n", numberOf(len(r.Faults), "item"))
	for _, o := range r.Faults {
		fmt.Fprintf(w, "\t%s   %s\n", itemText(o.Item), o.Fault)
	}
	r.printSpent(w)
}

// howFar says how far a small set is from the rest.
func howFar(s answers.OddSet) string {
	if !s.Linked {
		return "linked to nothing else"
	}
	return fmt.Sprintf("%.1f deviations", s.Deviations)
}

func (r *foundOutliers) table() [][]string {
	rows := [][]string{{"id", "label", "distance", "deviations", "fault", "set"}}
	for _, o := range r.All {
		set := ""
		if o.Set > 0 {
			set = strconv.Itoa(o.Set)
		}
		rows = append(rows, []string{o.ID, o.Label, tableNumber(o.Distance), tableNumber(o.Deviations), string(o.Fault), set})
	}
	return rows
}

func (r *foundOutliers) sections() []shownItems {
	unlike, faulty := shownItems{title: "Unlike all others"}, shownItems{title: "Blank, flat, dark, bright or blurred"}
	for _, o := range r.Outliers.Outliers {
		unlike.items = append(unlike.items, shownItem{Item: o.Item, note: fmt.Sprintf("%.1f deviations", o.Deviations)})
	}
	for _, o := range r.Faults {
		faulty.items = append(faulty.items, shownItem{Item: o.Item, note: string(o.Fault)})
	}
	all := []shownItems{unlike}
	for k, set := range r.Sets {
		shown := shownItems{title: fmt.Sprintf("Small set %d: %s, %s", k+1, numberOf(len(set.Items), "item"), howFar(set))}
		for _, i := range set.Items {
			shown.items = append(shown.items, shownItem{Item: i})
		}
		all = append(all, shown)
	}
	return append(all, faulty)
}
