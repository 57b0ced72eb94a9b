package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/source/text/kjv"
	"github.com/sparse-manifold/smt/words"
)

// demoWordCount is how often a word of the demo comes up that is learned.
const demoWordCount = 20

// demoQuestions are the words whose neighbours the demo shows.
var demoQuestions = []string{"david", "jerusalem", "gold", "bread", "sword", "wife"}

func (a *app) demoWords() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "words",
		Short: "Learn words from a text, with no network and no file",
		Long: `Learn words from the King James Bible, which is part of this program: from which words stand
near one another in its 1,189 chapters. Gold and silver come out near, for one may stand where
the other does.

The model is left in a folder, and a map of its words.`,
		Example: `  smt demo words
  smt nearest smt-demo-words/model.safetensors wine`,
		Args: args(),
		RunE: a.run(func(ctx context.Context, _ []string) error {
			const model, page = "model.safetensors", "map.html"
			if err := output.Check(within("--out", dir, nil, model, page), nil); err != nil {
				return err
			}
			cfg := words.Default()
			cfg.MinCount, cfg.Seed = demoWordCount, a.seedOr(cfg.Seed)
			ours := func(path string) bool {
				m, err := words.Load(path)
				if err != nil {
					return false
				}
				c := m.Config()
				c.Seed = cfg.Seed // any
				return c == cfg
			}
			if err := demoFolder(dir, model, page, ours); err != nil {
				return err
			}
			began := time.Now()
			corpus, err := kjv.Read(ctx, text.Options{MinCount: cfg.MinCount})
			if err != nil {
				return err
			}
			p := a.newProgress()
			defer p.close()
			m, err := words.Fit(ctx, corpus, cfg, manifold.Run{Progress: p.report, Warn: p.warn})
			if err != nil {
				return err
			}
			p.close()
			r := &wordsDemonstration{Model: filepath.Join(dir, model), Map: filepath.Join(dir, page), Data: m.Data(), objective: objectiveOf(m.VICReg()), Seconds: time.Since(began).Seconds()}
			for _, word := range demoQuestions {
				near, err := m.Nearest(word, 5)
				if err != nil {
					return err
				}
				r.Words = append(r.Words, nearWord{word, near})
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := m.Save(r.Model); err != nil { // before the map, which takes as long as the fit
				return err
			}
			mapped, _, err := chooseWords(m, nil, mostMapped, 0)
			if err != nil {
				return err
			}
			var asked []int
			for _, word := range demoQuestions {
				if i, err := m.Number(word); err == nil {
					asked = append(asked, i)
				}
			}
			drawn, err := a.drawWords(ctx, m, mapped, asked)
			if err != nil {
				return err
			}
			f, err := a.create(ctx, r.Map)
			if err != nil {
				return err
			}
			if err := drawn.page(f); err != nil {
				return errors.Join(err, f.Abort())
			}
			if err := f.Commit(); err != nil {
				return err
			}
			r.Peak = memory.Peak()
			return a.emit(r)
		}),
	}
	c.Flags().StringVarP(&dir, "out", "o", "smt-demo-words", "`FOLDER` to write model.safetensors and map.html to")
	return c
}

type wordsDemonstration struct {
	Model   string     `json:"model"`
	Map     string     `json:"map"`
	Data    words.Data `json:"data"`
	Words   []nearWord `json:"words"`
	Seconds float64    `json:"fit_seconds"`
	Peak    int64      `json:"peak_rss_bytes"`
	objective
}

func (d *wordsDemonstration) print(w io.Writer) {
	fmt.Fprintf(w, "fitted on\t%s in %s of %s, %s different\n", numberOf(int(d.Data.Kept), "word"), numberOf(d.Data.Lines, "chapter"), kjv.Name, count(d.Data.Words))
	for _, word := range d.Words {
		fmt.Fprintf(w, "nearest to %s\t%s\n", word.Word, neighbours(word.Nearest))
	}
	d.objective.print(w)
	fmt.Fprintf(w, "time\tfit %s\n", seconds(d.Seconds))
	printPeak(w, d.Peak)
	fmt.Fprintf(w, "model\t%s\n", d.Model)
	fmt.Fprintf(w, "map\t%s   (open it in a browser)\n", d.Map)
}
