package vector

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
)

// someCoder is a coder for points, of so many atoms.
func someCoder(t testing.TB, p *Points, n int) *Coder {
	t.Helper()
	atoms, err := KMeans(t.Context(), p, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	coder, err := NewCoder(atoms, 5)
	if err != nil {
		t.Fatal(err)
	}
	return coder
}

// searched makes the source of points, and is told to end when so many neighbours are found, unless that is 0. It returns
// at how many it began to search.
func searched(t testing.TB, p *Points, coder *Coder, g Graph, path string, end int) (*Source, int, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := -1
	s, err := NewSource(ctx, p, coder, g, manifold.Run{Checkpoint: path, Progress: func(_ string, done, total int) {
		if first < 0 && done > 0 {
			first = done
		}
		if end > 0 && done >= end {
			cancel()
		}
		if done == total { // as if it had taken long enough for all of it to be worth writing
			time.Sleep(300 * time.Millisecond)
		}
	}})
	return s, first, err
}

// A search for neighbours that was ended goes on from those that were found, and makes the source that one makes that was
// not ended: in trees and in cells, of all points and of some.
func TestNeighboursGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute or more on the generic tier")
	}
	synctest.Test(t, func(t *testing.T) { // a search takes no time there
		defer func(least time.Duration) { pace.Least = least }(pace.Least)
		roll, _ := swissRoll(ExactPoints+1000, 7)
		for name, c := range map[string]struct {
			p *Points
			g Graph
		}{
			"tree":   {roll, Graph{Neighbours: 6}},
			"mutual": {roll, Graph{Neighbours: 6, Mutual: true}},
			"cells":  {cloud(ExactPoints+1000, 24, 2), Graph{Neighbours: 6}},
			"few":    {cloud(ExactPoints, 24, 3), Graph{Neighbours: 4}},
		} {
			coder := someCoder(t, c.p, 100)
			want, _, err := searched(t, c.p, coder, c.g, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, least := range []time.Duration{0, time.Hour} { // written at every occasion, or at the end alone
				pace.Least = least
				path, n := filepath.Join(t.TempDir(), "part"), c.p.N()
				for _, end := range []int{n / 8, n / 3} {
					if _, _, err := searched(t, c.p, coder, c.g, path, end); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "are kept in "+path) {
						t.Fatalf("%s: error %v", name, err)
					}
				}
				got, first, err := searched(t, c.p, coder, c.g, path, 0)
				if err != nil {
					t.Fatal(err)
				}
				if first < n/3 {
					t.Errorf("%s: it went on at %d points, %d were found", name, first, n/3)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: another source", name)
				}
				known := &keptFinder{Run: manifold.Run{Checkpoint: path}, of: keptOf(c.p, coder, c.g.Neighbours), found: newNeighbours(n, c.g.Neighbours)}
				if err := known.resume(); err != nil {
					t.Fatal(err)
				}
				if all := !slices.Contains(known.found.Known, false); (name == "mutual" || name == "few") && !all {
					t.Errorf("%s: not all that was found is in the file", name)
				}
			}
		}
	})
}

// What is kept of others, or is no neighbours at all, is refused, and stays.
func TestKeptNeighboursRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a search takes no time there
		const k = 4
		p := cloud(600, 5, 7)
		coder := someCoder(t, p, 40)
		path := filepath.Join(t.TempDir(), "part")
		if _, _, err := searched(t, p, coder, Graph{Neighbours: k}, path, 0); err != nil {
			t.Fatal(err)
		}
		refused := func(says string, p *Points, coder *Coder, k int) {
			t.Helper()
			before, _ := os.ReadFile(path)
			if _, _, err := searched(t, p, coder, Graph{Neighbours: k}, path, 0); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want %q", err, says)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Errorf("the file was changed, which %s", says)
			}
		}
		moved := &Points{Dim: p.Dim, X: slices.Clone(p.X)}
		moved.X[500] += 0.001
		refused("is of other points: points_sha256 is ", moved, coder, k)
		refused("is of another configuration: neighbours is 4, not 5: run what", p, coder, k+1)
		refused("is of another configuration: atoms_sha256 is ", p, someCoder(t, p, 41), k)
		sparser, err := NewCoder(coder.atoms, 4)
		if err != nil {
			t.Fatal(err)
		}
		refused("is of another configuration: active is 5, not 4: run what", p, sparser, k)

		file := &keptFinder{Run: manifold.Run{Checkpoint: path}, of: keptOf(p, coder, k), found: newNeighbours(p.N(), k)}
		if err := file.resume(); err != nil {
			t.Fatal(err)
		}
		good, _ := os.ReadFile(path)
		put := func(known uint8, change func([]int32)) {
			t.Helper()
			index, all := slices.Clone(file.found.Index), slices.Repeat([]uint8{known}, p.N())
			change(index)
			err := safetensors.WriteFile(path, file.metadata(),
				[]safetensors.Tensor{safetensors.NewTensor("neighbours", index, p.N(), k), safetensors.NewTensor("known", all, p.N())})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, change := range []func([]int32){
			func(x []int32) { x[9] = int32(p.N()) }, func(x []int32) { x[9] = -1 }, func(x []int32) { x[5*k] = 5 }, func(x []int32) { x[5*k] = x[5*k+1] },
		} {
			put(1, change)
			refused("different other points", p, coder, k)
			put(0, change) // and is not looked at where nothing is said to be known
			if _, _, err := searched(t, p, coder, Graph{Neighbours: k}, path, 0); err != nil {
				t.Error(err)
			}
		}
		for _, b := range []string{string(good[:len(good)-9]), "neighbours", ""} {
			if err := os.WriteFile(path, []byte(b), 0o644); err != nil {
				t.Fatal(err)
			}
			refused("cannot be read", p, coder, k)
		}
	})
}

// Whatever a checkpoint has, it is refused or has neighbours that there can be.
func FuzzKeptNeighbours(f *testing.F) {
	const points, k = 9, 3
	path := filepath.Join(f.TempDir(), "part")
	n := newNeighbours(points, k)
	for i := range points {
		n.Known[i] = i%2 == 0
		for r := range k {
			n.of(i)[r] = int32((i + r + 1) % points)
		}
	}
	good := &keptFinder{Run: manifold.Run{Checkpoint: path}, of: map[string]string{"points_sha256": "these"}, found: n, pace: pace.Begin()}
	if err := good.save(); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "part")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		read := &keptFinder{Run: manifold.Run{Checkpoint: path}, of: map[string]string{"points_sha256": "these"}, found: newNeighbours(points, k)}
		if read.resume() != nil {
			return
		}
		for i, known := range read.found.Known {
			for _, j := range read.found.of(i) {
				if known && (j < 0 || j >= points || int(j) == i) {
					t.Errorf("point %d has the neighbour %d", i, j)
				}
			}
		}
	})
}
