package readout

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// held is a set in memory.
type held struct{ embedding.Vectors }

// clusters are n unit vectors around one of some centers, and which.
func clusters(rng *rand.Rand, n, dim, even, classes int, noise float64) (h held, labels []int) {
	h = held{embedding.Vectors{Width: dim, EvenWidth: even}}
	centers := make([][]float64, classes)
	for c := range centers {
		centers[c] = make([]float64, dim)
		for j := range dim {
			centers[c][j] = rng.NormFloat64() / math.Sqrt(float64(dim))
		}
	}
	for range n {
		c := rng.IntN(classes)
		x := make([]float32, dim)
		for j := range x {
			x[j] = float32(centers[c][j] + noise*rng.NormFloat64()/math.Sqrt(float64(dim)))
		}
		if even >= 0 && rng.IntN(2) == 0 { // its flip
			for j := even; j < dim; j++ {
				x[j] = -x[j]
			}
		}
		linalg.Unit(x)
		h.Rows, labels = append(h.Rows, x), append(labels, c)
	}
	return h, labels
}

func quiet(string, int, int) {}

// bank is a bank of clusters, some of them labelled, and queries.
func bank(t testing.TB, even int) (b *Bank, h held, labels []int, queries held, answers []int) {
	all, own := clusters(rand.New(rand.NewPCG(5, 6)), 700, 200, even, 3, 2)
	h, queries = held{embedding.Vectors{Rows: all.Rows[:600], Width: 200, EvenWidth: even}}, held{embedding.Vectors{Rows: all.Rows[600:], Width: 200, EvenWidth: even}}
	g, err := graph.New(t.Context(), h, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = NewBank(h, g, nil); err != nil {
		t.Fatal(err)
	}
	return b, h, own[:600], queries, own[600:]
}

// some leaves every third label.
func some(labels []int) []int {
	kept := slices.Clone(labels)
	for i := range kept {
		if i%3 > 0 {
			kept[i] = -1
		}
	}
	return kept
}

var names = []string{"a", "b", "c"}

// cosine is that of two rows of length 1, or of a and the flip of b where it can be told and is another.
func (h held) cosine(a, b int, flip bool) (sum float64, can bool) {
	for j, v := range h.Rows[a] {
		p := float64(v) * float64(h.Rows[b][j])
		if flip && j >= h.EvenWidth {
			p = -p
		}
		sum += p
	}
	return sum, !flip || h.EvenWidth >= 0 && h.EvenWidth < h.Width
}

// hubness is r of the last row, against all others.
func (h held) hubness(i int) (sum float64) {
	var all []float64
	for j := range h.Rows[:i] {
		for _, flip := range []bool{false, true} {
			if c, can := h.cosine(i, j, flip); can {
				all = append(all, c)
			}
		}
	}
	slices.Sort(all)
	for _, c := range all[len(all)-10:] {
		sum += c / 10
	}
	return sum
}

// cut makes the kernel that a method wants of some labels, with a cut, as a limit would have it of many more items.
func (b *Bank) cut(t testing.TB, labels []int, m Method) {
	c, err := b.Learn(t.Context(), labels, names, m)
	if err != nil {
		t.Fatal(err)
	}
	if c.plan.ridge {
		if err := b.cutOff(t.Context(), c, 0.05); err != nil {
			t.Fatal(err)
		}
	}
}
