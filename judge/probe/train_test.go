package probe

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func train(t testing.TB, tr *Trainer, o Options) *Classifier {
	t.Helper()
	c, err := tr.Train(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Classifier) allScores(rows [][]float32) (all []float32) {
	for _, x := range rows {
		out := make([]float32, c.classes)
		c.Scores(x, out)
		all = append(all, out...)
	}
	return all
}

func TestWorkersAndOrderOfRowsDoNotMatter(t *testing.T) {
	// Large enough for several pieces of everything that workers share.
	d := draw(rand.New(rand.NewPCG(5, 6)), 1100, 300, 3, 6)
	o := Options{Strengths: []float64{1e-2, 1e-3}, MaxPasses: 15}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := train(t, d.trainer(t, 3), o)
	runtime.GOMAXPROCS(4)
	tr, err := New(len(d.x), 300, 3)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := len(d.x) - 1 - w; i >= 0; i -= 4 {
				tr.Set(i, d.x[i], d.class[i])
			}
		})
	}
	wg.Wait()
	got := train(t, tr, o)
	if !slices.Equal(got.weights, want.weights) || !slices.Equal(got.bias, want.bias) || !slices.Equal(got.Trials, want.Trials) {
		t.Error("four workers train another probe than one")
	}
}

func TestNumbersOfClassesDoNotMatter(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(7, 8)), 200, 20, 4, 4)
	o := Options{Strengths: []float64{1e-2}, Tolerance: 1e-6, MaxPasses: 500}
	want := train(t, d.trainer(t, 4), o).allScores(d.x)
	to := []int{5, 2, 0, 3} // of six, two of which have no rows
	other := data{x: d.x}
	for _, c := range d.class {
		other.class = append(other.class, to[c])
	}
	c := train(t, other.trainer(t, 6), o)
	got := c.allScores(d.x)
	for i := range d.x {
		for class, n := range to {
			// float32 sums in another order, in a minimum flat to 1e-6 of the first slope
			if diff := float64(got[6*i+n] - want[4*i+class]); math.Abs(diff) > 1e-3 {
				t.Fatalf("row %d class %d: off by %g", i, class, diff)
			}
		}
		for _, n := range []int{1, 4} {
			if !math.IsInf(float64(got[6*i+n]), -1) {
				t.Fatalf("a class without rows scores %g", got[6*i+n])
			}
		}
		rank := c.Rank(d.x[i])
		if len(rank) != 4 || slices.Contains(rank, 1) || slices.Contains(rank, 4) {
			t.Fatalf("rank %v", rank)
		}
		for j := 1; j < len(rank); j++ {
			if got[6*i+rank[j]] > got[6*i+rank[j-1]] {
				t.Fatalf("rank %v of scores %v", rank, got[6*i:6*i+6])
			}
		}
	}
}

// Four times as long rows have a quarter of the weights, to the last bit.
func TestScaleOfRowsDoesNotMatter(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(9, 10)), 100, 35, 3, 3)
	longer := data{class: d.class}
	for _, x := range d.x {
		y := slices.Clone(x)
		for j := range y {
			y[j] *= 4
		}
		longer.x = append(longer.x, y)
	}
	o := Options{Strengths: []float64{1e-2}, MaxPasses: 10}
	want := train(t, d.trainer(t, 3), o).allScores(d.x)
	if got := train(t, longer.trainer(t, 3), o).allScores(longer.x); !slices.Equal(got, want) {
		t.Error("longer rows have other scores")
	}
}

// Rounding rows to 8 bits moves what they are trained to by little.
func TestRoundingMovesProbabilitiesLittle(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(11, 12)), 150, 24, 3, 4)
	const strength = 1e-2
	c := train(t, d.trainer(t, 3), Options{Strengths: []float64{strength}, Tolerance: 1e-6, MaxPasses: 500})
	var exact [][]float64
	for _, x := range d.x {
		row := make([]float64, len(x))
		for j, v := range x {
			row[j] = float64(v)
		}
		exact = append(exact, row)
	}
	o := newOracle(exact, d.class, 3, strength)
	want := o.newton()
	for i, x := range d.x {
		out := make([]float32, 3)
		c.Scores(x, out)
		p := softmaxOf(out)
		for class, w := range o.probabilities(want, o.x[i]) {
			// 150 rows with errors of half a percent in each of 24 values
			if math.Abs(p[class]-w) > 0.02 {
				t.Errorf("row %d class %d: probability %g, want %g", i, class, p[class], w)
			}
		}
	}
}

// No step raises the value, and a change of strength leaves what a solver knows true.
func TestSolver(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(17, 18)), 120, 30, 3, 5)
	tr := d.trainer(t, 3)
	scaled, mean, _ := tr.rows.centred()
	o := &objective{rows: scaled, mean: mean, k: 3, class: tr.class, count: make([]bool, 120), n: 120}
	for i := range o.count {
		o.count[i] = true
	}
	s := newSolver(o)
	s.restrengthen(0.1)
	first, none := s.norm(), func(int) {}
	zeros, zerosZ := make([]float32, o.size()), make([]float32, len(s.z))
	value := func() float64 { v, _, _ := o.along(s.p, zeros, s.z, zerosZ, 0); return v }
	before := value()
	for range 4 {
		if _, err := s.minimise(context.Background(), 0, 1, none); err != nil {
			t.Fatal(err)
		}
		now := value()
		if now > before+1e-7 { // float32's rounding
			t.Errorf("the value rose from %g to %g", before, now)
		}
		before = now
	}
	s.restrengthen(0.02)
	g, z := make([]float32, len(s.g)), make([]float32, len(s.z))
	o.logits(s.p, z)
	o.gradient(s.p, z, g)
	for i, v := range g {
		if math.Abs(float64(v-s.g[i])) > 1e-5*first {
			t.Fatalf("gradient %d is %g, was thought to be %g", i, v, s.g[i])
		}
	}
	// The curvature of the newest step is that of the objective at the new strength: y
	// is the difference of two gradients at it.
	last := len(s.steps) - 1
	back := slices.Clone(s.p)
	add(back, -1, s.steps[last])
	o.logits(back, z)
	o.gradient(back, z, g)
	newest := s.changes[last]
	add(g, -1, s.g)
	add(g, 1, newest)
	if off, length := math.Sqrt(dot(g, g)), math.Sqrt(dot(newest, newest)); off > 1e-3*length {
		t.Errorf("the newest change is off by %g, %g long", off, length)
	}
	if done, err := s.minimise(context.Background(), 1e-4*first, 200, none); err != nil || !done || s.norm() > 1e-4*first {
		t.Errorf("arrived: %v (%v) at a gradient of %g, %g at first", done, err, s.norm(), first)
	}
}

func TestProgressAndCancellation(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(19, 20)), 100, 10, 2, 5)
	tr := d.trainer(t, 2)
	var done []int
	o := Options{Strengths: []float64{1e-1, 1e-3}, MaxPasses: 30, Progress: func(n, total int) {
		if total != 90 { // two strengths and the last training
			t.Errorf("of %d, want 90", total)
		}
		done = append(done, n)
	}}
	train(t, tr, o)
	if !slices.IsSorted(done) || done[len(done)-1] != 90 {
		t.Errorf("progress %v", done)
	}

	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	o.Progress = func(int, int) {
		if calls++; calls == 4 {
			cancel()
		}
		if calls > 5 {
			t.Error("training goes on")
		}
	}
	if c, err := tr.Train(ctx, o); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, %v", c, err)
	}
}

func TestErrors(t *testing.T) {
	for _, a := range [][3]int{{1, 1, 2}, {2, 0, 2}, {2, 1, 1}, {2, 1, 1 << 16}} {
		if _, err := New(a[0], a[1], a[2]); err == nil {
			t.Errorf("New%v: no error", a)
		}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	two := []int{0, 1, 1}
	for _, c := range []struct {
		d    data
		set  int // rows that are
		o    Options
		want string
	}{
		{data{[][]float32{{1}, {2}, {3}}, two}, 2, Options{}, "row 2 of 3 was not set"},
		{data{[][]float32{{1}, {nan}, {3}}, two}, 3, Options{}, "row 1 has a value"},
		{data{[][]float32{{1}, {2}, {inf}}, two}, 3, Options{}, "row 2 has a value"},
		{data{[][]float32{{1}, {2}, {3}}, []int{1, 1, 1}}, 3, Options{}, "of class 1"},
		{data{[][]float32{{3}, {3}, {3}}, two}, 3, Options{}, "the same"},
		{data{[][]float32{{0}, {0}, {0}}, two}, 3, Options{}, "the same"},
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{}, "nothing to choose"}, // a tenth of 3
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{HoldOut: 1}, "part between 0 and 1"},
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{Strengths: []float64{1, 0}}, "strength 0"},
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{Strengths: []float64{math.NaN()}}, "strength NaN"},
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{Together: -1}, "-1 rows together"},
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{MaxPasses: -1}, "-1 passes"},
		{data{[][]float32{{1}, {2}, {3}}, two}, 3, Options{Tolerance: -1}, "tolerance -1"},
	} {
		tr, err := New(3, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.set {
			tr.Set(i, c.d.x[i], c.d.class[i])
		}
		if _, err := tr.Train(context.Background(), c.o); err == nil || !strings.HasPrefix(err.Error(), "probe: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestProgrammersErrorsPanic(t *testing.T) {
	tr := data{[][]float32{{1, 2}, {3, 5}}, []int{0, 1}}.trainer(t, 2)
	c := train(t, tr, Options{Strengths: []float64{1}})
	for name, f := range map[string]func(){
		"too few values":  func() { tr.Set(0, []float32{1}, 0) },
		"unknown class":   func() { tr.Set(0, []float32{1, 2}, 2) },
		"negative class":  func() { tr.Set(0, []float32{1, 2}, -1) },
		"row beyond":      func() { tr.Set(2, []float32{1, 2}, 1) },
		"too many values": func() { c.Rank([]float32{1, 2, 3}) },
		"too few scores":  func() { c.Scores([]float32{1, 2}, make([]float32, 1)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
