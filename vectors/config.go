package vectors

import (
	"cmp"
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/sparse"
)

// Config is how a model is fitted.
type Config struct {
	// Atoms is the size of the dictionary, no more than half the points. 0 is DefaultAtoms or, of few points, fewer.
	Atoms int `json:"atoms"`
	// Dictionary says what atoms are: points drawn at random (Exemplars) or centres (KMeans).
	Dictionary Dictionary `json:"dictionary"`
	// Active is the number of active atoms of a code. 0 is DefaultActive or, of fewer atoms, all but one.
	Active int `json:"active"`
	// Neighbours is the number of neighbours of a point, and Mutual whether two points are near
	// only if each is among the neighbours of the other.
	Neighbours int  `json:"neighbours"`
	Mutual     bool `json:"mutual"`
	// Pieces allows a graph in pieces, of which there are to be no more than Dims. Smooth is then Dims: how long ways
	// are from piece to piece is not known.
	Pieces bool `json:"pieces"`
	// Dims is the number of coordinates of an embedding, and Smooth of how many smooth ones, Laplacian eigenmaps, they
	// are made: as many are the embedding themselves. More are combined to coordinates whose distances
	// are those along the manifold, as far as they can be. 0 is as many, of a few
	// numbers, as keep most neighbours of a sample of the points, or Dims where the graph is in pieces.
	Dims   int `json:"dims"`
	Smooth int `json:"smooth"`
	// Ridge, times the mean of its diagonal, is added to the diagonal of V.
	Ridge float64 `json:"ridge"`
	// Seed decides all that is random: exemplars, and where k-means begins.
	Seed uint64 `json:"seed"`
}

// Dictionary is a kind of dictionary.
type Dictionary string

const (
	Exemplars Dictionary = "exemplars"
	KMeans    Dictionary = "kmeans"
)

const (
	// DefaultAtoms is the size of a dictionary where points are many.
	DefaultAtoms = 512
	// DefaultActive is the number of active atoms where atoms are enough.
	DefaultActive = 12
)

// Default is the configuration that the preset vectors is.
func Default() Config {
	return Config{Dictionary: KMeans, Active: DefaultActive, Neighbours: 10, Dims: 2, Ridge: 1e-6, Seed: 1}
}

// Validate reports what is wrong with c, whatever the points.
func (c Config) Validate() error {
	switch {
	case c.Atoms != 0 && (c.Atoms < 3 || c.Atoms > sparse.MaxAtoms):
		return fmt.Errorf("vectors: atoms is %d: want 3 to %d, or 0 for as many as suit the points", c.Atoms, sparse.MaxAtoms)
	case c.Dictionary != Exemplars && c.Dictionary != KMeans:
		return fmt.Errorf("vectors: dictionary is %q: want %q or %q", c.Dictionary, Exemplars, KMeans)
	case c.Active < 0 || c.Active > mostActive:
		return fmt.Errorf("vectors: active is %d: want 1 to %d atoms, or 0 for as many as suit them", c.Active, mostActive)
	case c.Neighbours < 1 || c.Neighbours > mostNeighbours:
		return fmt.Errorf("vectors: neighbours is %d: want 1 to %d", c.Neighbours, mostNeighbours)
	case c.Dims < 1 || c.Dims >= sparse.MaxAtoms:
		return fmt.Errorf("vectors: dims is %d: want 1 to %d", c.Dims, sparse.MaxAtoms-1)
	case c.Smooth != 0 && (c.Smooth < c.Dims || c.Smooth >= sparse.MaxAtoms):
		return fmt.Errorf("vectors: smooth is %d: want at least the %s (dims) and at most %d, or 0 for as many as suit the points", c.Smooth, plural.Of(c.Dims, "coordinate"), sparse.MaxAtoms-1)
	case !(c.Ridge >= 0 && c.Ridge < 1):
		return fmt.Errorf("vectors: ridge is %g: want 0 to 1", c.Ridge)
	}
	return nil
}

const (
	mostActive     = 256
	mostNeighbours = 1000
)

// of is c for so many different points.
func (c Config) of(points int) (Config, error) {
	c.Atoms = cmp.Or(c.Atoms, min(DefaultAtoms, points/2))
	c.Active = cmp.Or(c.Active, min(DefaultActive, c.Atoms-1))
	switch {
	case points < minPoints:
		return c, fmt.Errorf("vectors: %s: want at least %d", plural.Of(points, "different point"), minPoints)
	case c.Atoms > points/2:
		return c, fmt.Errorf("vectors: %s of %s: want at most half as many", plural.Of(c.Atoms, "atom"), plural.Of(points, "different point"))
	case c.Active >= c.Atoms:
		return c, fmt.Errorf("vectors: %s of %d: want fewer (--active)", plural.Of(c.Active, "active atom"), c.Atoms)
	case c.Neighbours >= points:
		return c, fmt.Errorf("vectors: %s of each of %s: want fewer", plural.Of(c.Neighbours, "neighbour"), plural.Of(points, "different point"))
	case max(c.Smooth, c.Dims) >= c.Atoms:
		return c, fmt.Errorf("vectors: %s of codes of %s, of which the constant is one: want fewer", plural.Of(max(c.Smooth, c.Dims), "smooth coordinate"), plural.Of(c.Atoms, "atom"))
	}
	return c, nil
}

// inPieces is c, as of makes it, for a graph in so many pieces. p pieces have p coordinates of eigenvalue 0. One is
// left out, the constant: the p−1 others tell pieces apart, and at least one is to say where in its piece a point is.
func (c Config) inPieces(pieces int) (Config, error) {
	if pieces < 2 {
		return c, nil
	}
	c.Smooth = cmp.Or(c.Smooth, c.Dims)
	switch {
	case c.Dims < pieces:
		return c, fmt.Errorf("vectors: %s (dims) of a graph in %s: want at least as many, as all but one of the pieces takes one", plural.Of(c.Dims, "coordinate"), plural.Of(pieces, "piece"))
	case c.Smooth > c.Dims:
		return c, fmt.Errorf("vectors: %s for %d (dims) of a graph in %s: want as many, as there are no ways from piece to piece to combine them by", plural.Of(c.Smooth, "smooth coordinate"), c.Dims, plural.Of(pieces, "piece"))
	}
	return c, nil
}

const minPoints = 16

func (c Config) graph() vector.Graph { return vector.Graph{Neighbours: c.Neighbours, Mutual: c.Mutual} }
