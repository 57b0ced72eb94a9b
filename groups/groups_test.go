package groups

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// held is a set in memory.
type held struct{ embedding.Vectors }

// clustered are items about so many random centers, and the center of each.
func clustered(rng *rand.Rand, sizes []int, dim int) (h held, center []int) {
	h.Width, h.EvenWidth = dim, -1
	for c, n := range sizes {
		middle := make([]float64, dim)
		for j := range middle {
			middle[j] = rng.NormFloat64()
		}
		for range n {
			x := make([]float32, dim)
			for j := range x {
				x[j] = float32(middle[j] + 0.6*rng.NormFloat64())
			}
			h.Rows, center = append(h.Rows, x), append(center, c)
		}
	}
	return h, center
}

func graphOf(t *testing.T, h held) *graph.Graph {
	g, err := graph.New(context.Background(), h, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestClustersAreFound(t *testing.T) {
	h, center := clustered(rand.New(rand.NewPCG(1, 1)), []int{50, 120, 80, 60, 90}, 40)
	g := graphOf(t, h)
	for _, k := range []int{5, 0} { // 0: as many as the modularity says
		found, err := Find(context.Background(), g, k, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := Agree(found.Of, center); a != (Agreement{1, 1, 1}) {
			t.Errorf("k %d: %d groups agree by %+v", k, len(found.Members), a)
		}
		if len(found.Members) != 5 || len(found.Members[0]) != 120 || center[found.Members[4][0]] != 0 {
			t.Errorf("k %d: groups are not in order of size", k)
		}
		again, err := Find(context.Background(), g, k, 1, nil)
		if err != nil || !slices.Equal(again.Of, found.Of) {
			t.Errorf("k %d: another run finds other groups, error %v", k, err)
		}
	}
}

// The most typical member has the largest sum of cosines to its group.
func TestMembersAreInOrder(t *testing.T) {
	h, _ := clustered(rand.New(rand.NewPCG(2, 1)), []int{40, 70}, 20)
	g := graphOf(t, h)
	found, err := Find(context.Background(), g, 3, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for group, members := range found.Members {
		last := math.Inf(1)
		for _, i := range members {
			if found.Of[i] != group {
				t.Fatalf("item %d is in two groups", i)
			}
			var sum float64
			to, weights := g.Edges(i)
			for e, j := range to {
				if found.Of[j] == group {
					sum += math.Cbrt(float64(weights[e]))
				}
			}
			if sum > last+1e-9 {
				t.Fatalf("item %d of group %d comes after a less typical one", i, group)
			}
			last = sum
		}
	}
}

// The eigenvalues are those of S in full, by gonum, and the vectors are its eigenvectors.
func TestEigenvectors(t *testing.T) {
	for _, n := range []int{30, 300} { // solved whole, and by steps
		h, _ := clustered(rand.New(rand.NewPCG(3, 1)), []int{n / 3, n / 3, n - 2*(n/3)}, 12)
		g := graphOf(t, h)
		s, degrees := mat.NewSymDense(n, nil), make([]float64, n)
		for i := range n {
			to, weights := g.Edges(i)
			for e, j := range to {
				w := math.Pow(float64(weights[e]), 1./3)
				degrees[i] += w
				s.SetSym(i, int(j), w)
			}
		}
		for i := range n {
			for j := range i + 1 {
				s.SetSym(i, j, s.At(i, j)/math.Sqrt(degrees[i]*degrees[j]))
			}
		}
		var all mat.EigenSym
		if !all.Factorize(s, false) {
			t.Fatal("gonum finds no eigenvalues")
		}
		want := all.Values(nil)
		slices.Reverse(want)
		const count = 8
		got, err := eigenvectors(context.Background(), newLinks(g).scaled(), count, 1, func(string, int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		for k := range count {
			if math.Abs(got.Values[k]-want[k]) > 1e-3 { // of steps that stop early
				t.Errorf("%d items: eigenvalue %d is %g, want %g", n, k, got.Values[k], want[k])
			}
			if v := got.Values[k]; v < -1 || v > 1 {
				t.Errorf("%d items: eigenvalue %d is %.12f, which S cannot have", n, k, v)
			}
			var rest float64
			for i := range n {
				var sum float64
				for j := range n {
					sum += s.At(i, j) * float64(got.Vectors.At(k, j))
				}
				d := sum - got.Values[k]*float64(got.Vectors.At(k, i))
				rest += d * d
			}
			if math.Sqrt(rest) > 0.03 {
				t.Errorf("%d items: vector %d leaves a residual of %g", n, k, math.Sqrt(rest))
			}
		}
	}
}

// Each point is with its nearest center, which is the mean of its points; and no worse than by any beginning of the definition.
func TestKmeansIsAtRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		n, dim := rapid.IntRange(2, 80).Draw(t, "points"), rapid.IntRange(1, 5).Draw(t, "dim")
		k := rapid.IntRange(1, min(n, 6)).Draw(t, "k")
		points := linalg.New(n, dim)
		for i := range n {
			for j := range dim {
				points.Row(i)[j] = float32(rng.IntN(6)) // equal points and ties
			}
		}
		of, err := kmeans(context.Background(), points, k, 1, func(int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		means, counts := make([][]float64, k), make([]float64, k)
		for c := range means {
			means[c] = make([]float64, dim)
		}
		for i, c := range of {
			counts[c]++
			for j, v := range points.Row(i) {
				means[c][j] += float64(v)
			}
		}
		for c := range means {
			for j := range dim {
				means[c][j] /= counts[c]
			}
		}
		for i, own := range of {
			square := func(c int) (sum float64) {
				for j, v := range points.Row(i) {
					sum += (float64(v) - means[c][j]) * (float64(v) - means[c][j])
				}
				return sum
			}
			for c := range k {
				if counts[c] > 0 && square(c) < square(own)-1e-4 {
					t.Fatalf("point %d has %g to its center, %g to another", i, square(own), square(c))
				}
			}
		}
	})
}

func TestGap(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   int
	}{
		{[]float64{1, 0.99, 0.98, 0.7, 0.69}, 3},
		{[]float64{1, 0.5, 0.45, 0.44}, 2}, // one group is no division
		{[]float64{1, 0.9}, 2},
		{nil, 2},
	} {
		if got := Gap(c.values); got != c.want {
			t.Errorf("of %v: %d groups, want %d", c.values, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	h, _ := clustered(rand.New(rand.NewPCG(5, 1)), []int{20, 20}, 8)
	g := graphOf(t, h)
	for _, k := range []int{-1, 1, 41} {
		if _, err := Find(context.Background(), g, k, 1, nil); err == nil {
			t.Errorf("%d groups are taken", k)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Find(ctx, g, 2, 1, nil); err == nil {
		t.Error("it goes on after its context")
	}
}

// Of many points some have the centers found, and every point goes to the nearest of them: groups that are apart are those of all points.
func TestSampledKmeans(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const k, n = 5, 3*sampled + 7
	points, want := linalg.New(n, 6), make([]int, n)
	for i := range n {
		want[i] = rng.IntN(k)
		for j := range points.Cols {
			points.Row(i)[j] = float32(rng.NormFloat64() / 20)
		}
		points.Row(i)[want[i]]++
	}
	of, err := sampledKmeans(t.Context(), points, k, 1)
	if err != nil {
		t.Fatal(err)
	}
	name := map[int]int{}
	for i, group := range of {
		if known, is := name[group]; is && known != want[i] {
			t.Fatalf("point %d of group %d is with those of group %d", i, want[i], known)
		}
		name[group] = want[i]
	}
	if len(name) != k {
		t.Errorf("%d groups, want %d", len(name), k)
	}
	few := points.Block(0, sampled, 0, points.Cols)
	a, err := sampledKmeans(t.Context(), few, k, 1)
	b, errAll := kmeans(t.Context(), few, k, 1, func(int, int) {})
	if err != nil || errAll != nil || !slices.Equal(a, b) {
		t.Errorf("of few points another division: %v, %v", err, errAll)
	}
}
