package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/words"
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
	r := &fittedWords{}
	r.Model = path
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
		if err != nil {
			return nil, fmt.Errorf("%s: %w", data, err)
		}
		r.FitSeconds = time.Since(began).Seconds()
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	r.take(m, bytes)
	r.model = m
	return r, nil
}

// fittedWords is what a fit to words came to.
type fittedWords struct {
	fittedModel[words.Config, words.Data]
	model *words.Model
}

func (r *fittedWords) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s\n", r.Model, size(r.ModelBytes))
	printCorpus(w, r.Data, r.Config)
	fmt.Fprintf(w, "dimensions\t%s\n", count(r.Config.Dims))
	r.printTail(w)
}

func printCorpus(w io.Writer, d words.Data, c words.Config) {
	fmt.Fprintf(w, "fitted on\t%s in %s, %s read\n", numberOf(int(d.Kept), "word"), numberOf(d.Lines, "line"), count(int(d.Read)))
	fmt.Fprintf(w, "vocabulary\t%s, of those that come up %s or more\n", numberOf(d.Words, "word"), numberOf(c.MinCount, "time"))
	if len(d.Apart) > 0 {
		fmt.Fprintf(w, "left out\t%s, sharing no context with the vocabulary: %s\n", numberOf(len(d.Apart), "word"), countedWords(d.Apart))
	}
}

// countedWords names the first of some words, with their counts.
func countedWords(all []words.Apart) string {
	const most = 8
	var texts []string
	for _, a := range all[:min(most, len(all))] {
		texts = append(texts, fmt.Sprintf("%s (%s)", a.Word, count(int(a.Count))))
	}
	text := strings.Join(texts, ", ")
	if n := len(all) - most; n > 0 {
		text += fmt.Sprintf(" and %s more", count(n))
	}
	return text
}

// infoWords tells what a model of words is.
func (a *app) infoWords(path string) error {
	m, err := words.Load(path)
	if err != nil {
		return err
	}
	i, err := infoOf(path, m)
	if err != nil {
		return err
	}
	return a.emit(&wordsInfo{i, m.Dim()})
}

type wordsInfo struct {
	infoModel[words.Config, words.Data]
	Dim int `json:"dim"` // values of a vector
}

func (i *wordsInfo) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s, of words\n", i.Model, size(i.ModelBytes))
	printCorpus(w, i.Data, i.Config)
	fmt.Fprintf(w, "vector\t%s a word\n", numberOf(i.Dim, "value"))
	i.printTail(w)
}
