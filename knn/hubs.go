package knn

import (
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

// In many dimensions some vectors of a bank are near to everything: hubs, which answer queries that they have
// nothing to do with. Cross-domain similarity local scaling (Conneau, Lample, Ranzato, Denoyer and Jégou, ICLR
// 2018) subtracts from each cosine how near the vector is on the whole:
//
//	score(q, b) = cos(q, b) − 0.7·r(b),   r(b) = the mean cosine of b to its 10 nearest.
//
// Conneau and others take r of the nearest queries, and half of it. Here r is of the nearest vectors of the bank
// itself, so that a query's answer depends on no other query. 0.7 did better than a half on images held out
// ("Hub correction from the bank" in docs/research).

// hubNearest is the number of neighbours that r is the mean cosine to.
const hubNearest = 10

// HubShare is the part of r that is subtracted from a cosine.
const HubShare = 0.7

// hubSeed chooses the sample of a bank. Others choose by other seeds.
const hubSeed = 4

// HubSample is the indices of n vectors of a bank of so many, or of all if there are fewer, for r to be estimated
// against. They depend on these numbers alone.
func HubSample(bank, n int) []int { return shuffle.Sample(bank, n, hubSeed) }

// Hubs estimates r against a sample of a bank.
type Hubs struct {
	dim, split int
	index      []int     // of each vector of the sample in the bank
	sample     []float32 // its vectors
	searcher   *Searcher // the queries are a block of the bank; used again for the next block
	rows       int       // queries of the searcher
}

// NewHubs returns an estimator whose sample is the vectors that have these indices in the bank. dim and split are
// those of the search: see New.
func NewHubs(index []int, dim, split int) *Hubs {
	return &Hubs{dim: dim, split: split, index: slices.Clone(index), sample: make([]float32, len(index)*dim)}
}

// Set makes x, scaled to unit length, vector i of the sample. Calls for different vectors may run at once.
func (h *Hubs) Set(i int, x []float32) {
	v := h.sample[i*h.dim : (i+1)*h.dim]
	copy(v, x)
	linalg.Unit(v)
}

// sampleBlock is the number of vectors of the sample that are searched at a time.
const sampleBlock = 384

// Biases writes 0.7·r of each vector of a block of the bank to bias, for SearchBiased. The block is unit vectors,
// rows × dim, that have the indices first, first+1, ….
func (h *Hubs) Biases(block []float32, first int, bias []float32) error {
	own := make([]int, len(block)/h.dim)
	for i := range own {
		own[i] = first + i
	}
	return h.BiasesOf(block, own, bias)
}

// BiasesOf is Biases of vectors that have the indices own, −1 for those that are not of the bank.
//
// With split < dim the flips of the sample count too. r of a vector is then also r of its flip, all cosines being
// the same. A vector does not count as a neighbour of itself, nor of its flip.
//
// Calls must not run at once. Blocks are best of one size, but for the last one.
func (h *Hubs) BiasesOf(block []float32, own []int, bias []float32) error {
	rows := len(block) / h.dim
	if rows == 0 {
		return nil
	}
	if h.searcher == nil || h.rows < rows {
		s, err := New(rows, h.dim, h.split, hubNearest+2) // two may be the vector and its flip
		if err != nil {
			return err
		}
		h.searcher, h.rows = s, rows
	}
	s := h.searcher
	s.Forget()
	parallel.For(rows, func(_, i int) { s.SetQuery(i, block[i*h.dim:(i+1)*h.dim]) })
	for at := 0; at < len(h.index); at += sampleBlock {
		end := min(len(h.index), at+sampleBlock)
		s.Search(h.sample[at*h.dim:end*h.dim], at)
	}
	for i := range rows {
		var sum float64
		n := 0
		for _, v := range s.Neighbours(i) {
			if h.index[v.Index] != own[i] && n < hubNearest {
				sum += float64(v.Cosine)
				n++
			}
		}
		bias[i] = float32(HubShare * sum / float64(max(1, n)))
	}
	return nil
}
