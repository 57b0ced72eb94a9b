package judge

import (
	"context"
	"fmt"
	"time"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

// Neighbours finds, for every query, the k items of the bank with the nearest embeddings;
// with flips, among the items of the bank and their flips. It holds the embeddings of the
// queries, 4·Dim bytes each, and streams the bank past them. report, if not nil, is told
// how far a stage has come.
func Neighbours(ctx context.Context, bank, queries embedding.Set, k int, flips bool, report func(stage string, done, total int)) (*knn.Searcher, error) {
	n, err := find(ctx, bank, queries, Protocol{K: k, Flips: flips}, report)
	if err != nil {
		return nil, err
	}
	return n.Searcher, nil
}

// neighbours are those that a protocol asks for.
type neighbours struct {
	*knn.Searcher
	protocol Protocol // as it was followed: a small bank has fewer neighbours and hubs
	bank     int      // items, flips counted

	embed, search time.Duration // time spent to get the embeddings, and to search them
	report        func(stage string, done, total int)
}

func find(ctx context.Context, bank, queries embedding.Set, p Protocol, report func(stage string, done, total int)) (*neighbours, error) {
	if bank.Len() == 0 || queries.Len() == 0 {
		return nil, fmt.Errorf("judge: %s in the bank and %s: want some of both", plural.Of(bank.Len(), "item"), plural.Of(queries.Len(), "query"))
	}
	if bank.Dim() != queries.Dim() || bank.Even() != queries.Even() {
		return nil, fmt.Errorf("judge: embeddings of the bank have %s, %d of them even, those of the queries %d and %d",
			plural.Of(bank.Dim(), "value"), bank.Even(), queries.Dim(), queries.Even())
	}
	if p.Hubs < 0 {
		return nil, fmt.Errorf("judge: hubs is %d: want at least 0 items", p.Hubs)
	}
	if p.Flips && bank.Even() < 0 {
		return nil, fmt.Errorf("judge: flips in the bank need a model fitted with flips")
	}
	if report == nil {
		report = func(string, int, int) {}
	}
	n := &neighbours{bank: bank.Len(), report: report}
	if p.Flips {
		n.bank *= 2
	}
	p.K, p.Hubs = min(p.K, n.bank), min(p.Hubs, bank.Len())
	n.protocol = p
	if p.Components != 0 {
		began := time.Now()
		c, err := Components(ctx, bank, p.Components, report)
		if err != nil {
			return nil, err
		}
		bank, queries = c.Of(bank), c.Of(queries)
		n.embed += time.Since(began)
	}
	split := bank.Dim()
	if p.Flips {
		split = bank.Even()
	}
	hubs, err := n.hubs(ctx, bank, split)
	if err != nil {
		return nil, err
	}
	if n.Searcher, err = knn.New(queries.Len(), bank.Dim(), split, p.K); err != nil {
		return nil, err
	}
	err = n.stream(ctx, "embedding test", queries, embedding.BlockRows(blockRows, queries.Dim()), &n.embed, func(block []float32, first int) error {
		dim := queries.Dim()
		parallel.For(len(block)/dim, func(_, i int) { n.SetQuery(first+i, block[i*dim:(i+1)*dim]) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return n, n.searchBank(ctx, bank, hubs, queries.Len())
}

func (n *neighbours) searchBank(ctx context.Context, bank embedding.Set, hubs *knn.Hubs, queries int) error {
	rows := searchRows(queries, bank.Dim())
	if hubs != nil {
		rows = hubRows(bank.Dim(), rows)
	}
	biases := make([]float32, rows)
	return n.stream(ctx, "searching bank", bank, rows, &n.search, func(block []float32, first int) error {
		if hubs != nil { // as the bank goes by, so that it is embedded once
			if err := hubs.Biases(block, first, biases); err != nil {
				return err
			}
		}
		n.SearchBiased(block, biases, first)
		return nil
	})
}

// hubs is what finds the biases of the items of a bank, with a sample of them that
// depends on their number alone: nil where the protocol asks for no correction.
func (n *neighbours) hubs(ctx context.Context, bank embedding.Set, split int) (*knn.Hubs, error) {
	if n.protocol.Hubs == 0 {
		return nil, nil
	}
	sample := knn.HubSample(bank.Len(), n.protocol.Hubs)
	h := knn.NewHubs(sample, bank.Dim(), split)
	err := n.stream(ctx, "sampling bank", bank.Pick(sample), embedding.BlockRows(blockRows, bank.Dim()), &n.embed, func(block []float32, first int) error {
		dim := bank.Dim()
		parallel.For(len(block)/dim, func(_, i int) { h.Set(first+i, block[i*dim:(i+1)*dim]) })
		return nil
	})
	return h, err
}

// stream calls use with the blocks of a set and the number of their first rows. It
// adds the time spent to get them to n.embed, and that to use them to using.
func (n *neighbours) stream(ctx context.Context, stage string, s embedding.Set, rows int, using *time.Duration, use func(block []float32, first int) error) error {
	last, first := time.Now(), 0
	lap := func(d *time.Duration) {
		now := time.Now()
		*d += now.Sub(last)
		last = now
	}
	n.report(stage, 0, s.Len())
	for block, err := range s.Blocks(ctx, rows) {
		if err != nil {
			return err
		}
		lap(&n.embed)
		if err := use(block, first); err != nil {
			return err
		}
		lap(using)
		first += len(block) / s.Dim()
		n.report(stage, first, s.Len())
	}
	return nil
}

// blockRows is the number of rows read at a time.
const blockRows = 384

// searchRows is the number of rows of dim values of a bank that are searched at a time.
func searchRows(queries, dim int) int {
	return min(embedding.BlockRows(blockRows, dim), knn.Rows(queries, dim))
}

// hubRows is searchRows where hubs are corrected: many, since each time the whole sample
// passes, but of bounded size.
func hubRows(dim, searchRows int) int {
	return min(max(embedding.BlockRows(blockRows, dim), min(2048, 32<<20/dim)), 8*searchRows)
}
