package vector

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
)

// swissRoll is n points of a rolled sheet, and where they are on it.
func swissRoll(n int, seed uint64) (p *Points, sheet *Points) {
	rng := rand.New(rand.NewPCG(seed, 3))
	p, sheet = &Points{Dim: 3}, &Points{Dim: 2}
	for range n {
		t, y := 1.5*math.Pi*(1+2*rng.Float64()), 21*rng.Float64()
		p.X = append(p.X, float32(t*math.Cos(t)), float32(y), float32(t*math.Sin(t)))
		along := (t*math.Sqrt(1+t*t) + math.Asinh(t)) / 2
		sheet.X = append(sheet.X, float32(along), float32(y))
	}
	return p, sheet
}

// cloud is n normal points, far from the origin.
func cloud(n, dim int, seed uint64) *Points {
	rng := rand.New(rand.NewPCG(seed, 4))
	p := &Points{Dim: dim, X: make([]float32, n*dim)}
	for i := range p.X {
		p.X[i] = float32(1000 + rng.NormFloat64())
	}
	return p
}

// slowNearest are the k nearest other points, from the definition.
func slowNearest(p *Points, i, k int) (all []near) {
	for j := range p.N() {
		if j == i {
			continue
		}
		sum := 0.0
		for c := range p.Dim {
			d := float64(p.X[i*p.Dim+c]) - float64(p.X[j*p.Dim+c])
			sum += d * d
		}
		all = append(all, near{int32(j), sum})
	}
	slices.SortFunc(all, nearer)
	return all[:min(k, len(all))]
}

func cellsOf(t testing.TB, p *Points, atoms, k int) *cells {
	centres, err := KMeans(context.Background(), p, atoms, 1)
	if err != nil {
		t.Fatal(err)
	}
	of, err := nearest(context.Background(), p, centres, 1)
	if err != nil {
		t.Fatal(err)
	}
	own := make([]int32, len(of))
	for i, n := range of {
		own[i] = n.index
	}
	c, err := newCells(context.Background(), p, centres, own, k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// all are the neighbours of all points.
func all(t rapid.TB, f finder, points, k int) *Neighbours {
	n, which := newNeighbours(points, k), make([]int32, points)
	for i := range which {
		which[i] = int32(i)
	}
	if err := f.find(context.Background(), which, n, quiet); err != nil {
		t.Fatal(err)
	}
	return n
}

func quiet(int) {}

// With a factor of 1 the neighbours are those of the definition, whatever the cells. Squares may differ
// by what float32 has rounded of points far from the origin, who is among the last by as much.
func TestNeighboursAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, dim := rapid.IntRange(8, 120).Draw(t, "points"), rapid.IntRange(1, 20).Draw(t, "values")
		k := rapid.IntRange(1, 6).Draw(t, "neighbours")
		p := cloud(n, dim, rapid.Uint64().Draw(t, "seed"))
		atoms, err := KMeans(context.Background(), p, rapid.IntRange(2, 8).Draw(t, "atoms"), 1)
		if err != nil {
			t.Fatal(err)
		}
		of := make([]int32, n)
		for i := range of { // by the definition too
			for a := range atoms.N() {
				if square(p.Row(i), atoms.Row(a)) < square(p.Row(i), atoms.Row(int(of[i]))) {
					of[i] = int32(a)
				}
			}
		}
		c, err := newCells(context.Background(), p, atoms, of, k)
		if err != nil {
			t.Fatal(err)
		}
		found := all(t, c, n, k)
		for i := range n {
			for r, want := range slowNearest(p, i, k) {
				got := square(p.Row(i), p.Row(int(found.of(i)[r])))
				if math.Abs(got-want.square) > 1e-4*want.square+1e-9 {
					t.Fatalf("neighbour %d of point %d is at %g, want %g", r, i, got, want.square)
				}
			}
		}
	})
}

// A larger number of points is searched with a factor, and 0.99 of the neighbours are right.
func TestRecall(t *testing.T) {
	sheet, _ := swissRoll(ExactPoints+2000, 1)
	for name, p := range map[string]*Points{"roll": sheet, "cloud": cloud(ExactPoints+2000, 12, 2)} {
		const k = 10
		cells := cellsOf(t, p, 200, k)
		found := all(t, cells, p.N(), k)
		right, of := 0, 0
		for i := 0; i < p.N(); i += 97 {
			for _, want := range slowNearest(p, i, k) {
				of++
				if slices.Contains(found.Index[i*k:(i+1)*k], want.index) {
					right++
				}
			}
		}
		if recall := float64(right) / float64(of); recall < 0.99 || cells.recall() < recallWanted {
			t.Errorf("%s: %.4f of the neighbours are right, %.4f said: want 0.99", name, recall, cells.recall())
		}
	}
}

func TestGraphDoesNotDependOnWorkers(t *testing.T) {
	p, _ := swissRoll(ExactPoints+500, 3)
	var each []*Neighbours
	for _, workers := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(workers)
		each = append(each, all(t, cellsOf(t, p, 100, 8), p.N(), 8), all(t, newTree(p), p.N(), 8))
		runtime.GOMAXPROCS(before)
	}
	if !reflect.DeepEqual(each[:2], each[2:4]) || !reflect.DeepEqual(each[:2], each[4:]) {
		t.Error("the number of workers changes neighbours")
	}
}

// Both graphs have the edges of their definition, and pieces are found.
func TestTopology(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(5, 40).Draw(t, "points")
		p := cloud(n, 2, rapid.Uint64().Draw(t, "seed"))
		for i := range n / 2 { // a second heap
			p.X[2*i] += 100
		}
		k := rapid.IntRange(1, 2).Draw(t, "neighbours")
		found := newNeighbours(n, k)
		whole := &counted{edges: k}
		for i := range n {
			found.set(i, slowNearest(p, i, k))
			whole.centres = append(whole.centres, int32(i))
		}
		whole.units = whole.centres
		has := func(i, j int) bool { return slices.Contains(found.Index[i*k:(i+1)*k], int32(j)) }
		for _, mutual := range []bool{false, true} {
			g, err := found.topology(whole, mutual)
			if err != nil {
				t.Fatal(err)
			}
			piece := make([]int, n)
			for i := range piece {
				piece[i] = i
			}
			for i := range n {
				for j := range n {
					want := i == j || has(i, j) && has(j, i) || !mutual && (has(i, j) || has(j, i))
					if got := slices.Contains(g.Of(i), int32(j)); got != want {
						t.Fatalf("mutual %v: near %d, %d: %v, want %v", mutual, i, j, got, want)
					}
					if want && piece[i] != piece[j] {
						from, to := piece[i], piece[j]
						for q := range piece {
							if piece[q] == from {
								piece[q] = to
							}
						}
					}
				}
			}
			sizes := map[int]int{}
			for _, q := range piece {
				sizes[q]++
			}
			var want []int
			for _, s := range sizes {
				want = append(want, s)
			}
			slices.SortFunc(want, func(a, b int) int { return b - a })
			if got := Pieces(g); !slices.Equal(got, want) {
				t.Fatalf("pieces %v, want %v", got, want)
			}
			var _ cooccur.Topology = g
		}
	})
}

// Atoms are joined where near points are in the cells of both, and shortest ways are those of Floyd and Warshall.
func TestDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "atoms")
		atoms := cloud(n, 2, rapid.Uint64().Draw(t, "seed"))
		cell := rapid.SliceOfN(rapid.Int32Range(0, int32(n-1)), 1, 40).Draw(t, "cells")
		lists := make([][]int32, len(cell))
		ways := make([][]float64, n)
		for i := range ways {
			ways[i] = make([]float64, n)
			for j := range ways[i] {
				ways[i][j] = math.Inf(1)
			}
			ways[i][i] = 0
		}
		for range rapid.IntRange(0, 30).Draw(t, "edges") {
			i, j := rapid.IntRange(0, len(cell)-1).Draw(t, "from"), rapid.IntRange(0, len(cell)-1).Draw(t, "to")
			lists[i], lists[j] = append(lists[i], int32(j)), append(lists[j], int32(i))
			a, b := cell[i], cell[j]
			d := math.Sqrt(square(atoms.Row(int(a)), atoms.Row(int(b))))
			ways[a][b], ways[b][a] = d, d
		}
		for k := range n {
			for i := range n {
				for j := range n {
					ways[i][j] = min(ways[i][j], ways[i][k]+ways[k][j])
				}
			}
		}
		graph, err := cooccur.NewNeighbours(lists)
		if err != nil {
			t.Fatal(err)
		}
		g := newAtomGraph(atoms, graph, cell)
		for i := range n {
			for j, d := range g.Distances(i) {
				if d != ways[i][j] && math.Abs(d-ways[i][j]) > 1e-9 {
					t.Fatalf("from %d to %d: %g, want %g", i, j, d, ways[i][j])
				}
			}
		}
	})
}
