package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) search() *cobra.Command {
	var (
		k           int
		crop        rectangle
		table, page string
	)
	c := &cobra.Command{
		Use:   "search INDEX IMAGE…",
		Short: "Find the images of an index that are nearest to others",
		Long: `Find the images of INDEX that are nearest to each IMAGE: those whose embeddings have the largest cosines with its own.
An image and its left-right flip are one result, which says which of the two is nearer. The search is exact.

IMAGE is a file or, if there is none of that name, the name of an image of INDEX; that image itself is then left out. --crop
searches for a part of a file. --html writes a page with the pictures.`,
		Example: `  smt search photos.index photo.jpg
  smt search photos.index photo.jpg --crop 120,80,200,200 -k 5
  smt search photos.index holiday/0017.jpg --html found.html`,
		Args: someArgs("INDEX", "IMAGE"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			if k < 1 {
				return usagef("-k is %d: want 1 or more", k)
			}
			if table, page = output.Named(table), output.Named(page); page == output.Stdout {
				return usagef("--html is -: want a file")
			}
			ins := []output.Input{{Name: "INDEX", Path: args[0]}}
			for _, image := range args[1:] {
				ins = append(ins, output.Input{Name: "IMAGE", Path: image})
			}
			var outs []output.Output
			for flag, path := range map[string]string{"--csv": table, "--html": page} {
				if path != "" {
					outs = append(outs, output.Output{Flag: flag, Path: path})
				}
			}
			if err := output.Check(outs, ins); err != nil {
				return err
			}
			x, err := index.Open(args[0])
			if err != nil {
				return err
			}
			defer x.Close()
			s := &searching{app: a, x: x, k: k, crop: crop}
			r := &found{Search: answers.Search{Index: args[0], Items: x.Len()}}
			for _, image := range args[1:] {
				if err := s.query(ctx, image, r); err != nil {
					return err
				}
			}
			if table != "" {
				if err := a.writeTable(ctx, table, r.table()); err != nil {
					return err
				}
			}
			if page != "" {
				shown, err := s.galleryOf(r)
				if err != nil {
					return err
				}
				if err := a.writeGallery(ctx, page, shown); err != nil {
					return err
				}
				r.Page = page
			}
			return a.emit(r, table)
		}),
	}
	f := c.Flags()
	f.IntVarP(&k, "neighbours", "k", 10, "how many images")
	f.Var(&crop, "crop", "search for this part of IMAGE, in pixels of the picture as it is seen")
	f.StringVar(&table, "csv", "", "write what is found to `FILE` as a table, a row an image; - is standard output")
	f.StringVar(&page, "html", "", "write a page with the pictures to `FILE`")
	return c
}

// found is what search found.
type found struct {
	answers.Search
	Page string `json:"html,omitempty"`

	pictures [][]byte // a file of each image
}

func (r *found) print(w io.Writer) {
	for i, q := range r.Queries {
		if i > 0 {
			fmt.Fprintln(w, "\t")
		}
		fmt.Fprintf(w, "%s\t%s of %s\n", q.Image, numberOf(len(q.Neighbours), "neighbour"), count(r.Items))
		for _, n := range q.Neighbours {
			text := n.ID
			if n.Label != "" {
				text += ", " + n.Label
			}
			if n.Flip {
				text += ", flipped"
			}
			fmt.Fprintf(w, "%.3f\t%s\n", n.Cosine, text)
		}
	}
	if r.Page != "" {
		fmt.Fprintf(w, "page\t%s\n", r.Page)
	}
	fmt.Fprintf(w, "time\tsearch %s\n", time.Duration(r.Seconds*float64(time.Second)).Round(10*time.Microsecond))
}

// table has a row a neighbour, below the names of its columns.
func (r *found) table() [][]string {
	rows := [][]string{{"image", "rank", "id", "label", "cosine", "flip"}}
	for _, q := range r.Queries {
		for i, n := range q.Neighbours {
			rows = append(rows, []string{q.Image, strconv.Itoa(i + 1), n.ID, n.Label, strconv.FormatFloat(n.Cosine, 'f', 6, 64), strconv.FormatBool(n.Flip)})
		}
	}
	return rows
}
