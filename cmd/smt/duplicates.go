package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/index"
)

func (a *app) duplicates() *cobra.Command {
	var (
		q         *asking
		threshold float64
	)
	c := &cobra.Command{
		Use:   "duplicates INDEX",
		Short: "Tell which items of an index are there twice",
		Long: `Tell which items of an index are near-duplicates: copies of each other, but for how they are compressed,
their size, a crop, light or a mark. The flip of an item counts as the item, where the model knows flips.

Two items are near-duplicates if their margin reaches a threshold: how far their cosine is above what is usual for them, the
mean of their hubness, which is how near each is to its own nearest. The threshold is chosen from the index, without labels, so that of
the items with a near-duplicate one in twenty at most is expected to have it by chance; --threshold is another one. Items
whose embeddings are equal, but for rounding, are near-duplicates whatever their margin.

Without --threshold there is a second look, for crops and strong compression: thumbnails of near items are laid over each other, one as a
crop of the other of up to a quarter of width and height. How far they agree is a correlation. From which on they are copies is chosen in the same way.

A group has the item that most are near to first, its centre, and then those that reach the threshold with the centre. So
a chain of items, each like the next, makes no large group.`,
		Example: `  smt duplicates photos.index
  smt duplicates photos.index --csv twice.csv
  smt duplicates photos.index --threshold 0.3 --json`,
		Args: args("INDEX"),
	}
	q = a.asking(c)
	q.more = func(x *index.Index) (float64, error) { return answers.DuplicatesMemory(x.Len(), threshold), nil }
	c.Flags().Float64Var(&threshold, "threshold", 0, "the `MARGIN` from which on items are near-duplicates, up to 1 (default: chosen from the index)")
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		given := c.Flags().Changed("threshold")
		if given && !(threshold > 0 && threshold <= 1) {
			return usagef("--threshold is %g: want a margin above 0, up to 1", threshold)
		}
		return q.answer(ctx, args[0], func(x indexed, p *progress) (answer, error) {
			found, err := answers.FindDuplicates(ctx, x.Index, x.graph, threshold, p.report)
			if err != nil {
				return nil, err
			}
			found.Index = x.path
			return &foundDuplicates{Duplicates: found}, nil
		})
	})
	return c
}

// foundDuplicates are the groups of near-duplicates of an index.
type foundDuplicates struct {
	*answers.Duplicates
	spent
}

func (r *foundDuplicates) print(w io.Writer) {
	how := fmt.Sprintf("margin %.3f, given", r.Threshold.Margin)
	switch agreement := r.Threshold.Agreement; {
	case r.Threshold.Margin == 0 && agreement > 0:
		how = fmt.Sprintf("thumbnails agree by %.3f, chosen from the index, as no margin sets any apart from chance", agreement)
	case agreement > 0:
		how = fmt.Sprintf("margin %.3f, or thumbnails agree by %.3f, chosen from the index", r.Threshold.Margin, agreement)
	case r.Threshold.Margin == 0:
		how = fmt.Sprintf("none sets any of %s apart from chance: these are equal", numberOf(r.Items, "item"))
	case r.Threshold.Chosen:
		how = fmt.Sprintf("margin %.3f, chosen from the index", r.Threshold.Margin)
	}
	if r.Threshold.Margin == 0 && len(r.Groups) == 0 {
		fmt.Fprintf(w, "near-duplicates\tnone: no threshold sets any of %s apart from chance\n", numberOf(r.Items, "item"))
		return
	}
	grouped := 0
	for _, g := range r.Groups {
		grouped += len(g)
	}
	fmt.Fprintf(w, "near-duplicates\t%s of %s, in %s\n", numberOf(grouped, "item"), count(r.Items), numberOf(len(r.Groups), "group"))
	flips := "flips not looked for: the model knows none"
	if r.Flips {
		flips = "flips looked for"
	}
	fmt.Fprintf(w, "threshold\t%s; %s\n", how, flips)
	for i, group := range r.Groups {
		for k, d := range group {
			if k == 0 {
				fmt.Fprintf(w, "group %d\t%s\n", i+1, itemText(d.Item))
				continue
			}
			fmt.Fprintf(w, "\t%s   %s\n", itemText(d.Item), nearness(d, "flipped"))
		}
	}
	r.printSpent(w)
}

func (r *foundDuplicates) table() [][]string {
	rows := [][]string{{"group", "id", "label", "cosine", "margin", "agreement", "flip"}}
	for i, group := range r.Groups {
		for _, d := range group {
			rows = append(rows, []string{strconv.Itoa(i + 1), d.ID, d.Label, tableNumber(d.Cosine), tableNumber(d.Margin), tableNumber(d.Agreement), strconv.FormatBool(d.Flip)})
		}
	}
	return rows
}

// nearness is how near an item is to the centre of its group.
func nearness(d answers.Duplicate, flip string) string {
	text := fmt.Sprintf("cosine %.3f, margin %.3f", d.Cosine, d.Margin)
	if d.Agreement > 0 {
		text += fmt.Sprintf(", agreement %.3f", d.Agreement)
	}
	if d.Flip {
		text += ", " + flip
	}
	return text
}

// tableNumber is a number of a table.
func tableNumber(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

func (r *foundDuplicates) sections() []shownItems {
	all := make([]shownItems, len(r.Groups))
	for i, group := range r.Groups {
		all[i].title = fmt.Sprintf("Group %d", i+1)
		for k, d := range group {
			note := ""
			if k > 0 {
				note = nearness(d, "its flip")
			}
			all[i].items = append(all[i].items, shownItem{d.Item, note, d.Flip})
		}
	}
	return all
}
