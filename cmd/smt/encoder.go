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
)

func (a *app) encoder() *cobra.Command {
	var (
		src   source
		set   settings
		out   string
		held  int
		split string
	)
	c := &cobra.Command{
		Use:   "encoder DATA -o ENCODER",
		Short: "Learn whitening and atoms, for a fit in parts",
		Long: `Learn the whitening and the atoms of a fit, from a sample of the images of DATA, and leave the images to be
counted in parts, on one machine or on many:

  smt encoder DATA -o ENCODER
  smt stats ENCODER DATA --part I/N -o STATS    for each part I of N
  smt merge STATS… -o ALL
  smt solve ENCODER ALL -o MODEL

MODEL is then what smt fit makes of DATA with the same flags, byte for byte. The sample is chosen by a
hash of the numbers of images, and does not depend on the parts. ENCODER has the configuration, which
is chosen from the images where no preset and no configuration is named, and the pixels of the images that components
are learned from: four for each component. No other images than those and the sample are decoded; with --skip-bad all are, and smt stats leaves out the same.`,
		Example: `  smt encoder data/cifar-10-batches-bin -o encoder.safetensors --preset cifar
  smt encoder photos -o encoder.safetensors --size 64x64`,
		Args: args("DATA"),
	}
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		out = output.Named(out)
		err := output.Check([]output.Output{{Flag: "-o", Path: out}, src.badList(out)}, append(dataInputs("DATA", args[0]), output.Input{Name: "--config", Path: set.file}))
		if err != nil {
			return err
		}
		if set.preset == best {
			return usagef("--preset is best, which is several models: make an encoder of each, with --config")
		}
		open := src.open
		if set.chooses() {
			open = src.openToChoose
		}
		data, err := open(args[0])
		if err != nil {
			return err
		}
		defer data.Close()
		if _, err := pick(data, split); err != nil {
			return err
		}
		if src.skipBad != 0 {
			if err := src.check(ctx, data, out); err != nil {
				return err
			}
		} else if err := refuseBad(data, nil); err != nil {
			return err
		}
		images, err := pick(data, split)
		if err != nil {
			return err
		}
		began := time.Now()
		recipes, images, chosen, err := a.toFit(ctx, &set, images, held)
		if err != nil {
			return err
		}
		cfg := recipes[0].Config
		if err := enough(ctx, cfg, images, memory.Available()); err != nil {
			return err
		}
		file, err := a.create(ctx, out)
		if err != nil {
			return err
		}
		defer file.Abort() // of no effect once committed
		p := a.newProgress()
		defer p.close()
		options := []smt.Option{smt.Progress(p.report), smt.LeftOut(badIDs(data))}
		if chosen != nil {
			options = append(options, smt.Encoded(chosen.Encoder))
		}
		plan, err := smt.NewPlan(ctx, images, cfg, options...)
		if err != nil {
			return withFlags(err, cfg.Dims, cfg.Skip)
		}
		bytes, err := save(file, plan)
		if err != nil {
			return err
		}
		if err := src.listBad(data, out); err != nil {
			return err
		}
		p.close()
		r := &planned{
			Encoder: out, Bytes: bytes, Images: plan.Images(), Holdout: held, Config: plan.Config(), Choice: chosen, Bad: data.Bad,
			StatsBytes: estimate.Checkpoint(cfg, images.Len()), PerImage: estimate.Checkpoint(cfg, 1<<20) > estimate.Checkpoint(cfg, 1),
			Seconds: time.Since(began).Seconds(), Peak: memory.Peak(),
		}
		return a.emit(r, out)
	})
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "`ENCODER` to write, a safetensors file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	set.flags(f, nil)
	f.IntVar(&held, "holdout", 0, "leave out this many images, chosen by the seed, 0 for none; smt stats wants the same")
	f.Var(oneOf(&split, "train", "test"), "split", "images to learn from (default: train)")
	src.flags(a, c)
	return c
}

// planned is the report of an encoder.
type planned struct {
	Encoder    string     `json:"encoder"`
	Bytes      int64      `json:"encoder_bytes"`
	Images     int        `json:"fit_images"`
	Holdout    int        `json:"holdout"`
	StatsBytes int64      `json:"stats_bytes"`     // about, of all images
	PerImage   bool       `json:"stats_per_image"` // statistics have a part that grows with the images
	Config     smt.Config `json:"config"`
	Seconds    float64    `json:"seconds"`
	Peak       int64      `json:"peak_rss_bytes"`

	Choice *chosen           `json:"choice,omitempty"`
	Bad    []dataset.BadFile `json:"bad,omitempty"`
}

func (r *planned) print(w io.Writer) {
	if r.Choice != nil {
		r.Choice.print(w)
	}
	fmt.Fprintf(w, "encoder\t%s, %s\n", r.Encoder, size(r.Bytes))
	images := numberOf(r.Images, "image")
	if r.Holdout > 0 {
		images += fmt.Sprintf("; %s held out", numberOf(r.Holdout, "other"))
	}
	fmt.Fprintf(w, "for a fit on\t%s\n", images)
	fmt.Fprintf(w, "atoms, dimensions\t%s, %s\n", count(r.Config.Atoms), count(r.Config.Dims))
	grows := ", of a part as well"
	if r.PerImage {
		grows = " of all images, of which some grow with them"
	}
	fmt.Fprintf(w, "statistics\tabout %s%s\n", size(r.StatsBytes), grows)
	fmt.Fprintf(w, "time\t%s\n", seconds(r.Seconds))
	printPeak(w, r.Peak)
}
