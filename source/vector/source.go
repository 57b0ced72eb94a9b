package vector

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// Graph is how points become a graph.
type Graph struct {
	Neighbours int  // of a point
	Mutual     bool // near are points each of which is among the nearest of the other
}

// Source is the points of a graph as units of the one group there is, with their codes. It is a
// manifold.Source.
type Source struct {
	codes  *sparse.Codes
	graph  *cooccur.Neighbours
	atoms  *AtomGraph
	digest string
	Recall float64 // of the neighbours: see Neighbours
}

// NewSource codes points, which are to be distinct, and finds their neighbours.
func NewSource(ctx context.Context, p *Points, coder *Coder, g Graph, progress manifold.Progress) (*Source, error) {
	n := p.N()
	if g.Neighbours < 1 || g.Neighbours >= n {
		return nil, fmt.Errorf("vector: %d neighbours of each of %d different points: want at least 1, and fewer than there are points", g.Neighbours, n)
	}
	codes, atoms, err := coder.encode(ctx, p)
	if err != nil {
		return nil, err
	}
	c, err := cellsFor(ctx, p, coder, atoms)
	if err != nil {
		return nil, err
	}
	found, err := c.neighbours(ctx, g.Neighbours, func(done, total int) {
		if progress != nil {
			progress("neighbours", done, total)
		}
	})
	if err != nil {
		return nil, err
	}
	graph, err := found.Topology(g.Mutual)
	if err != nil {
		return nil, err
	}
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "points of %d values, %d active atoms, graph %+v\n", p.Dim, coder.active, g)
	_ = binary.Write(h, binary.LittleEndian, coder.atoms.X)
	cell := make([]int32, n)
	for i := range cell {
		cell[i] = atoms[i*(coder.active+1)].index
	}
	return &Source{codes, graph, newAtomGraph(coder.atoms, graph, cell), hex.EncodeToString(h.Sum(nil)), found.Recall}, nil
}

// cellsFor are cells of cellPoints points, those of the atoms if these are few enough.
func cellsFor(ctx context.Context, p *Points, coder *Coder, atoms []near) (*cells, error) {
	centres, k := coder.atoms, coder.active+1
	if n := max(2, p.N()/cellPoints); centres.N() > n {
		var err error
		if centres, err = KMeans(ctx, p, n, 1); err != nil {
			return nil, err
		}
		if atoms, err = nearest(ctx, p, centres, 1); err != nil {
			return nil, err
		}
		k = 1
	}
	of := make([]int32, p.N())
	for i := range of {
		of[i] = atoms[i*k].index
	}
	return newCells(p, centres, of), nil
}

// Graph is the neighbours of each point.
func (s *Source) Graph() *cooccur.Neighbours { return s.graph }

// Atoms are those of the codes, joined where points are near.
func (s *Source) Atoms() *AtomGraph { return s.atoms }

// Means are those of the values of the atoms over all points.
func (s *Source) Means(atoms int) []float64 {
	means := make([]float64, atoms)
	for k, a := range s.codes.Atom {
		means[a] += float64(s.codes.Value[k])
	}
	for a := range means {
		means[a] /= sparse.SoftUnit * float64(s.codes.N())
	}
	return means
}

// Len is 1: all points are one group.
func (s *Source) Len() int { return 1 }

// Topology is the graph.
func (s *Source) Topology(int) cooccur.Topology { return s.graph }

// Dim is 0: units are ready codes.
func (s *Source) Dim() int { return 0 }

// Symmetry is none.
func (s *Source) Symmetry() []int { return nil }

// Digest is of the atoms and the graph's rules.
func (s *Source) Digest() string { return s.digest }

// Open begins to read the group.
func (s *Source) Open(int, manifold.Group) (manifold.Group, error) { return s, nil }

// Read appends the codes of some points.
func (s *Source) Read(first, last int, into *manifold.Units) error {
	c := s.codes
	from, to := c.Start[first], c.Start[last]
	part := sparse.Codes{Atom: c.Atom[from:to], Value: c.Value[from:to]}
	for _, start := range c.Start[first : last+1] {
		part.Start = append(part.Start, start-from)
	}
	into.Codes.Append(&part)
	return nil
}
