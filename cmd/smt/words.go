package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/words"
	"github.com/spf13/pflag"
)

// fitWords is how smt fit learns words from text.
func (a *app) fitWords(s *settings) kind {
	own := pflag.NewFlagSet("words", pflag.ContinueOnError)
	own.SortFlags = false
	var least int
	own.IntVar(&least, "min-count", words.Default().MinCount, "words that come up less often are left out")
	return kind{
		name: "words", endings: []string{".txt", ".tsv", ".txt.gz", ".tsv.gz"}, own: own,
		also: []string{"dims", "radius", "config"},
		fit: func(ctx context.Context, data, out string) (result, error) {
			cfg := words.Default()
			if s.file != "" {
				var err error
				if cfg, err = readConfig[words.Config](ctx, s.file); err != nil {
					return nil, err
				}
			}
			cfg.Seed = a.seedOr(cfg.Seed)
			if own.Lookup("min-count").Changed {
				cfg.MinCount = least
			}
			if s.fields.Lookup("dims").Changed {
				cfg.Dims = s.value.Dims
			}
			if s.fields.Lookup("radius").Changed {
				cfg.Context.Radius = s.value.Context.Radius
			}
			if err := cfg.Validate(); err != nil {
				return nil, s.flagged(own, "words", err)
			}
			return a.fitWordsTo(ctx, out, data, cfg)
		},
	}
}

// fitWordsTo reads a corpus, fits a model to it and saves it.
func (a *app) fitWordsTo(ctx context.Context, path, data string, cfg words.Config) (*fittedWords, error) {
	r := &fittedWords{Model: path, Config: cfg}
	m, bytes, err := fitAndSave(ctx, a, path, func(p *progress, kept string) (*words.Model, error) {
		began := time.Now()
		p.bytes = true
		corpus, err := text.Open(ctx, data, text.Options{MinCount: cfg.MinCount, Progress: func(done, total int64) { p.report64("reading", done, total) }})
		p.close()
		if err != nil {
			return nil, err
		}
		p.bytes = false
		r.ReadSeconds = time.Since(began).Seconds()
		m, err := words.Fit(ctx, corpus, cfg, manifold.Run{Progress: p.report, Warn: p.warn, Checkpoint: kept})
		r.FitSeconds = time.Since(began).Seconds()
		return m, err
	})
	if err != nil {
		return nil, err
	}
	r.ModelBytes, r.Data, r.VICReg, r.Peak, r.model = bytes, m.Data(), m.VICReg(), memory.Peak(), m
	return r, nil
}

// fittedWords is what a fit to words came to.
type fittedWords struct {
	Model       string       `json:"model"`
	ModelBytes  int64        `json:"model_bytes"`
	Data        words.Data   `json:"data"`
	ReadSeconds float64      `json:"read_seconds"` // of fit_seconds
	FitSeconds  float64      `json:"fit_seconds"`
	Peak        int64        `json:"peak_rss_bytes"`
	Config      words.Config `json:"config"`
	manifold.VICReg

	model *words.Model
}

func (r *fittedWords) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s\n", r.Model, size(r.ModelBytes))
	printCorpus(w, r.Data, r.Config)
	fmt.Fprintf(w, "dimensions\t%s\n", count(r.Config.Dims))
	printVICReg(w, r.VICReg)
	fmt.Fprintf(w, "time\tfit %s, of which reading %s\n", seconds(r.FitSeconds), seconds(r.ReadSeconds))
	printPeak(w, r.Peak)
}

func printCorpus(w io.Writer, d words.Data, c words.Config) {
	fmt.Fprintf(w, "fitted on\t%s words in %s lines, %s read\n", count(int(d.Kept)), count(d.Lines), count(int(d.Read)))
	fmt.Fprintf(w, "vocabulary\t%s words, which come up %s times or more\n", count(d.Words), count(c.MinCount))
}

// infoWords tells what a model of words is.
func (a *app) infoWords(path string) error {
	m, err := words.Load(path)
	if err != nil {
		return err
	}
	file, err := os.Stat(path)
	if err != nil {
		return err
	}
	return a.emit(&wordsInfo{path, file.Size(), m.Config(), m.Data(), m.Dim(), m.Eigenvalues(), m.VICReg()})
}

type wordsInfo struct {
	Model       string       `json:"model"`
	ModelBytes  int64        `json:"model_bytes"`
	Config      words.Config `json:"config"`
	Data        words.Data   `json:"data"`
	Dim         int          `json:"dim"` // values of a vector
	Eigenvalues []float64    `json:"eigenvalues"`
	manifold.VICReg
}

func (i *wordsInfo) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s, of words\n", i.Model, size(i.ModelBytes))
	printCorpus(w, i.Data, i.Config)
	fmt.Fprintf(w, "vector\t%s values a word\n", count(i.Dim))
	e := i.Eigenvalues
	fmt.Fprintf(w, "eigenvalues\t%s, from %.4g to %.4g, median %.4g\n", count(len(e)), e[0], e[len(e)-1], e[len(e)/2])
	printRecorded(w, i.VICReg)
	printConfig(w, i.Config)
}
