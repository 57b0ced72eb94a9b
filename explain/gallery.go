package explain

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

// Stage is a space that patches live in, one after another.
type Stage int

const (
	Signal    Stage = iota // whitened patches x
	Code                   // sparse codes φ
	Embedding              // β = Pφ
	Stages    = 3
)

func (s Stage) String() string { return []string{"signal", "code", "embedding"}[s] }

// Gallery is patches in all three spaces, to find neighbours in: the atoms of a
// model, which are patches themselves, or patches of images. It does not change
// and may be used from many goroutines.
type Gallery struct {
	m     *smt.Model
	n     int
	x     []float32 // n × dim, unit vectors
	codes *sparse.Codes
	beta  []float32 // n × d, unit vectors
	norm  []float64 // the length they had
}

// galleryBlock is the number of patches coded and embedded at a time.
const galleryBlock = 1024

// NewGallery codes and embeds whitened unit vectors, n × dim. It stops with ctx's
// error when that is done: 65,536 atoms among themselves take many seconds.
func NewGallery(ctx context.Context, m *smt.Model, x []float32) (*Gallery, error) {
	dim, d := m.Stages().Transform.Dim(), m.Config().Dims
	g := &Gallery{m: m, n: len(x) / dim, x: x, codes: &sparse.Codes{Start: []int32{0}}}
	g.beta = make([]float32, 0, g.n*d)
	for at := 0; at < g.n; at += galleryBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := Encode(m, x[at*dim:min(g.n, at+galleryBlock)*dim])
		g.beta = append(g.beta, Embed(m, c)...)
		for _, end := range c.Start[1:] {
			g.codes.Start = append(g.codes.Start, int32(len(g.codes.Atom))+end)
		}
		g.codes.Atom = append(g.codes.Atom, c.Atom...)
		g.codes.Value = append(g.codes.Value, c.Value...)
	}
	for i := range g.n {
		g.norm = append(g.norm, toUnit(row(g.beta, i, d)))
	}
	return g, nil
}

// Len is the number of patches.
func (g *Gallery) Len() int { return g.n }

// Usage is the number of patches that each atom is active in.
func (g *Gallery) Usage() []int {
	usage := make([]int, g.m.Config().Atoms)
	for _, a := range g.codes.Atom {
		usage[a]++
	}
	return usage
}

// Vector is the whitened patch i.
func (g *Gallery) Vector(i int) []float32 { return row(g.x, i, g.m.Stages().Transform.Dim()) }

// Embeddings are the unit embeddings β/‖β‖, n × d. They are not to be changed.
func (g *Gallery) Embeddings() []float32 { return g.beta }

// Near is a patch of a gallery near another.
type Near struct {
	Index   int             `json:"index"`
	Cosines [Stages]float64 `json:"cosines"`
	// Ranks counts the patches nearer in each space: 0 for the nearest.
	Ranks [Stages]int `json:"ranks"`
}

// Journey is the neighbourhood of a patch, stage by stage.
type Journey struct {
	// Nearest are its nearest patches in each space, nearest first.
	Nearest [Stages][]Near `json:"nearest"`
	// Active is the number of atoms in its code.
	Active int `json:"active"`
}

// Cosines are those of the whitened vector x with every patch, in each space.
func (g *Gallery) Cosines(x []float32) [Stages][]float64 {
	dim, d := g.m.Stages().Transform.Dim(), g.m.Config().Dims
	code := Encode(g.m, x)
	beta := Embed(g.m, code)
	toUnit(beta)
	phi := make([]float64, g.m.Config().Atoms)
	for k, a := range code.Atom {
		phi[a] = value(code, k)
	}
	toUnit(phi)
	var c [Stages][]float64
	for s := range c {
		c[s] = make([]float64, g.n)
	}
	for i := range g.n {
		c[Signal][i] = dot(x, row(g.x, i, dim))
		c[Embedding][i] = dot(beta, row(g.beta, i, d))
		var both, own float64
		for k := int(g.codes.Start[i]); k < int(g.codes.Start[i+1]); k++ {
			v := value(g.codes, k)
			both += v * phi[g.codes.Atom[k]]
			own += v * v
		}
		if own > 0 {
			c[Code][i] = both / math.Sqrt(own)
		}
	}
	return c
}

// value is entry k of the codes.
func value(c *sparse.Codes, k int) float64 {
	if len(c.Value) == 0 {
		return 1
	}
	return float64(c.Value[k]) / sparse.SoftUnit
}

// Journey finds the k nearest patches of x in each space. The patches for which
// skip is true are left out: nil leaves out none.
func (g *Gallery) Journey(x []float32, k int, skip func(i int) bool) *Journey {
	cosines := g.Cosines(x)
	j := &Journey{Active: len(Encode(g.m, x).Atom)}
	var orders [Stages][]int
	ranks := make([][Stages]int, g.n)
	for s, c := range cosines {
		for i := range g.n {
			if skip == nil || !skip(i) {
				orders[s] = append(orders[s], i)
			}
		}
		slices.SortFunc(orders[s], func(a, b int) int { return cmp.Or(cmp.Compare(c[b], c[a]), a-b) })
		for r, i := range orders[s] {
			ranks[i][s] = r
		}
	}
	for s, order := range orders {
		for _, i := range order[:min(k, len(order))] {
			j.Nearest[s] = append(j.Nearest[s], Near{i, [Stages]float64{cosines[0][i], cosines[1][i], cosines[2][i]}, ranks[i]})
		}
	}
	return j
}

// Overlap is the mean share of the k nearest patches that two spaces agree on,
// over the patches of the gallery with these numbers: Overlap[Signal][Code] and
// so on, symmetric with ones on the diagonal.
func (g *Gallery) Overlap(queries []int, k int) (share [Stages][Stages]float64) {
	parts := make([][Stages][Stages]float64, len(queries))
	parallel.For(len(queries), func(_, q int) {
		j := g.Journey(g.Vector(queries[q]), k, func(i int) bool { return i == queries[q] })
		for s := range Stages {
			for t := range Stages {
				both := 0
				for _, n := range j.Nearest[s] {
					if n.Ranks[t] < k {
						both++
					}
				}
				parts[q][s][t] = float64(both) / float64(max(1, len(j.Nearest[s])))
			}
		}
	})
	for _, p := range parts {
		for s := range Stages {
			for t := range Stages {
				share[s][t] += p[s][t] / float64(len(parts))
			}
		}
	}
	return share
}
