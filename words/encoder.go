package words

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/sparse"
)

// Encoder counts the words of a vocabulary, and makes vectors of what was counted. It is immutable and safe
// for concurrent use.
//
// Fit is NewEncoder, Collect and Solve in a row, and knows besides how many words were read (Solve). Shards of a text are collected apart, each read with the same
// text.Options.Vocabulary, and their statistics added.
type Encoder struct {
	cfg    Config
	words  []string
	engine *manifold.Encoder
}

// NewEncoder is the encoder of a corpus. It depends on the vocabulary and c alone.
func NewEncoder(corpus *text.Corpus, c Config) (*Encoder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if corpus == nil || len(corpus.Words) == 0 {
		return nil, errors.New("words: the corpus has no words: want one that was read from text")
	}
	if n := len(corpus.Words); n < c.Skip+c.Dims {
		return nil, fmt.Errorf("words: the vocabulary has %s that came up %s or more, and dims and skip are %d and %d: want as many words as both at least: a smaller min-count, or fewer dims", plural.Of(n, "word"), plural.Of(c.MinCount, "time"), c.Dims, c.Skip)
	}
	e, err := manifold.NewOfCodes(manifold.Config{
		Code: sparse.Nearest, Context: c.Context, Sparse: true, Transform: c.Transform,
		Dims: c.Dims, Skip: c.Skip, Seed: c.Seed,
		Names: manifold.Names{Unit: "word", Units: "words", Groups: "lines"},
	}, corpus, len(corpus.Words))
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return &Encoder{c, corpus.Words, e}, nil
}

// Collect returns the statistics of the lines of a corpus, until ctx is done. progress may be nil.
func (e *Encoder) Collect(ctx context.Context, corpus *text.Corpus, progress manifold.Progress) (cooccur.Statistics, error) {
	if err := e.cfg.enough(corpus, memory.Available()); err != nil {
		return nil, err
	}
	return e.engine.Collect(ctx, corpus, progress)
}

// Solve makes a model of statistics. Of what was read the model knows what was counted alone: lines that have
// a word of the vocabulary, and those words. progress may be nil.
func (e *Encoder) Solve(ctx context.Context, s cooccur.Statistics, progress manifold.Progress) (*Model, error) {
	if err := e.engine.Check(s); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	counts := slices.Clone(s.(*cooccur.Sparse).V) // Check refuses any other kind
	if err := e.cfg.frequent(e.words, counts); err != nil {
		return nil, err
	}
	solution, err := e.engine.Solve(ctx, s, progress)
	if err != nil {
		return nil, newPiecesError(err, e.words)
	}
	return newModel(e, solution, counts, Data{Lines: int(solution.Of.Groups), Read: solution.Of.Coded}), nil
}

// frequent reports a word that comes up too rarely.
func (c Config) frequent(words []string, counts []int64) error {
	rarest := slices.Index(counts, slices.Min(counts))
	if counts[rarest] >= int64(c.MinCount) {
		return nil
	}
	return fmt.Errorf("words: %q comes up %s in the corpus, and min_count is %d: want a corpus that was read with it, or a smaller min_count", words[rarest], plural.Of(counts[rarest], "time"), c.MinCount)
}
