package smt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/knn"
)

// Protocol is how a representation is judged by its nearest neighbours.
type Protocol struct {
	K           int     `json:"k"`           // neighbours that vote
	Temperature float64 `json:"temperature"` // a vote weighs exp(cosine/Temperature)
	Flips       bool    `json:"flips"`       // the bank holds the flip of every image too
}

// PaperProtocol is the paper's, for a model: k = 30, temperature 0.03, flips in
// the bank if the model was fitted with them.
func (m *Model) PaperProtocol() Protocol {
	return Protocol{K: 30, Temperature: 0.03, Flips: m.enc.cfg.Flips}
}

// Evaluation is the result of Evaluate.
type Evaluation struct {
	Top1 float64 `json:"top1"` // fraction of test images whose class has the most votes
	Top5 float64 `json:"top5"` // whose class is among the five with the most
	Protocol
	Bank int `json:"bank"` // images in the bank, flips counted
	Test int `json:"test"` // test images

	Embed  time.Duration `json:"-"` // time spent embedding
	Search time.Duration `json:"-"` // time spent on neighbours and votes
}

// Evaluate classifies the test images by their nearest neighbours among the
// labelled images of the bank.
func (m *Model) Evaluate(ctx context.Context, bank, test dataset.Source, p Protocol, list ...Option) (*Evaluation, error) {
	if bank.Classes() == nil || test.Classes() == nil {
		return nil, fmt.Errorf("smt: evaluate: the images have no labels")
	}
	if !slices.Equal(bank.Classes(), test.Classes()) {
		return nil, fmt.Errorf("smt: evaluate: the bank has classes %v, the test images %v", bank.Classes(), test.Classes())
	}
	if !(p.Temperature > 0) {
		return nil, fmt.Errorf("smt: evaluate: temperature %g: want a positive number", p.Temperature)
	}
	ev := &Evaluation{Protocol: p, Bank: bank.Len(), Test: test.Len()}
	if p.Flips {
		ev.Bank *= 2
	}
	found, err := m.neighbours(ctx, bank, test, p.K, p.Flips, apply(list), &ev.Embed, &ev.Search)
	if err != nil {
		return nil, err
	}
	for i := range test.Len() {
		ranking := knn.Vote(found.Neighbours(i), bank.Label, p.Temperature)
		if at := slices.Index(ranking, test.Label(i)); at == 0 {
			ev.Top1++
			ev.Top5++
		} else if at > 0 && at < 5 {
			ev.Top5++
		}
	}
	ev.Top1 /= float64(test.Len())
	ev.Top5 /= float64(test.Len())
	return ev, nil
}

// Neighbours finds, for every query image, the k images of the bank with the
// nearest embeddings; with flips, among the images of the bank and their flips.
// It holds the embeddings of the queries, 4·Dim bytes each, and streams the bank
// past them.
func (m *Model) Neighbours(ctx context.Context, bank, queries dataset.Source, k int, flips bool, list ...Option) (*knn.Searcher, error) {
	var embed, search time.Duration
	return m.neighbours(ctx, bank, queries, k, flips, apply(list), &embed, &search)
}

// evalBlock is the number of bank images searched at a time.
const evalBlock = 384

// neighbours is Neighbours; it adds the time spent to embed and search.
func (m *Model) neighbours(ctx context.Context, bank, queries dataset.Source, k int, flips bool, o options, embed, search *time.Duration) (*knn.Searcher, error) {
	if bank.Len() == 0 || queries.Len() == 0 {
		return nil, fmt.Errorf("smt: neighbours: %d bank images and %d queries: want some of both", bank.Len(), queries.Len())
	}
	if bank.Shape() != queries.Shape() {
		return nil, fmt.Errorf("smt: neighbours: bank images are %v, queries %v", bank.Shape(), queries.Shape())
	}
	if flips && m.parity == nil {
		return nil, fmt.Errorf("smt: neighbours: flips in the bank need a model fitted with flips")
	}
	shape := bank.Shape()
	if err := m.Check(shape); err != nil {
		return nil, err
	}
	dim := m.Dim(shape)
	split := dim
	if flips {
		split = m.evenDims(shape)
	}
	s, err := knn.New(queries.Len(), dim, split, k)
	if err != nil {
		return nil, err
	}
	// each calls f with each of the vectors of a block, flips made diagonal.
	rotated := make([][]float32, parallel.Workers(evalBlock))
	each := func(block []float32, f func(i int, x []float32)) {
		parallel.For(len(block)/dim, func(w, i int) {
			x := block[i*dim : (i+1)*dim]
			if flips {
				rotated[w] = fit(rotated[w], dim)
				m.evenOdd(x, shape, rotated[w])
				copy(x, rotated[w])
			}
			f(i, x)
		})
	}
	last := time.Now()
	lap := func(d *time.Duration) {
		now := time.Now()
		*d += now.Sub(last)
		last = now
	}
	first := 0
	for block, err := range m.embedBlocks(ctx, queries, o.renamed("embedding test"), evalBlock) {
		if err != nil {
			return nil, err
		}
		each(block, func(i int, x []float32) { s.SetQuery(first+i, x) })
		first += len(block) / dim
	}
	lap(embed)
	first = 0
	for block, err := range m.embedBlocks(ctx, bank, o.renamed("searching bank"), evalBlock) {
		if err != nil {
			return nil, err
		}
		lap(embed)
		each(block, func(_ int, x []float32) { knn.Scale(x) })
		s.Search(block, first)
		first += len(block) / dim
		lap(search)
	}
	lap(embed)
	return s, nil
}
