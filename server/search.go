package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/knn"
)

type searchAnswer struct {
	Image      string      `json:"image"`
	Bank       int         `json:"bank"` // images searched, flips counted
	Neighbours []neighbour `json:"neighbours"`
	// Votes are the classes by their share of the neighbours' votes, none without labels.
	Votes []vote `json:"votes"`
}

// neighbour is an image of the bank, or its flip where that is nearer: each image is
// one neighbour.
type neighbour struct {
	ID     string  `json:"id"`
	Item   string  `json:"item"`
	Class  string  `json:"class,omitempty"`
	Flip   bool    `json:"mirrored"` // it is the flip
	Cosine float64 `json:"cosine"`
	Vote   float64 `json:"vote"` // its share
}

type vote struct {
	Class string  `json:"class"`
	Share float64 `json:"share"`
}

const neighboursMost = 100

func (s *Server) neighbours(r *http.Request) (any, error) {
	im, err := s.named(r)
	if err != nil {
		return nil, err
	}
	k, err := between(r, "k", 1, neighboursMost, s.p.K)
	if err != nil {
		return nil, err
	}
	query, err := s.crop(r, im)
	if err != nil {
		return nil, err
	}
	found, err := s.search(r.Context(), query, k)
	if err != nil {
		return nil, err
	}
	a := searchAnswer{Image: im.id, Bank: s.images.Bank.Len(), Neighbours: []neighbour{}, Votes: []vote{}}
	if s.p.Flips {
		a.Bank *= 2
	}
	votes := judge.Vote(found, s.images.Bank.Label, s.p.Temperature)
	for i, n := range found {
		v := neighbour{ID: fmt.Sprintf("bank-%d", n.Index), Item: s.images.Bank.ID(n.Index), Class: dataset.ClassOf(s.images.Bank, n.Index), Flip: n.Flip,
			Cosine: float64(n.Cosine), Vote: votes.Shares[i]}
		if n.Flip {
			v.ID += "-flip"
		}
		a.Neighbours = append(a.Neighbours, v)
	}
	if classes := s.images.Bank.Classes(); classes != nil {
		for _, c := range votes.Classes {
			a.Votes = append(a.Votes, vote{classes[c.Class], c.Share})
		}
	}
	return a, nil
}

// search finds the k images of the bank that are nearest to an image, by themselves or,
// if the model knows flips, by their flip, whichever is nearer. The cosine with the flip
// of an image is that of the flip with the image, so both are searched for.
func (s *Server) search(ctx context.Context, im explain.Image, k int) ([]knn.Neighbour, error) {
	e, err := s.m.Whole().Embed(draw.Photo(im))
	if err != nil {
		return nil, err
	}
	queries := [][]float32{e}
	if s.p.Flips {
		flipped := make([]float32, len(e))
		s.m.Flip(s.shape, e, flipped)
		queries = append(queries, flipped)
	}
	k = min(k, s.bank.Len())
	searcher, err := knn.New(len(queries), len(e), len(e), k)
	if err != nil {
		return nil, err
	}
	for i, q := range queries {
		searcher.SetQuery(i, q)
	}
	if err := searcher.SearchBank(ctx, s.bank); err != nil {
		return nil, err
	}
	// The k nearest of both are among the k nearest of either.
	var found []knn.Neighbour
	for i := range queries {
		for _, n := range searcher.Neighbours(i) {
			n.Flip = i == 1
			found = append(found, n)
		}
	}
	slices.SortStableFunc(found, func(a, b knn.Neighbour) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), a.Index-b.Index)
	})
	seen := map[int]bool{}
	found = slices.DeleteFunc(found, func(n knn.Neighbour) bool {
		again := seen[n.Index]
		seen[n.Index] = true
		return again
	})
	return found[:k], nil
}
