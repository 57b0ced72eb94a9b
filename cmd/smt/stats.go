package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
)

func (a *app) stats() *cobra.Command {
	var (
		src       source
		out, onto string
		held      int
		split     string
		part      partOf
	)
	c := &cobra.Command{
		Use:   "stats ENCODER DATA -o STATS",
		Short: "Count a part of the images of a fit",
		Long: `Count how atoms co-occur in a part of the images of DATA, which ENCODER was made for (smt encoder). Part I of
N is a range of the images in their order, that of find | LC_ALL=C sort: parts do not overlap, and no image
is missing. DATA may be a copy on another machine; a DATA that lists other images is refused.

STATS says which images it is of, and smt merge adds it to others. Its size hangs on the atoms, not on the images; of more
than 16,384 atoms it has besides, for each image that is counted, how often each atom was active.

Statistics collected so far are kept in STATS.partial, every few minutes and on Ctrl-C, and the same command goes on from them.

--onto OLD counts all images of DATA, which are more images for OLD, with the atoms of ENCODER: STATS is the sum. The images of
OLD are not needed.`,
		Example: `  smt stats encoder.safetensors photos --part 3/64 -o 3.stats
  smt stats encoder.safetensors new-photos --onto all.stats -o more.stats`,
		Args: args("ENCODER", "DATA"),
	}
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		out, onto = output.Named(out), output.Named(onto)
		if onto != "" && part.of != 0 {
			return usagef("--part is %v: --onto counts all images of DATA", &part)
		}
		err := output.Check(
			[]output.Output{{Flag: "-o", Path: out, Beside: []string{partial, partial + manifold.Codes}}},
			append(dataInputs("DATA", args[1]), output.Input{Name: "ENCODER", Path: args[0]}, output.Input{Name: "--onto", Path: onto}))
		if err != nil {
			return err
		}
		plan, err := smt.LoadPlan(args[0])
		if err != nil {
			return err
		}
		var old *smt.Part
		if onto != "" {
			if old, err = smt.LoadPart(onto); err != nil {
				return err
			}
		}
		data, err := src.openAs(args[1], plan.Shape(), plan.Depth())
		if err != nil {
			return err
		}
		defer data.Close()
		if err := refuseBad(data, plan.LeftOut()); err != nil {
			return err
		}
		images, err := pick(data, split)
		if err != nil {
			return err
		}
		images = plan.Of(images)
		cfg := plan.Config()
		if images, _, err = holdout("--holdout", images, held, cfg.Seed); err != nil {
			return err
		}
		first, end := part.ranges(images.Len())
		if onto == "" {
			if err := plan.Check(images); err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
		}
		counting, room := dataset.Slice(images, first, end), memory.Available()
		need := estimate.Count(cfg, estimate.Of(counting)) + residing(images)
		if err := enoughFor("counting", plan.Shape(), need, room); err != nil {
			return err
		}
		if err := keepBeside(ctx, need, counting, room); err != nil {
			return err
		}
		if err := roomFor(needsToCount(out, estimate.Checkpoint(cfg, counting.Len()))...); err != nil {
			return err
		}
		began := time.Now()
		counted, bytes, err := fitAndSave(ctx, a, out, func(p *progress, kept string) (*smt.Part, error) {
			options := []smt.Option{smt.Progress(p.report), smt.Warn(p.warn), smt.Checkpoint(kept)}
			if old == nil {
				return plan.Count(ctx, images, first, end, options...)
			}
			more, err := plan.CountMore(ctx, images, options...)
			if err != nil {
				return nil, err
			}
			if err := old.Add(more); err != nil {
				return nil, fmt.Errorf("%s: %w", onto, err)
			}
			return old, nil
		})
		if err != nil {
			return err
		}
		r := &counts{Stats: out, Bytes: bytes, partialImages: partialOf(counted), Seconds: time.Since(began).Seconds(), Peak: memory.Peak()}
		if part.of != 0 {
			r.Part = part.String()
		}
		return a.emit(r, out)
	})
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "`STATS` to write, a safetensors file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.Var(&part, "part", "count part `I/N` of the images (default: all)")
	f.StringVar(&onto, "onto", "", "statistics `OLD`, of other images, to add to")
	f.IntVar(&held, "holdout", 0, "leave out this many images, chosen by the seed, 0 for none: as smt encoder did")
	f.Var(oneOf(&split, "train", "test"), "split", "images to count (default: train)")
	src.formatFlags(a, c)
	return c
}

// needsToCount are the needs of statistics, and of what is kept of them until they are there.
func needsToCount(path string, bytes int64) []need {
	return []need{{path: path, bytes: bytes}, {path: path, bytes: bytes, being: output.Target(path) + partial}}
}

// counts is the report of statistics, of a part or added.
type counts struct {
	Stats string `json:"stats"`
	Bytes int64  `json:"stats_bytes"`
	Part  string `json:"part,omitempty"`
	Files int    `json:"files,omitempty"` // that are added
	partialImages
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak_rss_bytes"`
}

// partialImages is which images statistics are of.
type partialImages struct {
	Images  int    `json:"images"`
	Counted int64  `json:"counted"` // gray views too
	Missing string `json:"missing,omitempty"`
}

func partialOf(p *smt.Part) partialImages {
	return partialImages{p.Images(), p.Statistics().Of().Groups, p.Missing()}
}

func (i partialImages) print(w io.Writer) {
	fmt.Fprintf(w, "of\t%s, %s counted\n", numberOf(i.Images, "image"), count(int(i.Counted)))
	if i.Missing != "" {
		fmt.Fprintf(w, "still missing\t%s\n", i.Missing)
	}
}

func (r *counts) print(w io.Writer) {
	added := ""
	if r.Files > 0 {
		added = ", the sum of " + numberOf(r.Files, "file")
	}
	fmt.Fprintf(w, "statistics\t%s, %s%s\n", r.Stats, size(r.Bytes), added)
	r.partialImages.print(w)
	fmt.Fprintf(w, "time\t%s\n", seconds(r.Seconds))
	printPeak(w, r.Peak)
}
