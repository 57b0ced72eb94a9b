package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/explain/sources"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/source/text/kjv"
	"github.com/sparse-manifold/smt/video/shapes"
	"github.com/sparse-manifold/smt/words"
)

func (a *app) explainSources() *cobra.Command {
	var (
		out, corpus string
		src         source
	)
	c := &cobra.Command{
		Use:   "sources [DATA] -o FOLDER",
		Short: "Explain the method on a signal of each source of similarity",
		Long: `Write a page, sources.html, that shows the one engine on four signals: neighbourhoods of points
on a torus, time in film of a moving shape, space in patches of images, and words. Patches
are of the images of DATA or, without it, of digits that are part of this program; words are of
the file --text or, without it, of the King James Bible, which is too.`,
		Example: `  smt explain sources -o sources
  smt explain sources data/cifar-10-batches-bin --text corpus.txt.gz -o sources`,
		Args: func(c *cobra.Command, list []string) error {
			if len(list) == 0 {
				return nil
			}
			return args("DATA")(c, list)
		},
		RunE: a.run(func(ctx context.Context, args []string) error {
			var data string
			if len(args) > 0 {
				data = args[0]
			}
			if err := reportTo(out, report.SourcesPage, append(dataInputs("DATA", data), output.Input{Name: "--text", Path: corpus}), src.badList(out), src.keepPixels("", out)); err != nil {
				return err
			}
			o := report.SourcesOptions{Seed: a.seedOr(1), Words: words.Default()}
			o.Words.Seed = o.Seed
			var set *dataset.Set
			if data != "" {
				var err error
				if set, err = src.open(data); err != nil {
					return err
				}
				defer set.Close()
				if err := src.check(ctx, set, out); err != nil {
					return err
				}
				o.Images, o.ImagesName = set.Train, filepath.Base(filepath.Clean(data))
			} else {
				set, err := digits.Open()
				if err != nil {
					return err
				}
				o.Images, o.ImagesName, o.Drawn = set.Train, "handwritten digits", true
			}
			p := a.newProgress()
			defer p.close()
			o.Progress = p.report
			var err error
			if corpus != "" {
				o.CorpusName = filepath.Base(corpus)
				o.Corpus, err = text.Open(ctx, corpus, text.Options{MinCount: o.Words.MinCount})
			} else {
				o.CorpusName, o.Words.MinCount = kjv.Name, demoWordCount
				o.Corpus, err = kjv.Read(ctx, text.Options{MinCount: o.Words.MinCount})
			}
			if err != nil {
				return err
			}
			s, err := report.WriteSources(ctx, out, o)
			if err != nil {
				return err
			}
			if err := src.listBad(set, out); err != nil {
				return err
			}
			return a.emit(&sourcesPage{s})
		}),
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "`FOLDER` to write sources.html and its pictures to")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.StringVar(&corpus, "text", "", "`FILE` of text that words are learned from, a document a line")
	src.flags(a, c)
	return c
}

// sourcesPage is what explain sources reports.
type sourcesPage struct{ *report.Sources }

func (s *sourcesPage) print(w io.Writer) {
	fmt.Fprintf(w, "page\t%s, with %s, %s\n", s.Page, plural.Of(s.Pictures, "picture"), size(s.Bytes))
	for _, l := range []struct {
		name, unit string
		of         sources.Learned
	}{{"torus", "point", s.Torus}, {"moving shape", "frame", s.Shape}, {"patches", "patch", s.Patches}, {"words", "word", s.Words}} {
		unmet := ""
		if o := objectiveOf(l.of.VICReg); o.Unmet != "" {
			unmet = "; the check does not hold: " + o.Unmet
		}
		fmt.Fprintf(w, "%s\t%s, %s, invariance %.6g, sum of eigenvalues %.6g%s\n",
			l.name, numberOf(int(l.of.Units), l.unit), numberOf(l.of.Atoms, "atom"), l.of.VICReg.Invariance, l.of.VICReg.EigenvalueSum, unmet)
	}
	for j, name := range shapes.Names {
		fmt.Fprintf(w, "%s of the shape\tR² %.3f, on sequences held out\n", name, s.ShapeR2[j])
	}
}
