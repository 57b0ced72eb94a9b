package judge

import (
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/judge/probe"
)

// Size is what the memory that judging takes depends on. Its methods estimate bytes, for
// programs to tell beforehand whether there is room.
type Size struct {
	Dim        int // values of an embedding
	Long       int // values that the models' own components shorten, 0 where they have none
	Models     int // that it is of: of several, each embedding is held twice
	Bank, Test int // items
	Flips      bool
	// Making is the bytes that making embeddings takes, 0 where they are read.
	Making float64
}

// Evaluate is what Evaluate takes. Flips of s say that they can be told, wanted or not.
func (s Size) Evaluate(p Protocol) float64 {
	finding, held := s.Components(p.Components)
	dim := s.Dim
	if p.Components > 0 {
		held += 4 * float64(blockRows*dim)
		dim = min(p.Components, s.Bank, dim)
	}
	rows := searchRows(max(1, s.Test), max(1, dim))
	if p.Hubs > 0 {
		rows = hubRows(dim, rows)
		held += 4*float64(min(p.Hubs, s.Bank))*float64(dim) + 5*float64(rows)*float64(dim)
	}
	held += 5*float64(s.Test)*float64(dim) + 16*float64(s.Test)*float64(p.K)
	// A block of the bank as floats, as bytes and as these are laid out.
	s.Dim = dim
	workers := float64(parallel.Workers(1 << 20))
	work := s.Block(rows) + 2*float64(rows)*float64(dim) + workers*2*96*4*float64(rows)
	return max(finding, held+s.Making+work)
}

// Components is what Components takes to find n of them, and what is held of them. Without
// any both are 0. Of embeddings whose flips can be told, even and odd values have components
// of their own.
func (s Size) Components(n int) (finding, held float64) {
	if n == 0 {
		return 0, 0
	}
	n = min(n, s.Bank, s.Dim)
	sample := min(s.Bank, sampleRows*n)
	rows := 4 * float64(sample) * float64(s.Dim)
	held = 4 * float64(n) * float64(s.Dim)
	span, others := float64(s.Dim), 0.0
	if s.Flips {
		span, others = span/2, held/2
	}
	// The Gram matrix or covariance, about two rows of the search for each component, and
	// the components, as the search has them and by their values. Of the second part there
	// are half as many, beside those of the first.
	side := min(float64(sample), span)
	searching := func(k float64) float64 {
		k = min(k, side)
		search := min(side, 2*k+256)
		return 4*side*side + max(4*search*(side+k)+4*k*side, 4*k*(side+span))
	}
	solving := max(searching(float64(n)), others+searching(float64(n)/2))
	// What making the sample took is garbage that may wait when the search begins.
	making := s.Making + s.Block(min(sample, embedding.SampleBlock))
	return rows + max(solving, making) + min(solving, making)/2, held
}

// Block is what n embeddings take: of several models both those of each and all in a row, of
// components also what they are made of.
func (s Size) Block(n int) float64 {
	long := 4 * float64(n) * float64(s.Long)
	if s.Models > 1 {
		n *= 2
	}
	return long + 4*float64(n)*float64(s.Dim)
}

// Probe is what Probe takes, for so many classes, with the components at hand that shorten
// embeddings to n values.
func (s Size) Probe(n, classes int) float64 {
	_, held := s.Components(n)
	return held + probe.Memory(s.Bank, n, classes) + 4*blockRows*float64(s.Dim+n)
}
