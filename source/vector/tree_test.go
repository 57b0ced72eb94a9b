package vector

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawPoints draws points, of which many are as far from others, and some equal.
func drawPoints(t *rapid.T, most int) *Points {
	n, dim := rapid.IntRange(9, most).Draw(t, "points"), rapid.IntRange(1, treeValues).Draw(t, "values")
	p := cloud(n, dim, rapid.Uint64().Draw(t, "seed"))
	if rapid.Bool().Draw(t, "on a grid") {
		for i, v := range p.X {
			p.X[i] = float32(math.Round(2 * float64(v)))
		}
	}
	return p
}

// The neighbours that a tree finds are those of the definition, in their order, of equal distances the lower number first.
func TestTreeIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoints(t, 400)
		k := rapid.IntRange(1, 8).Draw(t, "neighbours")
		found := all(t, newTree(p), p.N(), k)
		for i := range p.N() {
			for r, want := range slowNearest(p, i, k) {
				if got := found.of(i)[r]; got != want.index {
					t.Fatalf("neighbour %d of point %d is %d, want %d", r, i, got, want.index)
				}
			}
		}
	})
}

// The nearest of a bank too, whatever is asked for beside.
func TestNearestOfFewValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		queries, bank := drawPoints(t, 300), &Points{}
		bank.Dim = queries.Dim
		bank.X = slices.Clone(queries.X[:rapid.IntRange(3, queries.N()).Draw(t, "bank")*bank.Dim])
		for i := range bank.X {
			bank.X[i] += float32(i%3) - 1
		}
		k := rapid.IntRange(1, bank.N()).Draw(t, "k")
		found, err := nearest(context.Background(), queries, bank, k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range queries.N() {
			var want []near
			for j := range bank.N() {
				want = append(want, near{int32(j), square(queries.Row(i), bank.Row(j))})
			}
			slices.SortFunc(want, nearer)
			if !slices.Equal(found[i*k:][:k], want[:k]) {
				t.Fatalf("query %d: %v, want %v", i, found[i*k:][:k], want[:k])
			}
		}
	})
}

// A graph is in one piece by a part of its edges if it is by all; and if it is not, all are known.
func TestConnected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoints(t, 300)
		p, _ = p.Distinct()
		apart := rapid.Float32Range(0, 4).Draw(t, "apart")
		part := rapid.IntRange(0, p.N()).Draw(t, "points moved")
		for i := range part {
			p.X[i*p.Dim] += apart * float32(1+i%2)
		}
		k := rapid.IntRange(1, 4).Draw(t, "neighbours")
		if k >= p.N() {
			t.Skip("too few different points")
		}
		f := newTree(p)
		found := newNeighbours(p.N(), k)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "known"), 1))
		var some []int32
		for i := range p.N() {
			if rng.IntN(10) == 0 {
				some = append(some, int32(i))
			}
		}
		if err := f.find(context.Background(), some, found, quiet); err != nil {
			t.Fatal(err)
		}
		got, err := found.connected(context.Background(), f, quiet)
		if err != nil {
			t.Fatal(err)
		}
		c := &counted{edges: k}
		for i := range p.N() {
			c.centres = append(c.centres, int32(i))
		}
		c.units = c.centres
		graph, err := all(t, f, p.N(), k).topology(c, false)
		if err != nil {
			t.Fatal(err)
		}
		pieces := Pieces(graph)
		if want := len(pieces) == 1; got != want {
			t.Fatalf("in one piece: %v, and the pieces are %v", got, pieces)
		}
		if i := slices.Index(found.Known, false); !got && i >= 0 {
			t.Fatalf("in pieces, and neighbours of point %d are not known", i)
		}
	})
}

// What is counted of many points is about as rough, by edge, as all of them: the mean square of the difference of a smooth function.
func TestCountedIsLikeAll(t *testing.T) {
	p, sheet := swissRoll(ExactPoints+10_000, 5)
	const k = 10
	f := newTree(p)
	found := newNeighbours(p.N(), k)
	part, err := found.counted(context.Background(), f, false, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if len(part.centres) != centrePoints || part.edges != centreEdges || part.all || len(part.units) > p.N() {
		t.Fatalf("%d centres of %d edges counted, all: %v", len(part.centres), part.edges, part.all)
	}
	roughness := func(c *counted, n *Neighbours) float64 {
		sum, edges := 0.0, 0
		c.each(n, func(i, j int32) {
			d := math.Sin(float64(sheet.Row(int(i))[0])/9) - math.Sin(float64(sheet.Row(int(j))[0])/9)
			sum += d * d
			edges++
		})
		return sum / float64(edges)
	}
	whole := &counted{edges: k, units: part.units}
	for i := range p.N() {
		whole.centres = append(whole.centres, int32(i))
	}
	got, want := roughness(part, found), roughness(whole, all(t, f, p.N(), k))
	if math.Abs(got/want-1) > 0.03 { // a deviation of 60,000 squares is below 0.01
		t.Errorf("a smooth function changes by %.4g along what is counted, %.4g along all", got, want)
	}
	graph, err := found.topology(part, false)
	if err != nil {
		t.Fatal(err)
	}
	if n := Edges(graph); n > int64(centrePoints*centreEdges) || n < int64(centrePoints*centreEdges)*3/4 {
		t.Errorf("%d edges, want about %d", n, centrePoints*centreEdges)
	}
}
