package manifold

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
)

// dim is the number of values of a unit. Its flip has the two halves changed over.
const dim = 6

func swap() []int { return []int{3, 4, 5, 0, 1, 2} }

// units are groups of vectors, near the atoms of a dictionary.
type units struct {
	groups     [][]float32
	topologies []cooccur.Topology
	digest     string
}

func (u *units) Len() int                        { return len(u.groups) }
func (u *units) Topology(i int) cooccur.Topology { return u.topologies[i] }
func (u *units) Dim() int                        { return dim }
func (u *units) Symmetry() []int                 { return swap() }
func (u *units) Digest() string                  { return u.digest }

func (u *units) Open(i int, _ Group) (Group, error) { return vectors(u.groups[i]), nil }

// first are the first n groups.
func (u *units) first(n int) *units { return &units{u.groups[:n], u.topologies[:n], u.digest} }

// pick are the groups of the given numbers.
func (u *units) pick(which []int) *units {
	p := &units{digest: u.digest}
	for _, i := range which {
		p.groups, p.topologies = append(p.groups, u.groups[i]), append(p.topologies, u.topologies[i])
	}
	return p
}

type vectors []float32

func (v vectors) Read(first, last int, into *Units) error {
	into.Vectors.Pack(v[first*dim:last*dim], dim, into.Stride)
	return nil
}

// codes are the same units as ready codes.
type codes struct {
	*units
	coded []*sparse.Codes
}

func (c codes) Dim() int        { return 0 }
func (c codes) Symmetry() []int { return nil }

func (c codes) Open(i int, _ Group) (Group, error) { return ready{c.coded[i]}, nil }

type ready struct{ *sparse.Codes }

func (r ready) Read(first, last int, into *Units) error {
	for i := first; i < last; i++ {
		into.Codes.Atom = append(into.Codes.Atom, r.Row(i)...)
		if len(r.Value) > 0 {
			into.Codes.Value = append(into.Codes.Value, r.Value[r.Start[i]:r.Start[i+1]]...)
		}
		into.Codes.Start = append(into.Codes.Start, int32(len(into.Codes.Atom)))
	}
	return nil
}

// atoms is a dictionary that holds the flip of each of its atoms.
func atoms(rng *rand.Rand, n int) *dictionary.Dictionary {
	d := &dictionary.Dictionary{Dim: dim}
	for a := 0; a < n; a += 2 {
		x := make([]float32, dim)
		for k := range x {
			x[k] = float32(rng.NormFloat64())
		}
		linalg.Unit(x)
		d.Atoms = append(append(d.Atoms, x...), append(x[3:6:6], x[:3]...)...)
		d.Mirror = append(d.Mirror, uint16(a+1), uint16(a))
	}
	return d
}

// walks are groups of so many units each that change little from one to the next.
func walks(rng *rand.Rand, topologies ...cooccur.Topology) *units {
	u := &units{topologies: topologies, digest: "walks"}
	for _, t := range topologies {
		x, group := make([]float32, dim), []float32{}
		for i := range t.Units() {
			for k := range x {
				if i%7 == 0 {
					x[k] = 0
				}
				x[k] += float32(0.4 * rng.NormFloat64())
			}
			own := append([]float32(nil), x...)
			linalg.Unit(own)
			group = append(group, own...)
		}
		u.groups = append(u.groups, group)
	}
	return u
}

// ring is the graph of n units in a circle.
func ring(t testing.TB, n int) cooccur.Topology {
	lists := make([][]int32, n)
	for i := range lists {
		lists[i] = []int32{int32((i + 1) % n), int32((i + n - 1) % n)}
	}
	g, err := cooccur.NewNeighbours(lists)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// engine is an encoder and what it learns from.
type engine struct {
	*Encoder
	src *units
}

const groups = 40

// engines covers every kind of code, context, topology and statistics.
func engines(t testing.TB) map[string]engine {
	rng := rand.New(rand.NewPCG(5, 15))
	d := atoms(rng, 16)
	var grids, lines, clips, films, graphs []cooccur.Topology
	steps := cooccur.Steps{2}
	for i := range groups {
		grids = append(grids, cooccur.Grid{4, 5})
		lines = append(lines, cooccur.Grid{3 + i*i%17})
		clips = append(clips, cooccur.Grid{1 + i%3, 2 + i%2, 3})
		films = append(films, cooccur.Lattice{Grid: cooccur.Grid{5, 2, 3}, Steps: steps})
		graphs = append(graphs, ring(t, 4+i%9))
	}
	base := Config{Code: sparse.General, Threshold: 0.6, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Dims: 5, Skip: 1, Ridge: 1e-6, Seed: 1, About: `{"atoms":16}`}
	window := cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}
	all := map[string]engine{}
	for name, c := range map[string]struct {
		topologies []cooccur.Topology
		change     func(*Config)
	}{
		"whole grids":          {grids, func(c *Config) { c.Grid = cooccur.Grid{4, 5} }},
		"packed":               {grids, func(c *Config) { c.Grid, c.Packed = cooccur.Grid{4, 5}, true }},
		"packed lines":         {lines, func(c *Config) { c.Packed = true }},
		"soft grids":           {grids, func(c *Config) { c.Grid, c.Code = cooccur.Grid{4, 5}, sparse.Soft }},
		"whole lines":          {lines, func(*Config) {}},
		"windows of grids":     {grids, func(c *Config) { c.Grid, c.Context = cooccur.Grid{4, 5}, window }},
		"windows of lines":     {lines, func(c *Config) { c.Context = window }},
		"clips of one size":    {films, func(c *Config) { c.Grid, c.Steps, c.Context = cooccur.Grid{5, 2, 3}, steps, window }},
		"windows in time":      {films, func(c *Config) { c.Context = window }},
		"windows of clips":     {clips, func(c *Config) { c.Context = window }},
		"neighbours in graphs": {graphs, func(c *Config) { c.Context = window }},
		"second difference":    {graphs, func(c *Config) { c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 2, Difference: 2} }},
		"soft windows":         {clips, func(c *Config) { c.Context, c.Code = window, sparse.Soft }},
		"l1 grids":             {grids, func(c *Config) { c.Grid, c.Code, c.Threshold = cooccur.Grid{4, 5}, sparse.L1, 0.2 }},
		"l1 windows":           {clips, func(c *Config) { c.Context, c.Code, c.Threshold = window, sparse.L1, 0.2 }},
		"nearest":              {lines, func(c *Config) { c.Context, c.Code = window, sparse.Nearest }},
	} {
		cfg := base
		c.change(&cfg)
		src := walks(rng, c.topologies...)
		e, err := New(cfg, src, d)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = engine{e, src}
	}
	return all
}

// text is all of a solution, to the last bit.
func text(s *Solution) string { return fmt.Sprintf("%b %b %b %+v", s.Kept, s.Dropped, s.VICReg, s.Of) }
