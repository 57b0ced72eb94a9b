package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/source/text/grammar"
	"github.com/sparse-manifold/smt/words"
	"github.com/spf13/cobra"
)

// demoSentences are so many that every word comes up hundreds of times.
const demoSentences = 20_000

func (a *app) demoWords() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "words",
		Short: "Learn words from generated text, with no network and no file",
		Long: `Learn words from 20,000 sentences that a small grammar in this program writes: the mayor of Seattle
opened a new bridge, the teacher played the violin. No sentence has two cities, or two animals,
so that Seattle and Dallas never meet; they come out as near to each other as words are, because
what stands around them is alike. The text is no natural language: fit a corpus of your own for
that, or what smt data get text8 downloads.

The model is left in a folder, and a map of its words.`,
		Example: `  smt demo words
  smt nearest smt-demo-words/model.safetensors violin`,
		Args: args(),
		RunE: a.run(func(ctx context.Context, _ []string) error {
			const model, page = "model.safetensors", "map.html"
			if err := output.Check(within("--out", dir, nil, model, page), nil); err != nil {
				return err
			}
			cfg := words.Default()
			cfg.Dims, cfg.Context.Radius, cfg.Seed = 24, 3, a.seedOr(cfg.Seed)
			var written bytes.Buffer
			if err := grammar.Write(&written, demoSentences, cfg.Seed); err != nil {
				return err
			}
			began := time.Now()
			corpus, err := text.Read(ctx, &written, text.Options{MinCount: cfg.MinCount})
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
			r := &wordsDemonstration{Model: filepath.Join(dir, model), Map: filepath.Join(dir, page), Data: m.Data(), VICReg: m.VICReg(), Seconds: time.Since(began).Seconds()}
			if r.SeattleDallas, err = m.Cosine("seattle", "dallas"); err != nil {
				return err
			}
			for _, word := range []string{"seattle", "dallas", "horse", "violin", "danube"} {
				near, err := m.Nearest(word, 5)
				if err != nil {
					return err
				}
				r.Words = append(r.Words, nearWord{word, near})
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			mapped, _, err := chooseWords(m, nil, mostMapped, 0)
			if err != nil {
				return err
			}
			var cities []int
			for _, city := range grammar.Classes["city"] {
				if i, err := m.Number(city); err == nil {
					cities = append(cities, i)
				}
			}
			chart, err := a.drawWords(ctx, m, mapped, cities)
			if err != nil {
				return err
			}
			f, err := a.create(ctx, r.Map)
			if err != nil {
				return err
			}
			if err := writePage(f, chart); err != nil {
				return errors.Join(err, f.Abort())
			}
			if err := errors.Join(f.Commit(), m.Save(r.Model)); err != nil {
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
	Model string     `json:"model"`
	Map   string     `json:"map"`
	Data  words.Data `json:"data"`
	// SeattleDallas is the cosine of two words that were never in one sentence.
	SeattleDallas float64    `json:"seattle_dallas"`
	Words         []nearWord `json:"words"`
	Seconds       float64    `json:"fit_seconds"`
	Peak          int64      `json:"peak_rss_bytes"`
	manifold.VICReg
}

func (d *wordsDemonstration) print(w io.Writer) {
	fmt.Fprintf(w, "fitted on\t%s words in %s sentences of a small grammar, %s different\n", count(int(d.Data.Kept)), count(d.Data.Lines), count(d.Data.Words))
	fmt.Fprintf(w, "seattle, dallas\tin no sentence together, cosine %.2f\n", d.SeattleDallas)
	for _, word := range d.Words {
		fmt.Fprintf(w, "nearest to %s\t%s\n", word.Word, neighbours(word.Nearest))
	}
	printVICReg(w, d.VICReg)
	fmt.Fprintf(w, "time\tfit %s\n", seconds(d.Seconds))
	printPeak(w, d.Peak)
	fmt.Fprintf(w, "model\t%s\n", d.Model)
	fmt.Fprintf(w, "map\t%s   (open it in a browser)\n", d.Map)
}
