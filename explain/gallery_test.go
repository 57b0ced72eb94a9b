package explain

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/sparse"
)

// atomsOf is the gallery of a model's atoms.
func atomsOf(t *testing.T, m *smt.Model) *Gallery {
	t.Helper()
	g, err := NewGallery(t.Context(), m, m.Stages().Dictionary.Atoms)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// More patches than are coded at a time are coded as all at once.
func TestGalleryInBlocks(t *testing.T) {
	for _, name := range []string{"photographs", "soft"} {
		m := fitted(t, colour(120), variants()[name])
		x := m.Stages().Dictionary.Atoms
		for len(x) <= 2*galleryBlock*m.Stages().Transform.Dim() {
			x = append(x, x...)
		}
		g, err := NewGallery(t.Context(), m, x)
		if err != nil {
			t.Fatal(err)
		}
		want := Encode(m, x)
		if !slices.Equal(g.codes.Start, want.Start) || !slices.Equal(g.codes.Atom, want.Atom) || !slices.Equal(g.codes.Value, want.Value) {
			t.Errorf("%s: other codes", name)
		}
		beta := Embed(m, want)
		for i := range g.n {
			toUnit(row(beta, i, m.Config().Dims))
		}
		if !slices.Equal(g.Embeddings(), beta) {
			t.Errorf("%s: other embeddings", name)
		}
		usage := make([]int, m.Config().Atoms)
		for _, a := range want.Atom {
			usage[a]++
		}
		if !slices.Equal(g.Usage(), usage) {
			t.Errorf("%s: other usage", name)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	m := fitted(t, colour(120), small())
	if _, err := NewGallery(done, m, m.Stages().Dictionary.Atoms); !errors.Is(err, context.Canceled) {
		t.Errorf("after an end: %v", err)
	}
}

// Cosines in the three spaces, from the definitions in float64.
func TestGalleryCosines(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "nearest"} {
		m := fitted(t, colour(120), variants()[name])
		n, dim := m.Config().Atoms, m.Stages().Transform.Dim()
		g := atomsOf(t, m)
		im, err := ImageOf(colour(9), 1)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Read(m, im.Source(), 0, true)
		if err != nil {
			t.Fatal(err)
		}
		const at = 31
		x := r.Patches.X[at*r.Patches.Stride:][:dim]
		got := g.Cosines(x)
		// dense is a code as D values, from the cosines with all atoms.
		dense := func(x []float32) []float64 {
			code, best := make([]float64, n), 0
			c := func(a int) float64 { return dot(x, row(m.Stages().Dictionary.Atoms, a, dim)) }
			any := false
			for a := range n {
				if c(a) > c(best) {
					best = a
				}
				switch m.Config().Code {
				case sparse.General:
					if c(a) >= m.Config().Threshold {
						code[a], any = 1, true
					}
				case sparse.Soft:
					if v := math.Floor((c(a)-m.Config().Threshold)*sparse.SoftUnit + 0.5); v >= 1 {
						code[a], any = v/sparse.SoftUnit, true
					}
				}
			}
			if !any {
				code[best] = 1
			}
			return code
		}
		embed := func(code []float64) []float64 {
			beta := make([]float64, m.Config().Dims)
			for a, v := range code {
				for j, p := range m.Stages().Projection.Row(a) {
					beta[j] += v * float64(p)
				}
			}
			return beta
		}
		cos := func(a, b []float64) float64 { return dot(a, b) / norm(a) / norm(b) }
		mine := dense(x)
		for a := range n {
			other := dense(row(m.Stages().Dictionary.Atoms, a, dim))
			want := [Stages]float64{dot(x, row(m.Stages().Dictionary.Atoms, a, dim)), cos(mine, other), cos(embed(mine), embed(other))}
			for s := range Stages {
				if math.Abs(got[s][a]-want[s]) > 1e-5 {
					t.Fatalf("%s: %v cosine with atom %d is %g, want %g", name, Stage(s), a, got[s][a], want[s])
				}
			}
		}
	}
}

func TestJourney(t *testing.T) {
	m := fitted(t, colour(120), small())
	g := atomsOf(t, m)
	x := g.Vector(3)
	c := g.Cosines(x)
	j := g.Journey(x, 5, func(i int) bool { return i == 3 })
	for s := range Stages {
		order := make([]int, 0, g.Len()-1)
		for i := range g.Len() {
			if i != 3 {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int {
			if c[s][a] > c[s][b] {
				return -1
			}
			if c[s][a] < c[s][b] {
				return 1
			}
			return 0
		})
		for r, n := range j.Nearest[s] {
			if n.Index != order[r] || n.Ranks[s] != r || n.Cosines[s] != c[s][n.Index] {
				t.Errorf("%v neighbour %d is %+v, want atom %d", Stage(s), r, n, order[r])
			}
		}
		for _, far := range j.Nearest[(s+1)%Stages] {
			if order[far.Ranks[s]] != far.Index {
				t.Errorf("%v rank %d is atom %d, not %d", Stage(s), far.Ranks[s], order[far.Ranks[s]], far.Index)
			}
		}
	}
	if none := g.Journey(x, 5, func(int) bool { return true }); len(none.Nearest[Signal]) != 0 {
		t.Errorf("%d neighbours among none", len(none.Nearest[Signal]))
	}
}

func TestOverlap(t *testing.T) {
	m := fitted(t, colour(120), small())
	g := atomsOf(t, m)
	queries := []int{0, 9, 33}
	got := g.Overlap(queries, 4)
	for s := range Stages {
		for u := range Stages {
			var want float64
			for _, q := range queries {
				j := g.Journey(g.Vector(q), 4, func(i int) bool { return i == q })
				for _, a := range j.Nearest[s] {
					for _, b := range j.Nearest[u] {
						if a.Index == b.Index {
							want += 1.0 / 12
						}
					}
				}
			}
			if math.Abs(got[s][u]-want) > 1e-12 {
				t.Errorf("%v and %v share %g, want %g", Stage(s), Stage(u), got[s][u], want)
			}
		}
	}
}
