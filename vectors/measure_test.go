package vectors

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/source/vector"
)

// ranks are those of all points seen from each, in float64: the nearest other is 1.
func ranks(p *vector.Points) [][]int {
	all := make([][]int, p.N())
	for i := range all {
		order, squares := []int{}, make([]float64, p.N())
		for j := range p.N() {
			for c := range p.Dim {
				d := float64(p.Row(i)[c]) - float64(p.Row(j)[c])
				squares[j] += d * d
			}
			if j != i {
				order = append(order, j)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(squares[a], squares[b]), cmp.Compare(a, b)) })
		all[i] = make([]int, p.N())
		for r, j := range order {
			all[i][j] = r + 1
		}
	}
	return all
}

// slowTrust is trust from its definition, by ranks among points and embeddings, seen from the first so many.
func slowTrust(points, embedded [][]int, queries, k int) float64 {
	n, sum := len(points), 0
	for i := range queries {
		for j := range n {
			if j != i && embedded[i][j] <= k && points[i][j] > k {
				sum += points[i][j] - k
			}
		}
	}
	return 1 - 2*float64(sum)/float64(queries*k*(2*n-3*k-1))
}

func away(a, b Preserved) float64 {
	return max(math.Abs(a.Trust-b.Trust), math.Abs(a.Continuity-b.Continuity))
}

// Points on a lattice have whole squares, so float32 and float64 agree, ties too.
func TestMeasureIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(9, 150).Draw(t, "points")
		k := rapid.IntRange(1, (n-1)/2).Draw(t, "neighbours")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		draw := func(dim int) *vector.Points {
			p := &vector.Points{Dim: dim}
			for range n * dim {
				p.X = append(p.X, float32(rng.IntN(9)-4))
			}
			for c := range dim { // of mean 0
				sum := float32(0)
				for i := range n {
					sum += p.X[i*dim+c]
				}
				p.X[c] -= sum
			}
			return p
		}
		points, embedded := draw(rapid.IntRange(1, 5).Draw(t, "values")), draw(2)
		got, err := Measure(context.Background(), points, embedded, k)
		if err != nil {
			t.Fatal(err)
		}
		high, low := ranks(points), ranks(embedded)
		if want := (Preserved{slowTrust(high, low, n, k), slowTrust(low, high, n, k)}); away(got, want) > 1e-9 {
			t.Fatalf("%+v, want %+v", got, want)
		}
		queries := rapid.IntRange(1, n).Draw(t, "queries")
		seen := newSpace(points)
		if rapid.Bool().Draw(t, "kept") {
			seen.keep(queries)
		}
		if got, err = measure(context.Background(), [2]*space{seen, newSpace(embedded)}, queries, k); err != nil {
			t.Fatal(err)
		}
		if want := (Preserved{slowTrust(high, low, queries, k), slowTrust(low, high, queries, k)}); away(got, want) > 1e-9 {
			t.Fatalf("of %d queries %+v, want %+v", queries, got, want)
		}
	})
}

func TestMeasureOfItself(t *testing.T) {
	p := torus(300, 1)
	got, err := Measure(context.Background(), p, p, 10)
	if err != nil || got != (Preserved{1, 1}) {
		t.Errorf("%+v, %v: want 1 and 1", got, err)
	}
	if _, err := Measure(context.Background(), p, p, 150); err == nil {
		t.Error("half the points are neighbours, and no error")
	}
}
