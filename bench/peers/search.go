package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/knn"
)

// mostSeconds is what a search of the whole index may take.
const mostSeconds = 0.010

// inIndex compares the search of an index file, one query after the other, with faiss. Both sides search the values that
// the file has, rounded to halves, and no flips, which faiss has not. Beside them an index is searched that has the flips
// too, as smt index writes it.
func inIndex(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("search")
	if err != nil {
		return nil, err
	}
	defer remove()
	rows, err := b.rows(ctx)
	if err != nil {
		return nil, err
	}
	plain, flipped := searching{even: -1}, searching{even: rows.even}
	for name, s := range map[string]*searching{"plain": &plain, "flipped": &flipped} {
		if s.index, err = indexOf(filepath.Join(dir, name), rows, s.even); err != nil {
			return nil, err
		}
		defer s.index.Close()
		s.queries, s.found = rows.queries, make([][]knn.Neighbour, b.asked)
	}
	err = errors.Join(
		save(dir, "queries", rows.queries, b.asked, rows.dim),
		save(dir, "bank", rows.bank, b.indexed, rows.dim),
		save(dir, "k", []int64{nearest}, 1))
	if err != nil {
		return nil, err
	}
	best, note, err := b.against(ctx, "search", dir, b.rounds,
		timed(func() error { return plain.run(ctx) }), timed(func() error { return flipped.run(ctx) }))
	if err != nil {
		return nil, err
	}
	if err := sameAsPeer(dir, plain.found); err != nil {
		return nil, err
	}
	progress("search: the neighbours of %d queries agree, all of them", b.asked)
	processor, err := load[float64](dir, "processor", 1)
	if err != nil {
		return nil, err
	}
	n := float64(b.asked)
	of := fmt.Sprintf("%d of %d × %d", nearest, b.indexed, rows.dim)
	results := []Result{seconds("search", best[0]/n, best[2]/n, 1, fmt.Sprintf("a query, %s, %s; faiss %s", of, rows.source, note))}
	if plain.processor > 0 {
		results = append(results, seconds("search-processor", plain.processor/n, processor[0]/n, 1, "the same, time of all processors"))
	}
	return append(results, seconds("search-flips", best[1]/n, mostSeconds, 1, fmt.Sprintf("a query, %s and their flips; the peer is the bound", of))), nil
}

// searching is the search of an index.
type searching struct {
	index     *index.Index
	even      int // values that flips keep, -1 for no flips
	queries   []float32
	found     [][]knn.Neighbour
	processor float64 // the least processor time of a run, in seconds, 0 where it is not known
}

func (s *searching) run(ctx context.Context) error {
	began := processorTime()
	dim := s.index.Dim()
	for q := range s.found {
		one, err := s.index.Search(ctx, s.queries[q*dim:(q+1)*dim], nearest)
		if err != nil {
			return err
		}
		s.found[q] = one[0]
	}
	if took := processorTime() - began; s.processor == 0 || took < s.processor {
		s.processor = took
	}
	return nil
}

// numbered are items whose ids are their numbers.
type numbered int

func (n numbered) Len() int      { return int(n) }
func (numbered) ID(i int) string { return strconv.Itoa(i) }

// indexOf writes an index of the bank, and leaves in it what the file has.
func indexOf(path string, rows *rows, even int) (*index.Index, error) {
	models, err := smt.NewEnsemble(smt.Member{Model: rows.model, Weight: 1})
	if err != nil {
		return nil, err
	}
	bank, dim := rows.bank, rows.dim
	n := len(bank) / dim
	w, err := index.Create(path, index.Head{Models: models, Dim: dim, Even: even, Shape: rows.model.Record().Data.Shape}, numbered(n))
	if err != nil {
		return nil, err
	}
	for w.Done() < n && err == nil {
		first := w.Done()
		items := make([]index.NewItem, min(embedding.Block, n-first))
		for i := range items {
			items[i].ID = strconv.Itoa(first + i)
		}
		err = w.Write(bank[first*dim:(first+len(items))*dim], items)
	}
	if err == nil {
		err = w.Commit()
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, half.Size*dim)
	for i := range n {
		row := bank[i*dim : (i+1)*dim]
		half.Encode(b, row)
		half.Decode(row, b)
	}
	return index.Open(path)
}
