package smt

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/knn"
)

// Protocol is how a representation is judged by its nearest neighbours.
type Protocol struct {
	K           int     `json:"k"`           // neighbours that vote
	Temperature float64 `json:"temperature"` // a vote weighs exp(cosine/Temperature)
	Flips       bool    `json:"flips"`       // the bank holds the flip of every image too
	// Hubs is the number of images of the bank that each of them is compared with,
	// so that those near to everything count as less near (knn.Hubs). 0, as in the
	// paper, is no such correction.
	Hubs int `json:"hubs,omitempty"`
	// Whiten is the number of principal components, of the bank's embeddings, that
	// embeddings are shortened to and whitened (embedding.Whitening). 0, as in the
	// paper, leaves them as they are.
	Whiten int `json:"whiten,omitempty"`
}

// PaperProtocol is the paper's, for a model: k = 30, temperature 0.03, flips in
// the bank if the model was fitted with them.
func (m *Model) PaperProtocol() Protocol { return m.alone().PaperProtocol() }

// Evaluation is the result of Evaluate. K and Hubs of its Protocol are those that were
// used: no more than the bank has.
type Evaluation struct {
	Top1 float64 `json:"top1"` // fraction of test images whose class has the most votes
	Top5 float64 `json:"top5"` // whose class is among the five with the most
	// Coarse is the fraction whose coarse class has the most votes, for images of
	// CIFAR-100, which have one too.
	Coarse *float64 `json:"coarse_top1,omitempty"`
	Protocol
	Bank int `json:"bank"` // images in the bank, flips counted
	Test int `json:"test"` // test images

	Embed  time.Duration `json:"-"` // time spent to get the embeddings
	Search time.Duration `json:"-"` // time spent on neighbours and votes
}

// Evaluate classifies the test images by their nearest neighbours among the
// labelled images of the bank.
func (m *Model) Evaluate(ctx context.Context, bank, test dataset.Source, p Protocol, list ...Option) (*Evaluation, error) {
	return m.alone().Evaluate(ctx, bank, test, p, list...)
}

// Neighbours finds, for every query image, the k images of the bank with the
// nearest embeddings; with flips, among the images of the bank and their flips.
// It holds the embeddings of the queries, 4·Dim bytes each, and streams the bank
// past them.
func (m *Model) Neighbours(ctx context.Context, bank, queries dataset.Source, k int, flips bool, list ...Option) (*knn.Searcher, error) {
	return m.alone().Neighbours(ctx, bank, queries, k, flips, list...)
}

// Embedded are images, for their labels, and their embeddings.
type Embedded struct {
	Images dataset.Source
	embedding.Set
}

func (e Embedded) check(what string) error {
	switch {
	case e.Images.Classes() == nil:
		return fmt.Errorf("smt: evaluate: the %s have no labels", what)
	case e.Images.Len() != e.Len():
		return fmt.Errorf("smt: evaluate: %d %s and %d embeddings", e.Images.Len(), what, e.Len())
	}
	return nil
}

// Evaluate is Model.Evaluate of embeddings, however they came about.
func Evaluate(ctx context.Context, bank, test Embedded, p Protocol, list ...Option) (*Evaluation, error) {
	if err := bank.check("bank images"); err != nil {
		return nil, err
	}
	if err := test.check("test images"); err != nil {
		return nil, err
	}
	if !slices.Equal(bank.Images.Classes(), test.Images.Classes()) {
		return nil, fmt.Errorf("smt: evaluate: the bank has classes %v, the test images %v", bank.Images.Classes(), test.Images.Classes())
	}
	if !(p.Temperature > 0) || math.IsInf(p.Temperature, 1) {
		return nil, fmt.Errorf("smt: evaluate: temperature is %g: want a positive number", p.Temperature)
	}
	if p.K < 1 {
		return nil, fmt.Errorf("smt: evaluate: k is %d: want at least 1 neighbour", p.K)
	}
	ev := &Evaluation{Bank: bank.Len(), Test: test.Len()}
	if p.Flips {
		ev.Bank *= 2
	}
	// A small bank has fewer neighbours and a smaller sample than are asked for: what is
	// reported is what voted.
	p.K, p.Hubs = min(p.K, ev.Bank), min(p.Hubs, bank.Len())
	ev.Protocol = p
	o := apply(list)
	if p.Whiten != 0 {
		began := time.Now()
		w, err := Whiten(ctx, bank.Set, p.Whiten, list...)
		if err != nil {
			return nil, err
		}
		bank.Set, test.Set = w.Of(bank.Set), w.Of(test.Set)
		ev.Embed += time.Since(began)
	}
	found, err := neighbours(ctx, bank.Set, test.Set, p, o, ev)
	if err != nil {
		return nil, err
	}
	ev.Top1, ev.Top5 = accuracy(found, bank.Images, test.Images, p.Temperature)
	if b, err := dataset.Coarse(bank.Images); err == nil { // an error says that there are no coarse classes
		t, err := dataset.Coarse(test.Images)
		if err != nil {
			return nil, err
		}
		coarse, _ := accuracy(found, b, t, p.Temperature)
		ev.Coarse = &coarse
	}
	return ev, nil
}

// accuracy is the fraction of test images whose class has the most votes, and of
// those whose class is among the five with the most.
func accuracy(found *knn.Searcher, bank, test dataset.Source, temperature float64) (top1, top5 float64) {
	for i := range test.Len() {
		ranking := knn.Vote(found.Neighbours(i), bank.Label, temperature)
		if at := slices.Index(ranking, test.Label(i)); at == 0 {
			top1++
			top5++
		} else if at > 0 && at < 5 {
			top5++
		}
	}
	return top1 / float64(test.Len()), top5 / float64(test.Len())
}

// Whiten finds the first n principal components of the embeddings of a bank, in a sample
// of it, as Evaluate does with Protocol.Whiten: Of the result is embeddings shortened to
// n values and whitened.
func Whiten(ctx context.Context, bank embedding.Set, n int, list ...Option) (*embedding.Whitening, error) {
	if n < 1 || n > min(bank.Len(), bank.Dim()) {
		return nil, fmt.Errorf("smt: whiten is %d: want 1 to %d components, of %d embeddings of %d values, or 0 for none",
			n, min(bank.Len(), bank.Dim()), bank.Len(), bank.Dim())
	}
	const seed = 5 // not the seeds that others choose images by
	o := apply(list).renamed("whitening")
	o.report("", 0, 1)
	w, err := embedding.Whiten(ctx, bank.Pick(dataset.Sample(bank.Len(), whitenRows*n, seed)), n, seed)
	if err != nil {
		return nil, err
	}
	o.report("", 1, 1)
	return w, nil
}

// whitenRows is the number of images for each component, so that variances are not those
// of chance.
const whitenRows = 4

// evalBlock is the number of bank images searched at a time.
const evalBlock = 384

// searchBlock is evalBlock, or fewer if so many would take more than a second or so to
// search, in which nothing can be interrupted.
func searchBlock(queries, dim int) int {
	products := 1 << 35
	switch {
	case simd.HasBytes():
		products <<= 1
	case simd.Tier() == "generic":
		products >>= 3
	}
	const panel = 64 // rows that kernels take at a time
	return min(blockOf(evalBlock, dim), max(panel, products/(queries*dim)))
}

// neighbours finds the nearest neighbours of the queries that a protocol asks for,
// and adds to ev the time it took.
func neighbours(ctx context.Context, bank, queries embedding.Set, p Protocol, o options, ev *Evaluation) (*knn.Searcher, error) {
	if bank.Len() == 0 || queries.Len() == 0 {
		return nil, fmt.Errorf("smt: neighbours: %d bank images and %d queries: want some of both", bank.Len(), queries.Len())
	}
	if bank.Dim() != queries.Dim() || bank.Even() != queries.Even() {
		return nil, fmt.Errorf("smt: neighbours: embeddings of the bank have %d values, %d of them even, those of the queries %d and %d",
			bank.Dim(), bank.Even(), queries.Dim(), queries.Even())
	}
	if p.Hubs < 0 {
		return nil, fmt.Errorf("smt: neighbours: hubs is %d: want at least 0 images", p.Hubs)
	}
	split := bank.Dim()
	if p.Flips {
		if split = bank.Even(); split < 0 {
			return nil, fmt.Errorf("smt: neighbours: flips in the bank need a model fitted with flips")
		}
	}
	h, err := hubs(ctx, bank, split, p.Hubs, o, ev)
	if err != nil {
		return nil, err
	}
	s, err := knn.New(queries.Len(), bank.Dim(), split, p.K)
	if err != nil {
		return nil, err
	}
	err = stream(ctx, queries, blockOf(evalBlock, queries.Dim()), o.renamed("embedding test"), &ev.Embed, &ev.Embed, func(block []float32, first int) error {
		dim := queries.Dim()
		parallel.For(len(block)/dim, func(_, i int) { s.SetQuery(first+i, block[i*dim:(i+1)*dim]) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows := searchBlock(queries.Len(), bank.Dim())
	if h != nil {
		rows = min(hubBlock(bank.Dim()), 8*rows)
	}
	biases := make([]float32, rows)
	return s, stream(ctx, bank, rows, o.renamed("searching bank"), &ev.Embed, &ev.Search, func(block []float32, first int) error {
		if h != nil { // as the bank goes by, so that it is embedded once
			if err := h.Biases(block, first, biases); err != nil {
				return err
			}
		}
		s.SearchBiased(block, biases, first)
		return nil
	})
}

// hubBlock is the number of bank images of dim values whose biases are computed at
// a time: many, since each time the whole sample passes, but of bounded size.
func hubBlock(dim int) int { return max(blockOf(evalBlock, dim), min(2048, 32<<20/dim)) }

// hubs is what finds the biases of the images of a bank, with a sample of n of them that
// depends on their number alone: nil for n = 0.
func hubs(ctx context.Context, bank embedding.Set, split, n int, o options, ev *Evaluation) (*knn.Hubs, error) {
	if n == 0 {
		return nil, nil
	}
	const seed = 4 // not the seeds that fitting chooses images by
	sample := dataset.Sample(bank.Len(), n, seed)
	h := knn.NewHubs(sample, bank.Dim(), split)
	err := stream(ctx, bank.Pick(sample), blockOf(evalBlock, bank.Dim()), o.renamed("sampling bank"), &ev.Embed, &ev.Embed, func(block []float32, first int) error {
		dim := bank.Dim()
		parallel.For(len(block)/dim, func(_, i int) { h.Set(first+i, block[i*dim:(i+1)*dim]) })
		return nil
	})
	return h, err
}

// stream calls use with the blocks of a set and the number of their first rows. It
// adds the time spent to get them, and to use them.
func stream(ctx context.Context, s embedding.Set, n int, o options, get, use *time.Duration, f func(block []float32, first int) error) error {
	last, first := time.Now(), 0
	lap := func(d *time.Duration) {
		now := time.Now()
		*d += now.Sub(last)
		last = now
	}
	o.report("", 0, s.Len())
	for block, err := range s.Blocks(ctx, n) {
		if err != nil {
			return err
		}
		lap(get)
		if err := f(block, first); err != nil {
			return err
		}
		lap(use)
		first += len(block) / s.Dim()
		o.report("", first, s.Len())
	}
	return nil
}
