package sources

import (
	"context"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/words"
)

// Words is words of a text, with those that are nearest in the embedding.
type Words struct {
	Learned
	Lines   int
	Nearest []WordNeighbours
	Shown   []string        // the most frequent words but for the very first
	Places  []explain.Point // of each, by t-SNE of its embedding
}

// WordNeighbours is a word and those whose cosines to it are largest, nearest first.
type WordNeighbours struct {
	Word string
	Near []words.Neighbour
}

const (
	wordDims      = 50
	wordsShown    = 220
	wordsLeft     = 150 // the most frequent words are of grammar
	wordQuestions = 10
	wordNear      = 6
)

// NewWords learns from which words stand near one another.
func NewWords(ctx context.Context, corpus *text.Corpus, cfg words.Config, progress manifold.Progress) (*Words, error) {
	cfg.Dims = min(cfg.Dims, wordDims)
	m, err := words.Fit(ctx, corpus, cfg, manifold.Run{Progress: progress})
	if err != nil {
		return nil, err
	}
	d, all := m.Data(), m.Words()
	w := &Words{Learned: Learned{d.Kept, d.Words, m.Eigenvalues(), m.VICReg()}, Lines: d.Lines}
	first := min(wordsLeft, len(all)/4)
	w.Shown = all[first:min(len(all), first+wordsShown)]
	for k := range wordQuestions {
		word := w.Shown[k*len(w.Shown)/wordQuestions]
		near, err := m.Nearest(word, wordNear)
		if err != nil {
			return nil, err
		}
		w.Nearest = append(w.Nearest, WordNeighbours{word, near})
	}
	x := m.Vectors()[first*m.Dim() : (first+len(w.Shown))*m.Dim()]
	const perplexity = 15 // about so many neighbours count
	w.Places, err = explain.Plane(ctx, x, m.Dim(), perplexity, func(done, total int) { progress("map of words", done, total) })
	return w, err
}
