package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) classify() *cobra.Command {
	j := &classifyJob{app: a}
	c := &cobra.Command{
		Use:   "classify INDEX [IMAGE…] --labels FILE",
		Short: "Name the classes of images, from few labels or from many",
		Long: `Name the class of each IMAGE, or of all images of INDEX without a label, from labels of some images of INDEX: few will do. The
others serve too, as labels spread from image to image, each to its nearest; of many labels kernel ridge regression and a vote of
neighbours answer together. Each answer has probabilities, and the images of INDEX that speak most for it.

FILE has a line for each label, as CSV: the name of an image as INDEX has it, and the class. Without --labels the classes of INDEX
itself are taken.

IMAGE is a file or, if there is none of that name, the name of an image of INDEX. One that has a label itself knows it, and none speaks for itself. Of a file
the atoms are told too that speak most for its class, what they add to its score and to that of the class that comes second, and
where in the image: what all active atoms add is the score. An index has no pixels of its images, so their atoms are not told.

-o keeps what was learned from labels, and --learned answers by it, at once. --html writes a page with the images, their classes,
and pictures of what speaks for them.`,
		Example: `  smt classify photos.index photo.jpg --labels labels.csv
  smt classify photos.index --labels labels.csv --csv named.csv -o labels.readout
  smt classify photos.index photo.jpg --learned labels.readout --why 5 --html why.html`,
		Args: someArgs("INDEX"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			if err := j.check(args); err != nil {
				return err
			}
			x, err := index.Open(args[0])
			if err != nil {
				return err
			}
			defer x.Close()
			j.x = x
			r, err := j.answer(ctx, args[1:])
			if err != nil {
				return err
			}
			r.Index = args[0]
			if j.table != "" {
				if err := a.writeTable(ctx, j.table, r.rows()); err != nil {
					return err
				}
			}
			if j.page != "" {
				if err := j.writeVerdicts(ctx, r); err != nil {
					return err
				}
				r.Page = j.page
			}
			return a.emit(r, j.table)
		}),
	}
	f := c.Flags()
	f.StringVar(&j.labels, "labels", "", "`FILE` with the labels, .csv")
	f.StringVar(&j.learned, "learned", "", "answer by what -o kept in `FILE`, in place of labels")
	f.IntVar(&j.why, "why", 3, "tell so many images that speak for an answer, and so many atoms, 0 for none")
	f.StringVar(&j.table, "csv", "", "write the answers to `FILE` as a table, a row an image; - is standard output")
	f.StringVar(&j.page, "html", "", "write a page with the pictures to `FILE`")
	f.StringVarP(&j.out, "out", "o", "", "keep what was learned in `FILE`")
	return c
}

// check refuses what cannot be, before any work.
func (j *classifyJob) check(args []string) error {
	switch {
	case j.why < 0:
		return usagef("--why is %d: want a number of images, 0 for none", j.why)
	case j.labels != "" && j.learned != "":
		return usagef("--labels and --learned: want one of them")
	case j.learned != "" && j.out != "":
		return usagef("-o keeps what is learned from labels: want no --learned")
	}
	j.table, j.page, j.out = output.Named(j.table), output.Named(j.page), output.Named(j.out)
	switch output.Stdout {
	case j.out:
		return usagef("-o is -: want a file")
	case j.page:
		return usagef("--html is -: want a file")
	}
	ins := []output.Input{{Name: "INDEX", Path: args[0]}}
	for _, image := range args[1:] {
		ins = append(ins, output.Input{Name: "IMAGE", Path: image})
	}
	for name, path := range map[string]string{"--labels": j.labels, "--learned": j.learned} {
		if path != "" {
			ins = append(ins, output.Input{Name: name, Path: path})
		}
	}
	var outs []output.Output
	for flag, path := range map[string]string{"--csv": j.table, "--html": j.page, "-o": j.out} {
		if path != "" {
			outs = append(outs, output.Output{Flag: flag, Path: path})
		}
	}
	return output.Check(outs, ins)
}

// classified is what classify found.
type classified struct {
	*answers.Classified
	Peak int64  `json:"peak_rss_bytes"`
	Page string `json:"html,omitempty"`
}

// how is the method, and what was learned from.
func (r *classified) how() string {
	from := "what was learned before"
	if r.Labels > 0 {
		from = numberOf(r.Labels, "label")
	}
	return fmt.Sprintf("%s, of %s and %s of %s", methodOf(r.Method, r.Cut), from, numberOf(len(r.Classes), "class"), numberOf(r.Items, "image"))
}

func (r *classified) print(w io.Writer) {
	for _, n := range r.Images {
		fmt.Fprintf(w, "%s\t%s %.1f %%\n", n.Image, n.Label, 100*n.Probability)
		for _, s := range n.Why {
			label := ""
			if s.Label != "" {
				label = ", " + s.Label
			}
			flip := ""
			if s.Flip {
				flip = ", flipped"
			}
			fmt.Fprintf(w, "\tby %.1f %%: %s%s (cosine %.3f%s)\n", 100*s.Share, s.ID, label, s.Cosine, flip)
		}
		printAtoms(w, n)
	}
	fmt.Fprintf(w, "method\t%s\n", r.how())
	if r.Page != "" {
		fmt.Fprintf(w, "page\t%s\n", r.Page)
	}
	fmt.Fprintf(w, "time\t%s\n", brief(time.Duration(r.Seconds*float64(time.Second))))
	printPeak(w, r.Peak)
}

// printAtoms prints the atoms that speak for an image's class.
func printAtoms(w io.Writer, v answers.Verdict) {
	if v.Split == nil {
		return
	}
	for _, a := range v.Atoms {
		name := fmt.Sprintf("atom %d", a.Atom)
		if a.Member != "" {
			name += " of " + a.Member
		}
		fmt.Fprintf(w, "\tby %.1f %%: %s, %+.4f (%s %+.4f), most at %d,%d\n", 100*a.Share, name, a.Part, v.Split.RunnerUp, a.RunnerUp, a.Places[0][0], a.Places[0][1])
	}
	fmt.Fprintf(w, "\tatoms add up to %.4f, the score is %.4f\n", v.Split.Sum, v.Split.Score)
}

// rows has a row an image, below the names of its columns.
func (r *classified) rows() [][]string {
	head := []string{"id", "label", "probability"}
	for _, c := range r.Classes {
		head = append(head, "p("+c+")")
	}
	rows := [][]string{append(head, "why")}
	for _, n := range r.Images {
		row := []string{n.Image, n.Label, sixDigits(n.Probability)}
		for _, p := range n.Probabilities {
			row = append(row, sixDigits(p))
		}
		var why []string
		for _, s := range n.Why {
			why = append(why, s.ID)
		}
		rows = append(rows, append(row, strings.Join(why, " ")))
	}
	return rows
}

func sixDigits(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }
