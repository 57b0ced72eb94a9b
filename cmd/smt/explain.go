package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
)

func (a *app) explain() *cobra.Command {
	var (
		src source
		out string
		n   = report.DefaultSizes
	)
	c := &cobra.Command{
		Use:   "explain MODEL [DATA] -o FOLDER",
		Short: "Show how a representation forms, as a web page and pictures",
		Long: `Write a report on MODEL: what its whitening, atoms, codes and coordinates look
like, and how the neighbours of a patch change from those that look the same to
those that the map brings near. With DATA, images as MODEL was fitted on, it
also shows how many neighbours of a patch are of its class and of its image, over
5,000 patches; codes and objective as measured, the neighbours of images, and why two
images are similar: their cosine, split exactly over pixels, cells and atoms.
Neighbours are those of images of the test split or, without one, of training images
set aside: those that smt fit --holdout left out, if it did.

The report is one page, index.html, that needs no network, and a folder with its
pictures as PNG and SVG. FOLDER must be new, empty, or an earlier report, which is
replaced once the new one is complete.`,
		Example: `  smt explain cifar.safetensors data/cifar-10-batches-bin -o report
  smt explain cifar.safetensors -o report
  smt explain toy -o toy
  smt explain sources -o sources`,
		Args: func(c *cobra.Command, list []string) error {
			if len(list) == 2 {
				return nil
			}
			return args("MODEL")(c, list)
		},
		RunE: a.run(func(ctx context.Context, args []string) error {
			if err := checkSizes(n); err != nil {
				return err
			}
			if len(args) == 1 {
				for _, flag := range []string{"bank", "test", "sample", "format", "size", "skip-bad", "depth"} {
					if src.cmd.Flags().Changed(flag) {
						return usagef("--%s is of no use without DATA", flag)
					}
				}
			}
			ins := []output.Input{{Name: "MODEL", Path: args[0]}}
			if len(args) == 2 {
				ins = append(ins, dataInputs("DATA", args[1])...)
			}
			if err := reportTo(out, report.ModelPage, ins, src.badList(out), src.keepPixels(args[0], out)); err != nil {
				return err
			}
			if err := notOfImages(args[0], "images"); err != nil {
				return err
			}
			m, err := smt.Load(args[0])
			if err != nil {
				return err
			}
			o := report.Options{Model: filepath.Base(args[0])}
			var data *dataset.Set
			a.noteUnsummed(args[0], smt.Member{Name: o.Model, Model: m})
			if len(args) == 1 {
				s := m.Record().Data.Shape
				if err := enoughFor("explaining a model of", s, report.Memory(m, s, report.Sizes{}, 0), memory.Available()); err != nil {
					return err
				}
			} else {
				if data, err = src.openAs(args[1], m.Record().Data.Shape, m.Record().Data.Depth); err != nil {
					return err
				}
				defer data.Close()
				if err := src.check(ctx, data, out); err != nil {
					return err
				}
				if err := enoughToExplain(ctx, m, data, n, memory.Available()); err != nil {
					return err
				}
				o.Data = filepath.Base(filepath.Clean(args[1]))
				p := a.newProgress()
				defer p.close()
				if o.Images, err = report.Choose(ctx, m, data, n, a.seedOr(m.Config().Seed), p.reading); err != nil {
					return err
				}
				p.close()
			}
			r, err := a.report(ctx, out, m, o)
			if err != nil {
				return err
			}
			if err := src.listBad(data, out); err != nil {
				return err
			}
			if data != nil {
				r.Bad = data.Bad
			}
			return a.emit(r)
		}),
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "`FOLDER` to write the report to")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.IntVar(&n.Bank, "bank", n.Bank, "search at most this many images for neighbours, chosen by the seed")
	f.IntVar(&n.Test, "test", n.Test, "find the neighbours of at most this many images, of the test split if DATA has one")
	f.IntVar(&n.Sample, "sample", n.Sample, "measure codes and objective on at most this many images")
	src.flags(a, c)
	c.AddCommand(a.explainToy(), a.explainSources())
	return c
}

func (a *app) explainToy() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "toy -o FOLDER",
		Short: "Explain the method on a circle, a torus and a company of symbols",
		Long: `Write a page, toy.html, that explains the method on signals simple enough to see
through: a circle and a torus, whose learned coordinates are their low frequencies,
and symbols that have nothing in common but who they occur with.`,
		Example: `  smt explain toy -o toy
  smt explain toy -o toy --seed 2 --json`,
		Args: args(),
		RunE: a.run(func(ctx context.Context, _ []string) error {
			if err := reportTo(out, report.ToyPage, nil); err != nil {
				return err
			}
			p := a.newProgress()
			defer p.close()
			t, err := report.WriteToy(ctx, out, a.seedOr(1), p.report)
			if err != nil {
				return err
			}
			return a.emit(&toyPage{t})
		}),
	}
	c.Flags().StringVarP(&out, "out", "o", "", "`FOLDER` to write toy.html and its pictures to")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	return c
}

// toyPage is what explain toy reports.
type toyPage struct{ *report.Toy }

func (t *toyPage) print(w io.Writer) {
	fmt.Fprintf(w, "page\t%s, with %s, %s\n", t.Page, plural.Of(t.Pictures, "picture"), size(t.Bytes))
	for _, m := range []struct {
		name string
		of   report.ToyManifold
	}{{"circle", t.Circle}, {"torus", t.Torus}} {
		least := 1.0
		for _, h := range m.of.Harmonics {
			least = min(least, h.Fit)
		}
		fmt.Fprintf(w, "%s\t%s, %s, waves to at least R² = %.3f\n", m.name, numberOf(m.of.Atoms, "atom"), plural.Of(len(m.of.Harmonics), "coordinate"), least)
	}
	fmt.Fprintf(w, "symbols\tmean cosine %.2f within topics, %.2f across, %.2f of synonyms\n", t.Symbols.Within, t.Symbols.Across, t.Symbols.Synonyms)
}

// reportTo finds out before any work whether the report of a page can be written to a folder.
func reportTo(folder, page string, ins []output.Input, beside ...output.Output) error {
	if err := output.Check(append(beside, output.Output{Flag: "-o", Path: folder, Kind: output.AFolder}), ins); err != nil {
		return err
	}
	return report.Writable(folder, page)
}

func checkSizes(n report.Sizes) error {
	for name, value := range map[string]int{"bank": n.Bank, "test": n.Test, "sample": n.Sample} {
		if value < 1 {
			return usagef("--%s is %d: want at least 1 image", name, value)
		}
	}
	return nil
}

// explained is what explain reports.
type explained struct {
	*report.Summary
	Seconds float64 `json:"explain_seconds"`
	Peak    int64   `json:"peak_rss_bytes"`

	Bad []dataset.BadFile `json:"bad,omitempty"` // files that are left out, as they cannot be read
}

// report writes a report, with progress.
func (a *app) report(ctx context.Context, dir string, m *smt.Model, o report.Options) (*explained, error) {
	p := a.newProgress()
	defer p.close()
	o.Progress = p.report
	began := time.Now()
	s, err := report.Write(ctx, dir, m, o)
	if err != nil {
		return nil, err
	}
	return &explained{Summary: s, Seconds: time.Since(began).Seconds(), Peak: memory.Peak()}, nil
}

func (e *explained) print(w io.Writer) {
	fmt.Fprintf(w, "report\t%s, with %s, %s\n", e.Page, plural.Of(e.Pictures, "picture"), size(e.Bytes))
	fmt.Fprintf(w, "neighbours kept\t%.0f %% from signal to code, %.0f %% from code to embedding   (of the nearest %d)\n",
		100*e.Overlap["signal_code"], 100*e.Overlap["code_embedding"], e.OverlapK)
	if a := e.Agreement; a != nil {
		if a.Class != nil {
			printShares(w, "of a patch's class", a.Class, fmt.Sprintf("the %d nearest of other images, %s", a.K, numberOf(a.Patches, "patch")))
		}
		if a.Image != nil {
			printShares(w, "of a patch's image", a.Image, fmt.Sprintf("the %d nearest, none that overlaps it", a.K))
		}
	}
	if c := e.Codes; c != nil {
		fmt.Fprintf(w, "codes\t%.1f active atoms a patch, %s dead   (over %s)\n", c.MeanActive, count(c.Dead), numberOf(c.Images, "image"))
	}
	if k := e.KNN; k != nil && k.Top1 != nil {
		fmt.Fprintf(w, "kNN top-1\t%.2f ± %.2f %%   (k = %d, bank of %s, %s %v)\n", 100**k.Top1, 100*judge.StandardError(*k.Top1, k.Test), k.K, numberOf(k.Bank, "image"), count(k.Test), k.Origin)
	}
	if len(e.Pairs) > 0 {
		var parts []string
		for _, p := range e.Pairs {
			parts = append(parts, fmt.Sprintf("%.4f", p.Cosine))
		}
		fmt.Fprintf(w, "cosines split\t%s\n", strings.Join(parts, ", "))
	}
	fmt.Fprintf(w, "time\t%s\n", seconds(e.Seconds))
	printPeak(w, e.Peak)
}

// printShares writes what share of the neighbours of patches have something in common with them.
func printShares(w io.Writer, name string, s *explain.Shares, note string) {
	of := func(e explain.Estimate) string { return fmt.Sprintf("%.2f ± %.2f %%", 100*e.Value, 100*e.Error) }
	fmt.Fprintf(w, "%s\t%s in signal, %s in code, %s in embedding   (chance %.2f %%; %s)\n", name, of(s.Signal), of(s.Code), of(s.Embedding), 100*s.Chance, note)
}
