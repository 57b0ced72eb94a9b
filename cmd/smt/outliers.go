package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // what thumbnails are
	_ "image/png"
	"io"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/internal/parallel"
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
near to everything. Items are outliers from 3.5 robust standard deviations above the median on. Ten odd items of one kind are like each
other, and so a group, not outliers.

Beside them are the items whose thumbnails are blank, flat, dark or bright, or blurred in comparison with the others.
A blur too fine for a thumbnail is not seen.`,
		Example: `  smt outliers photos.index
  smt outliers photos.index --most 100
  smt outliers photos.index --csv scores.csv --json`,
		Args: args("INDEX"),
	}
	q = a.asking(c)
	c.Flags().IntVar(&most, "most", 20, "list so many outliers at most; --csv has all items")
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		if most < 1 {
			return usagef("--most is %d: want 1 or more", most)
		}
		return q.answer(ctx, args[0], func(x indexed, p *progress) (answer, error) { return findOutliers(ctx, x, most, p) })
	})
	return c
}

func findOutliers(ctx context.Context, x indexed, most int, p *progress) (*foundOutliers, error) {
	faults, err := faultsOf(ctx, x, p)
	if err != nil {
		return nil, err
	}
	r := &foundOutliers{Items: x.Len(), Outliers: []odd{}, Faults: []odd{}}
	for _, s := range outliers.Scores(x.graph) {
		item, err := x.named(s.Item)
		if err != nil {
			return nil, err
		}
		o := odd{item, s.Distance, s.Deviations, faults[s.Item]}
		r.all = append(r.all, o)
		if s.Deviations >= outliers.Odd {
			if r.Found++; r.Found <= most {
				r.Outliers = append(r.Outliers, o)
			}
		}
		if o.Fault != "" {
			r.Faults = append(r.Faults, o)
		}
	}
	return r, nil
}

// mostThumbnail bounds the sides of a thumbnail that is decoded.
const mostThumbnail = 4096

// faultsOf tells what is wrong with each item, by its thumbnail.
func faultsOf(ctx context.Context, x indexed, p *progress) ([]outliers.Fault, error) {
	all := make([]outliers.Measures, x.Len())
	const few = 256 // between two looks at how far it is
	for first := 0; first < len(all); first += few {
		n := min(few, len(all)-first)
		err := parallel.ForErr(ctx, n, func(_, k int) error {
			picture, err := x.picture(first + k)
			if err == nil {
				all[first+k] = outliers.Measure(picture)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		p.report("looking at thumbnails", first+n, len(all))
	}
	return outliers.Faults(all), nil
}

// picture is the thumbnail of an item.
func (x indexed) picture(i int) (image.Image, error) {
	file, err := x.Thumbnail(i)
	if err != nil {
		return nil, err
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err == nil && max(head.Width, head.Height) > mostThumbnail {
		err = fmt.Errorf("it is of %d × %d pixels: want at most %d to a side", head.Width, head.Height, mostThumbnail)
	}
	var picture image.Image
	if err == nil {
		picture, _, err = image.Decode(bytes.NewReader(file))
	}
	if err != nil {
		return nil, fmt.Errorf("thumbnail %d: %w", i, err)
	}
	return picture, nil
}

// foundOutliers are the odd items of an index.
type foundOutliers struct {
	Items    int   `json:"items"`
	Found    int   `json:"found"`    // outliers, of which Outliers are the first
	Outliers []odd `json:"outliers"` // the most unlike first
	Faults   []odd `json:"faults"`
	all      []odd
}

// odd is an item and how odd it is.
type odd struct {
	named
	Distance   float64        `json:"distance"`
	Deviations float64        `json:"deviations"`
	Fault      outliers.Fault `json:"fault,omitempty"`
}

func (r *foundOutliers) print(w io.Writer) {
	fmt.Fprintf(w, "outliers\t%s of %s, %g deviations from the median or more\n", numberOf(r.Found, "item"), count(r.Items), outliers.Odd)
	for _, o := range r.Outliers {
		fmt.Fprintf(w, "\t%s   distance %.3f, %.1f deviations\n", o.text(), o.Distance, o.Deviations)
	}
	if rest := r.Found - len(r.Outliers); rest > 0 {
		fmt.Fprintf(w, "\tand %d more\n", rest)
	}
	fmt.Fprintf(w, "faults\t%s\n", numberOf(len(r.Faults), "item"))
	for _, o := range r.Faults {
		fmt.Fprintf(w, "\t%s   %s\n", o.text(), o.Fault)
	}
}

func (r *foundOutliers) table() [][]string {
	rows := [][]string{{"id", "label", "distance", "deviations", "fault"}}
	for _, o := range r.all {
		rows = append(rows, []string{o.ID, o.Label, tableNumber(o.Distance), tableNumber(o.Deviations), string(o.Fault)})
	}
	return rows
}

func (r *foundOutliers) sections() []shownItems {
	unlike, faulty := shownItems{title: "Unlike all others"}, shownItems{title: "Blank, flat, dark, bright or blurred"}
	for _, o := range r.Outliers {
		unlike.items = append(unlike.items, shownItem{named: o.named, note: fmt.Sprintf("%.1f deviations", o.Deviations)})
	}
	for _, o := range r.Faults {
		faulty.items = append(faulty.items, shownItem{named: o.named, note: string(o.Fault)})
	}
	return []shownItems{unlike, faulty}
}
