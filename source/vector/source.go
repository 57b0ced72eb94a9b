package vector

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// Graph is how points become a graph.
type Graph struct {
	Neighbours int  // of a point
	Mutual     bool // near are points each of which is among the nearest of the other
}

// Source is the points of a graph as units of the one group there is, with their codes. Of many points they are a
// part (doc.go, "Many points"). It is a manifold.Source.
type Source struct {
	codes  *sparse.Codes
	graph  *cooccur.Neighbours
	atoms  *AtomGraph
	digest string

	Recall float64 // of the neighbours: see Neighbours
	Pieces []int   // of the graph of all points, points of each, largest first
}

// NewSource finds neighbours of points, which are to be distinct, and codes those that are counted. Neighbours are what the checkpoint
// of run has.
func NewSource(ctx context.Context, p *Points, coder *Coder, g Graph, run manifold.Run) (*Source, error) {
	n := p.N()
	if g.Neighbours < 1 || g.Neighbours >= n {
		return nil, fmt.Errorf("vector: %s of each of %s: want at least 1, and fewer than there are points", plural.Of(g.Neighbours, "neighbour"), plural.Of(n, "different point"))
	}
	if p.Dim != coder.atoms.Dim {
		return nil, fmt.Errorf("vector: points of %s, atoms of %d: want as many", plural.Of(p.Dim, "value"), coder.atoms.Dim)
	}
	f, atoms, err := finderOf(ctx, p, coder, g.Neighbours)
	if err != nil {
		return nil, err
	}
	if f, err = kept(f, run, p, coder, g.Neighbours); err != nil {
		return nil, err
	}
	found := newNeighbours(n, g.Neighbours)
	found.Recall = f.recall()
	progress := run.Progress
	if progress == nil {
		progress = func(string, int, int) {}
	}
	known := 0
	counted, err := found.counted(ctx, f, g.Mutual, func(points int) {
		known += points
		progress("neighbours", known, n)
	})
	if err != nil {
		return nil, err
	}
	progress("neighbours", n, n)
	if k, is := f.(*keptFinder); is {
		k.rest()
	}
	graph, err := found.topology(counted, g.Mutual)
	if err != nil {
		return nil, err
	}
	s := &Source{graph: graph, Recall: found.Recall, Pieces: []int{n}}
	if counted.all {
		s.Pieces = Pieces(graph)
	}
	units := counted.units
	near, k := make([]near, 0), coder.active+1
	if atoms != nil {
		for _, i := range units {
			near = append(near, atoms[int(i)*k:][:k]...)
		}
	} else if near, err = nearest(ctx, p.pick(units), coder.atoms, k); err != nil {
		return nil, err
	}
	s.codes = coder.codes(near)
	cell := make([]int32, len(units))
	for u := range cell {
		cell[u] = near[u*k].index
	}
	s.atoms = newAtomGraph(coder.atoms, graph, cell)
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "points of %d values, %d active atoms, graph %+v\n", p.Dim, coder.active, g)
	_ = binary.Write(h, binary.LittleEndian, coder.atoms.X)
	s.digest = hex.EncodeToString(h.Sum(nil))
	return s, nil
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
