package cooccur

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn is a topology and, from its definition, which units are near which.
type drawn struct {
	topology Topology
	near     func(i, j, radius int) bool
}

// topologies draws groups of different sizes of one kind of topology.
func topologies(t *rapid.T) []drawn {
	kind := rapid.SampledFrom([]string{"line", "grid", "clip", "clip in time", "steps", "solid", "graph"}).Draw(t, "topology")
	var all []drawn
	for range rapid.IntRange(1, 6).Draw(t, "groups") {
		if kind == "graph" {
			all = append(all, graph(t))
			continue
		}
		all = append(all, lattice(t, kind))
	}
	return all
}

// lattice draws the sizes of a grid, and its steps.
func lattice(t *rapid.T, kind string) drawn {
	var l Lattice
	n := map[string]int{"line": 1, "grid": 2, "clip": 3, "clip in time": 3, "solid": 4}[kind]
	if kind == "steps" {
		n = rapid.IntRange(1, 4).Draw(t, "sizes")
	}
	var step Steps
	for k := range n {
		l.Grid[k], step[k] = rapid.IntRange(1, 5).Draw(t, "size"), 1
	}
	switch kind {
	case "clip in time":
		l.Steps, step = Steps{1}, Steps{1}
	case "steps":
		for k := range n {
			l.Steps[k] = rapid.IntRange(0, 3).Draw(t, "step")
		}
		l.Steps[rapid.IntRange(0, n-1).Draw(t, "one")] = 1
		step = l.Steps
	}
	near := func(i, j, radius int) bool {
		for k := n - 1; k >= 0; k-- { // along each of the sizes
			size, far := l.Grid[k], radius*step[k]
			if apart := i%size - j%size; apart > far || -apart > far {
				return false
			}
			i, j = i/size, j/size
		}
		return true
	}
	if l.Steps == (Steps{}) {
		return drawn{l.Grid, near}
	}
	return drawn{l, near}
}

// graph draws edges, and finds distances by all ways of one step more.
func graph(t *rapid.T) drawn {
	n := rapid.IntRange(1, 12).Draw(t, "units")
	lists, steps := make([][]int32, n), make([][]int, n)
	for i := range steps {
		steps[i] = make([]int, n)
		for j := range steps[i] {
			steps[i][j] = 1 << 20 // no way
		}
		steps[i][i] = 0
	}
	for range rapid.IntRange(0, 2*n).Draw(t, "edges") {
		i, j := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
		lists[i], lists[j] = append(lists[i], int32(j)), append(lists[j], int32(i))
		if i != j {
			steps[i][j], steps[j][i] = 1, 1
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				steps[i][j] = min(steps[i][j], steps[i][k]+steps[k][j])
			}
		}
	}
	g, err := NewNeighbours(lists)
	if err != nil {
		t.Fatal(err)
	}
	return drawn{g, func(i, j, radius int) bool { return steps[i][j] <= radius }}
}

// Spans have each near unit once, and no other, no more of them than MostNear and no
// further than Reach.
func TestTopologies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		radius := rapid.IntRange(1, 4).Draw(t, "radius")
		for _, d := range topologies(t) {
			for i := range d.topology.Units() {
				times, n := make([]int, d.topology.Units()), 0
				d.topology.Near(i, radius, func(from, to int) {
					for j := from; j < to; j++ {
						times[j]++
						n++
					}
				})
				for j, got := range times {
					want := 0
					if d.near(i, j, radius) {
						want = 1
						if apart := max(i-j, j-i); apart > d.topology.Reach(radius) {
							t.Fatalf("%v: units %d and %d are near and further than %d apart", d.topology, i, j, d.topology.Reach(radius))
						}
					}
					if got != want {
						t.Fatalf("%v: unit %d comes %d times near unit %d, radius %d: want %d", d.topology, j, got, i, radius, want)
					}
				}
				if n > d.topology.MostNear(radius) {
					t.Fatalf("%v: %d units are near unit %d, at most %d should be", d.topology, n, i, d.topology.MostNear(radius))
				}
			}
		}
	})
}

func TestNeighboursAreMutual(t *testing.T) {
	for says, lists := range map[string][][]int32{
		"unit 1 is a neighbour of unit 0, which": {{1}, {}},
		"units 0 to 3: want 0 to 2":              {{3}, {}, {}},
		"units -1 to 0: want 0 to 1":             {{-1}, {}},
	} {
		if _, err := NewNeighbours(lists); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// A group without a topology, or of another one than all groups have, is refused.
func TestTopologyIsChecked(t *testing.T) {
	code := randomCodes(rand.New(rand.NewPCG(1, 1)), 6, 4, 1)
	own, _ := NewDense(Origin{Context: Context{Kind: Whole, Difference: 2}, Atoms: 4, Denominator: 1})
	grid, _ := dense(Context{Kind: Whole, Difference: 2}, 4, 1, 2, 3)
	steps, _ := NewDense(Origin{Context: Context{Kind: Window, Radius: 1, Difference: 1}, Atoms: 4, Denominator: 1, Grid: Grid{2, 3}, Steps: Steps{1}})
	for says, c := range map[string]struct {
		s Statistics
		t Topology
	}{
		"has no topology":           {own, nil},
		"has 6 units, not 7":        {own, Grid{7}},
		"want a grid of 2 × 3":      {grid, Grid{3, 2}},
		"has the topology 6: want ": {grid, Grid{6}},
		"has the topology 2 × 3 in steps of 1 × 0: want a grid of 2 × 3": {grid, Lattice{Grid{2, 3}, Steps{1}}},
		"has the topology 2 × 3: want a grid of 2 × 3 in steps of 1 × 0": {steps, Grid{2, 3}},
	} {
		if _, err := c.s.Accumulate(context.Background(), []Group{{code, c.t}}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	if err := own.Add(grid); err == nil {
		t.Error("statistics of grids were added to those of other topologies")
	}
}
