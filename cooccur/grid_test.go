package cooccur

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

// clips are statistics of clips of one size, in whose windows only time counts.
func clips(t testing.TB) *Dense {
	t.Helper()
	s, err := NewDense(Origin{Context: Context{Kind: Window, Radius: 2, Difference: 1}, Atoms: 7, Denominator: 1, Grid: Grid{5, 2, 3}, Steps: Steps{1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := accumulate(s, randomImages(rand.New(rand.NewPCG(3, 8)), 6, 30, 7)); err != nil {
		t.Fatal(err)
	}
	return s
}

// Grids that all groups have lead to the sums that groups with as many topologies lead to.
func TestDeclaredGrid(t *testing.T) {
	s := clips(t)
	o := s.Origin
	o.Grid, o.Steps = Grid{}, Steps{}
	own, err := NewDense(o)
	if err != nil {
		t.Fatal(err)
	}
	all := groups(randomImages(rand.New(rand.NewPCG(3, 8)), 6, 30, 7))
	for i := range all {
		all[i].Topology = Lattice{Grid{5, 2, 3}, Steps{1}}
	}
	if _, err := own.Accumulate(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.V, own.V) || !slices.Equal(s.M, own.M) || s.Pairs != own.Pairs || s.Inner != own.Inner || s.Pairs == 0 {
		t.Error("the sums differ")
	}
	if err := s.Add(own); err == nil {
		t.Error("statistics of topologies of their own were added to those of a grid")
	}
}

// Grids of any sizes, and steps, are in a file, and in one form only.
func TestGridInFiles(t *testing.T) {
	s := clips(t)
	file := fileOf(t, s)
	got, _, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil || got.Of() != s.Of() {
		t.Fatalf("read %v: %v", got, err)
	}
	for says, c := range map[string][2]string{
		"the grid is stated as":               {`\"grid\":[5,2,3]`, `\"grid\":[5,2,3,0]`},
		"stated as {Rows:2":                   {`\"grid_rows\":0,\"grid_cols\":0`, `\"grid_rows\":2,\"grid_cols\":0`},
		"stated as {Rows:0 Cols:0 Sizes:[30]": {`\"grid\":[5,2,3],\"steps\":[1,0,0]`, `\"grid\":[30],\"steps\":[1,0]`},
		"grid [5 -2 3 0] is out of range":     {`\"grid\":[5,2,3]`, `\"grid\":[5,-2,3]`},
		"grid [5 1073741824 3 0] is out":      {`\"grid\":[5,2,3]`, `\"grid\":[5,1073741824,3]`},
		"steps [-1 0 0 0] are out of range":   {`\"steps\":[1,`, `\"steps\":[-1,`},
		"steps [1 0 0 7] are out of range":    {`\"steps\":[1,0,0]`, `\"steps\":[1,0,0,7]`},
		"without a window on a grid":          {`\"grid\":[5,2,3],`, ``},
	} {
		b := safetensorstest.Older(t, file, c[0], c[1])
		if _, _, err := Read(bytes.NewReader(b), int64(len(b))); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// A radius and steps as large as there may be neither overflow nor leave the grid.
func TestLongSteps(t *testing.T) {
	l := Lattice{Grid{3, 4}, Steps{maxUnits, 1}}
	n := 0
	l.Near(5, maxUnits, func(from, to int) { n += to - from })
	if n != 12 || l.MostNear(maxUnits) != 12 || l.Reach(maxUnits) != 11 {
		t.Errorf("%d units near one, at most %d, within %d: want 12, 12 and 11", n, l.MostNear(maxUnits), l.Reach(maxUnits))
	}
}
