package smt_test

import (
	"context"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/sparse"
)

// textures are small images of oriented stripes.
type textures = smttest.Textures

func colour(n int) textures { return smttest.Colour(n) }

func ofSize(n int, size dataset.Shape, seed uint64) textures {
	return textures{N: n, Size: size, Seed: seed}
}

// small is a configuration that fits in well under a second.
func small() smt.Config { return smttest.Small() }

// variants covers every choice a configuration offers.
func variants() map[string]smt.Config {
	all := smttest.Variants(small())
	for name, change := range map[string]func(*smt.Config){
		"learned":            func(c *smt.Config) { c.Dictionary, c.Code, c.Threshold = smt.Learned, sparse.L1, 0.2 },
		"k-means":            func(c *smt.Config) { c.Dictionary, c.Code = smt.KMeans, sparse.Nearest },
		"every second patch": func(c *smt.Config) { c.Step = 2 },
		"few images":         func(c *smt.Config) { c.Images = 40 },
	} {
		c := small()
		change(&c)
		all[name] = c
	}
	return all
}

// embedder is a model or an ensemble.
type embedder interface {
	Embeddings(src dataset.Source) (embedding.Set, error)
}

// labelled is embeddings of images and the images' labels.
func labelled(src dataset.Source, e embedding.Set) judge.Labelled {
	return judge.Labelled{Set: e, Labels: src, Coarse: dataset.Coarse(src)}
}

// evaluate judges the embeddings of images, those of test as queries, by all patches.
func evaluate(ctx context.Context, m embedder, bank, test dataset.Source, p judge.Protocol) (*judge.Evaluation, error) {
	b, err := m.Embeddings(bank)
	if err != nil {
		return nil, err
	}
	var queries embedder
	switch m := m.(type) {
	case *smt.Model:
		queries = m.Whole()
	case *smt.Ensemble:
		queries = m.Whole()
	}
	x, err := queries.Embeddings(test)
	if err != nil {
		return nil, err
	}
	return judge.Evaluate(ctx, labelled(bank, b), labelled(test, x), p, nil)
}

// flipTo writes to out the embedding of the flip of an image with embedding e.
func flipTo(m *smt.Model, e []float32, s dataset.Shape, out []float32) {
	rows, cols := m.Stages().Transform.Grid(s)
	m.Stages().Layout.Flip(e, rows, cols, out)
}
