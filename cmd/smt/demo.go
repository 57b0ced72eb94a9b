package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/judge"
)

func (a *app) demo() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Learn handwritten digits, with no network and no file",
		Long: `Learn a representation from 8,000 handwritten digits that are part of this program,
without their labels: atoms from patches of 4,096 of them, statistics of 1,000. Then
classify 2,000 others by their nearest neighbours among the 8,000. It takes less than
a minute and leaves the model in a folder, and a report on how it sees digits: a page
to be opened in a browser.

The digits are the test images of MNIST, so the accuracy is not MNIST's: fit
data/mnist for that.`,
		Example: `  smt demo
  smt demo --out /tmp/demo --json`,
		Args: args(),
		RunE: a.run(func(ctx context.Context, _ []string) error {
			set, err := digits.Open()
			if err != nil {
				return err
			}
			cfg, err := a.demoConfig()
			if err != nil {
				return err
			}
			cfg.Seed = a.seedOr(cfg.Seed)
			const model = "model.safetensors"
			if err := output.Check(within("--out", dir, []string{output.Partial}, model), nil); err != nil {
				return err
			}
			ours := func(path string) bool {
				m, err := smt.Load(path)
				if err != nil {
					return false
				}
				c := m.Config()
				c.Seed = cfg.Seed // any
				return c == cfg
			}
			if err := demoFolder(dir, model, "report", ours); err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			page := filepath.Join(dir, "report")
			if err := reportTo(page, report.ModelPage, nil); err != nil {
				return err
			}
			f, err := a.fitTo(ctx, filepath.Join(dir, model), set.Train, cfg)
			if err != nil {
				return err
			}
			models, err := smt.NewEnsemble(smt.Member{Model: f.model, Weight: 1})
			if err != nil {
				return err
			}
			e, err := a.evaluate(ctx, models, evaluating{bank: set.Train, test: set.Test, protocol: judge.Paper(f.model.Config().Flips)})
			if err != nil {
				return err
			}
			images, err := report.Choose(ctx, f.model, set, report.DefaultSizes, cfg.Seed, nil)
			if err != nil {
				return err
			}
			e.FitSeconds, e.Origin = &f.FitSeconds, images.Origin
			r, err := a.report(ctx, page, f.model, report.Options{
				Model: filepath.Base(f.Model), Data: "the digits in smt", Images: images})
			if err != nil {
				return err
			}
			return a.emit(&demonstration{f.Model, r.Page, cfg.Atoms, f.model.Record().Data.Sampled, e})
		}),
	}
	c.Flags().StringVarP(&dir, "out", "o", "smt-demo", "`FOLDER` to write model.safetensors and the report to")
	c.AddCommand(a.demoWords())
	return c
}

// demoFolder reports a folder that holds what is not of a demonstration: anything but its model, which ours knows,
// and what is made of that, called page.
func demoFolder(dir, model, page string, ours func(path string) bool) error {
	path := filepath.Join(dir, model)
	known := !exists(path) || ours(path)
	return output.Only(dir, "this demonstration", func(name string) bool {
		return name == model && known || name == page && known && exists(path)
	})
}

// demoConfig is the preset for digits with a quarter of its atoms, which is quick and
// gives up a tenth of a point.
func demoConfig() (smt.Config, error) {
	c, err := smt.Preset("mnist")
	c.Atoms = 2048
	return c, err
}

type demonstration struct {
	Model   string `json:"model"`
	Report  string `json:"report"` // its page
	Atoms   int    `json:"atoms"`
	Sampled int    `json:"sampled_images"` // that atoms were chosen from
	*evaluation
}

func (d *demonstration) print(w io.Writer) {
	fmt.Fprintf(w, "atoms\t%s, from a sample of %s, labels unseen\n", count(d.Atoms), numberOf(d.Sampled, "digit"))
	d.evaluation.print(w)
	fmt.Fprintf(w, "model\t%s\n", d.Model)
	fmt.Fprintf(w, "report\t%s   (open it in a browser)\n", d.Report)
}
