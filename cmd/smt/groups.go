package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/index"
)

func (a *app) groups() *cobra.Command {
	var (
		q *asking
		k int
	)
	c := &cobra.Command{
		Use:   "groups INDEX",
		Short: "Tell what kinds of items an index has",
		Long: `Divide the items of an index into groups of items that are alike, by spectral clustering of their neighbour
graph, and name the exemplars of each: the items that are near to the most of their group.

Without --k each number of groups from 2 to 24 is tried, and the one with the largest modularity counts: how much more
of the graph's weight is within groups than chance would put there. The next best numbers are named, and that of
the eigengap, after which the next eigenvalue of the graph is furthest below. Labels have no part in any. Items that are equal are in one
group. Where items have some, it is told how well groups agree with them: by the normalised mutual information
(NMI) and the adjusted Rand index, which are 0 of chance and 1 of the same division, and by the share of items that are right if each
group is matched with a label.`,
		Example: `  smt groups photos.index
  smt groups photos.index --k 12 --csv groups.csv
  smt groups cifar.index --k 10 --json`,
		Args: args("INDEX"),
	}
	q = a.asking(c)
	c.Flags().IntVar(&k, "k", 0, "number of groups, 0 for what the graph says")
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		if k < 0 || k == 1 {
			return usagef("--k is %d: want 2 groups or more, or 0 for what the graph says", k)
		}
		q.more = func(x *index.Index) (float64, error) {
			return groups.Memory(x.Len(), graph.Nearest, k), noMoreThanItems("--k", k, x.Len(), args[0])
		}
		return q.answer(ctx, args[0], func(x indexed, p *progress) (answer, error) {
			found, err := answers.FindGroups(ctx, x.Index, x.graph, answers.Division{K: k, Seed: a.seedOr(answers.Seed)}, p.report)
			if err != nil {
				return nil, err
			}
			found.Index = x.path
			return &foundGroups{Groups: found}, nil
		})
	})
	return c
}

// noMoreThanItems refuses k groups, by the flag, of the n items of an index at path, before its graph is made.
func noMoreThanItems(flag string, k, n int, path string) error {
	if k > n {
		return usagef("%s is %d: want no more groups than the %s of %s", flag, k, numberOf(n, "item"), path)
	}
	return nil
}

// foundGroups are the groups of an index.
type foundGroups struct {
	*answers.Groups
	spent
}

func (r *foundGroups) print(w io.Writer) {
	fmt.Fprintf(w, "groups\t%d of %s, %s\n", len(r.Groups.Groups), numberOf(r.Items, "item"), r.why())
	if next := r.next(); next != "" {
		fmt.Fprintf(w, "\t%s\n", next)
	}
	if a := r.Agreement; a != nil {
		fmt.Fprintf(w, "labels\tNMI %.3f, adjusted Rand index %.3f, %.1f %% right with each group matched to a label\n", a.NMI, a.Rand, 100*a.Matched)
	}
	for i, g := range r.Groups.Groups {
		var names, labels []string
		for _, e := range g.Exemplars {
			names = append(names, e.ID)
		}
		for _, l := range g.Labels[:min(3, len(g.Labels))] {
			labels = append(labels, fmt.Sprintf("%s %d", l.Label, l.Items))
		}
		fmt.Fprintf(w, "group %d\t%s: %s\n", i+1, numberOf(g.Size, "item"), strings.Join(names, ", "))
		if len(labels) > 0 {
			fmt.Fprintf(w, "\tlabels %s\n", strings.Join(labels, ", "))
		}
	}
	r.printSpent(w)
}

// why says why there are so many groups.
func (r *foundGroups) why() string {
	switch {
	case !r.Counted:
		return fmt.Sprintf("as given, of modularity %.3f", r.Modularity)
	case len(r.Candidates) == 0:
		return "as all are equal"
	}
	return fmt.Sprintf("the number of the largest modularity, %.3f", r.Modularity)
}

// next are the other numbers of groups that the graph speaks for.
func (r *foundGroups) next() string {
	if len(r.Candidates) < 2 {
		return ""
	}
	var next []string
	for _, c := range r.Candidates[1:min(4, len(r.Candidates))] {
		next = append(next, fmt.Sprintf("%d (%.3f)", c.Groups, c.Modularity))
	}
	text := "next best: " + strings.Join(next, ", ")
	if k := r.Eigengap; k < len(r.Eigenvalues) {
		text += fmt.Sprintf("; by the eigengap: %d (%.3f, then %.3f)", k, r.Eigenvalues[k-1], r.Eigenvalues[k])
	}
	return text
}

func (r *foundGroups) table() [][]string {
	rows := [][]string{{"id", "label", "group"}}
	for i, item := range r.All {
		rows = append(rows, []string{item.ID, item.Label, strconv.Itoa(r.Of[i] + 1)})
	}
	return rows
}

func (r *foundGroups) sections() []shownItems {
	all := make([]shownItems, len(r.Groups.Groups))
	for i, g := range r.Groups.Groups {
		all[i].title = fmt.Sprintf("Group %d: %s", i+1, numberOf(g.Size, "item"))
		for _, e := range g.Exemplars {
			all[i].items = append(all[i].items, shownItem{Item: e})
		}
	}
	return all
}
