package vectors

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// tori are tori of n points each, copies of one another, far apart.
func tori(n, copies int) *vector.Points {
	first, all := torus(n, 11), &vector.Points{Dim: 3}
	for k := range copies {
		for i, v := range first.X {
			if i%3 == 0 {
				v += float32(100 * k)
			}
			all.X = append(all.X, v)
		}
	}
	return all
}

// Coordinates of a graph in pieces are the smooth ones themselves, of variance 1, whatever the default is for one in one
// piece; and the first of them, one fewer than pieces, are constant in each piece and tell it from all others.
func TestPiecesAreNotStraightened(t *testing.T) {
	const n, copies = 200, 3
	p := tori(n, copies)
	c := Default()
	c.Pieces, c.Dims = true, 4
	m := fit(t, p, c)
	if m.Config().Smooth != 4 {
		t.Errorf("%d smooth coordinates, want the 4", m.Config().Smooth)
	}
	x := embed(t, m, p)
	for d := range 4 {
		var sum, squares float64
		for i := range p.N() {
			v := float64(x[4*i+d])
			sum, squares = sum+v, squares+v*v
		}
		if v := squares/float64(p.N()) - sum*sum/float64(p.N()*p.N()); math.Abs(v-1) > 0.01 {
			t.Errorf("coordinate %d has the variance %g, want 1", d, v)
		}
	}
	at := func(i int) [2]float64 { return [2]float64{float64(x[4*i]), float64(x[4*i+1])} }
	for i := range p.N() {
		for k := range copies {
			from := at(k * n)
			if d := math.Hypot(at(i)[0]-from[0], at(i)[1]-from[1]); (d < 0.1) != (i/n == k) {
				t.Fatalf("point %d of piece %d is %g from piece %d", i, i/n, d, k)
			}
		}
	}
}

func TestPiecesRefused(t *testing.T) {
	for says, change := range map[string]func(*Config){
		"2 coordinates (dims) of a graph in 3 pieces":            func(c *Config) { c.Dims = 2 },
		"9 smooth coordinates for 3 (dims) of a graph in 3 piec": func(c *Config) { c.Dims, c.Smooth = 3, 9 },
	} {
		c := Default()
		c.Pieces = true
		change(&c)
		if _, err := Fit(context.Background(), tori(200, 3), c, manifold.Run{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// More pieces than are named are counted, with their points.
func TestManyPiecesAreSummedUp(t *testing.T) {
	const want = "is in 11 pieces, of 60, 60, 60, 60, 60, 60, 60, 60 points and 3 more of 180 together"
	if _, err := Fit(t.Context(), tori(60, 11), Default(), manifold.Run{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
}

// What a fit keeps is no obstacle to the next one after a graph in pieces was refused: it has to have other neighbours.
// Codes that another fit keeps beside it are not lost.
func TestRefusedPiecesKeepNothing(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	p := torus(400, 3)
	for i := range 100 {
		p.Row(i)[0] += 90
	}
	run := manifold.Run{Checkpoint: filepath.Join(t.TempDir(), "m.partial")}
	c := Default()
	var pieces *PiecesError
	if _, err := Fit(t.Context(), p, c, run); !errors.As(err, &pieces) {
		t.Fatalf("error %v", err)
	}
	if files := manifold.CheckpointFiles(run.Checkpoint); files != nil {
		t.Errorf("%v is left", files)
	}
	c.Neighbours++
	if _, err := Fit(t.Context(), p, c, run); !errors.As(err, &pieces) {
		t.Errorf("with more neighbours: error %v", err)
	}
	codes := run.Checkpoint + manifold.Codes
	if err := os.WriteFile(codes, []byte("of somebody else"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Pieces = true
	if _, err := Fit(t.Context(), p, c, run); err == nil || !strings.Contains(err.Error(), codes) {
		t.Errorf("beside codes of others: error %v", err)
	}
	if text, _ := os.ReadFile(codes); string(text) != "of somebody else" {
		t.Error("codes of others are lost")
	}
}

// A few points that are apart from many are not missed, though next to none of them is in the sample that is counted of points
// in one piece; and the pieces are told with all their points.
func TestFewPointsApartFromMany(t *testing.T) {
	const few = 14
	p := torus(vector.ExactPoints+5000, 13)
	if pieces := fit(t, p, Default()).Data().Pieces; len(pieces) != 1 || pieces[0] != p.N() {
		t.Errorf("pieces %v of a torus", pieces)
	}
	for i := range few {
		copy(p.Row(777*i+5), []float32{9, 9 + 0.01*float32(i), 9})
	}
	for range 2 { // as it is found, and with few points at the end, where no centre is
		var pieces *PiecesError
		if _, err := Fit(context.Background(), p, Default(), manifold.Run{}); !errors.As(err, &pieces) || !slices.Equal(pieces.Sizes, []int{p.N() - few, few}) {
			t.Errorf("pieces: %v", err)
		}
		slices.Reverse(p.X)
	}
	c := Default()
	c.Pieces = true
	if m := fit(t, p, c); !slices.Equal(m.Data().Pieces, []int{p.N() - few, few}) {
		t.Errorf("pieces %v", m.Data().Pieces)
	}
}

// Of many points the same comes out for any number of workers.
func TestManyPointsAndWorkers(t *testing.T) {
	p := torus(vector.ExactPoints+1000, 14)
	var first []float32
	for _, workers := range []int{1, 3} {
		before := runtime.GOMAXPROCS(workers)
		x := embed(t, fit(t, p, Default()), p)
		runtime.GOMAXPROCS(before)
		if first == nil {
			first = x
		} else if !slices.Equal(first, x) {
			t.Errorf("%d workers: other embeddings", workers)
		}
	}
}
