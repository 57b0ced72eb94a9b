package cooccur

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/sparse"
)

// The bytes are the same in any order, in any batches, of any shards, band by band and on any
// number of workers.
func TestSparseOfPartsIsThatOfTheWhole(t *testing.T) {
	slots := falling(4)
	slots.Slots = true
	for _, c := range []Context{falling(4), slots} {
		t.Run(fmt.Sprint(c.Slots), func(t *testing.T) { checkParts(t, c) })
	}
}

func checkParts(t *testing.T, c Context) {
	const atoms = 200
	all := texts(rand.New(rand.NewPCG(3, 3)), 60, atoms)
	want := fileOf(t, countedTexts(t, c, atoms, all))
	rapid.Check(t, func(rt *rapid.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(rapid.IntRange(1, 4).Draw(rt, "workers")))
		order := rapid.Permutation(all).Draw(rt, "order")
		sum := newSparse(t, c, atoms)
		for len(order) > 0 {
			n := rapid.IntRange(1, len(order)).Draw(rt, "groups")
			part := sum
			if rapid.Bool().Draw(rt, "shard") {
				part = newSparse(t, c, atoms)
			}
			if err := addTexts(t.Context(), part, order[:n], rapid.IntRange(0, 9).Draw(rt, "band")); err != nil {
				rt.Fatal(err)
			}
			if part != sum {
				if err := sum.Add(part); err != nil {
					rt.Fatal(err)
				}
			}
			order = order[n:]
		}
		if !bytes.Equal(fileOf(t, sum), want) {
			rt.Error("the statistics are others")
		}
	})
}

// addTexts counts texts, in bands of so many units, or whole for 0.
func addTexts(ctx context.Context, s *Sparse, all [][]int, band int) error {
	if band == 0 {
		_, err := s.Accumulate(ctx, groupsOf(all, true))
		return err
	}
	for _, text := range all {
		if err := s.AccumulateBands(ctx, Grid{len(text)}, bandsOf(text, band, s.Context.Radius)); err != nil {
			return err
		}
	}
	return nil
}

func bandsOf(text []int, band, reach int) iter.Seq2[Band, error] {
	return func(yield func(Band, error) bool) {
		for at := 0; at < len(text); at += band {
			from, to := max(0, at-reach), min(len(text), at+band+reach)
			if !yield(Band{Codes: lineOf(text[from:to], true).Codes, Before: at - from, Units: min(band, len(text)-at)}, nil) {
				return
			}
		}
	}
}

// Batches of more units than are counted at a time are counted in parts.
func TestSparseCountsManyUnitsInParts(t *testing.T) {
	const atoms, long = 20, 60_000
	rng := rand.New(rand.NewPCG(5, 5))
	all := make([][]int, 3)
	for i := range all {
		all[i] = make([]int, long)
		for k := range all[i] {
			all[i][k] = rng.IntN(atoms)
		}
	}
	c := falling(MostRadius) // batches of 106,000 units
	if n := batchUnits(c.Radius); n < long+2*c.Radius || n > 2*long {
		t.Fatalf("batches are of %d units", n)
	}
	s, inBands := countedTexts(t, c, atoms, all), newSparse(t, c, atoms)
	for _, text := range all {
		if err := inBands.AccumulateBands(t.Context(), Grid{len(text)}, bandsOf(text, 7_000, c.Radius)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(fileOf(t, s), fileOf(t, inBands)) {
		t.Error("the statistics are others")
	}
	if _, err := s.Accumulate(t.Context(), []Group{lineOf(make([]int, 3*long), true)}); err == nil || !strings.Contains(err.Error(), "bands") {
		t.Errorf("a line of %d units at once: error %v", 3*long, err)
	}
}

// Whoever stops counting, and an error, leave whole groups.
func TestSparseStopsWithWholeGroups(t *testing.T) {
	all := texts(rand.New(rand.NewPCG(6, 6)), 30, 90)
	s := countedTexts(t, falling(3), 90, all)
	want := fileOf(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := s.Accumulate(ctx, groupsOf(all, true)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d groups were added after the end: error %v", n, err)
	}
	if err := s.AccumulateBands(ctx, Grid{9}, bandsOf(make([]int, 9), 4, 3)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	failed := errors.New("failed")
	broken := func(yield func(Band, error) bool) {
		for b := range bandsOf(make([]int, 9), 4, 3) {
			if !yield(b, nil) {
				return
			}
		}
		yield(Band{}, failed)
	}
	if err := s.AccumulateBands(t.Context(), Grid{9}, broken); !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if err := s.AccumulateBands(t.Context(), Grid{10}, bandsOf(make([]int, 9), 4, 3)); err == nil || !strings.Contains(err.Error(), "9 units of a group of 10") {
		t.Errorf("error %v", err)
	}
	if !bytes.Equal(fileOf(t, s), want) {
		t.Error("the statistics have changed")
	}
}

// Counts that no longer fit are refused, and nothing is added in part.
func TestSparseIsFull(t *testing.T) {
	all := texts(rand.New(rand.NewPCG(7, 7)), 30, 9)
	for name, add := range map[string]func(s *Sparse) error{
		"statistics": func(s *Sparse) error { return s.Add(countedTexts(t, falling(3), 9, all)) },
		"groups":     func(s *Sparse) error { _, err := s.Accumulate(t.Context(), groupsOf(all, true)); return err },
	} {
		s := countedTexts(t, falling(3), 9, all)
		row := s.near[8]
		own := row.counts[0]
		for full, most := range map[bool]uint32{true: math.MaxUint32 - own + 1, false: math.MaxUint32 - own} {
			row.counts[0] = most
			before := fileOf(t, s)
			err := add(s)
			if full != errors.Is(err, errSparseFull) || full == (err == nil) || full != bytes.Equal(fileOf(t, s), before) {
				t.Errorf("%s: %d and %d more: error %v", name, most, own, err)
			}
			s = countedTexts(t, falling(3), 9, all)
			row = s.near[8]
		}
	}
}

func TestSparseRefuses(t *testing.T) {
	good := Origin{Context: falling(3), Atoms: 5, Denominator: 1}
	for says, change := range map[string]func(*Origin){
		"first differences": func(o *Origin) { o.Context = Context{Kind: Whole, Difference: 2} },
		"difference 2":      func(o *Origin) { o.Context = Context{Kind: Window, Radius: 3, Difference: 2} },
		"radius 1 to 200":   func(o *Origin) { o.Context.Radius = 201 },
		"slots given":       func(o *Origin) { o.Context = Context{Kind: Whole, Difference: 1, Slots: true} },
		`weights "x"`:       func(o *Origin) { o.Context.Weights = "x" },
		"values of 1/1024":  func(o *Origin) { o.Denominator = 1024 },
		"on a grid of 3":    func(o *Origin) { o.Grid = Grid{3} },
		"0 atoms":           func(o *Origin) { o.Atoms = 0 },
	} {
		o := good
		change(&o)
		if _, err := NewSparse(o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
	for _, o := range []Origin{{Context: falling(3), Atoms: 5, Denominator: 1}, {Context: falling(3), Atoms: 5, Denominator: 1, Grid: Grid{3, 3}}} {
		if _, err := NewDense(o); err == nil || !strings.Contains(err.Error(), "only sparse statistics") {
			t.Errorf("dense statistics with weights: error %v", err)
		}
	}
	if _, err := NewDense(Origin{Context: Context{Kind: Window, Radius: 3, Difference: 1, Slots: true}, Atoms: 5, Denominator: 1}); err == nil || !strings.Contains(err.Error(), "only sparse statistics") {
		t.Errorf("dense statistics with slots: error %v", err)
	}
	s := countedTexts(t, falling(3), 5, nil)
	two := new(sparse.Codes)
	two.Reset()
	two.AddWide(1, 2)
	for says, g := range map[string]Group{
		"the atom 5":        lineOf([]int{1, 5}, true),
		"atoms of 16 bits":  lineOf([]int{1, 2}, false),
		"2 atoms in unit 0": {Codes: two, Topology: Grid{1}},
		"on a line of 2":    {Codes: two, Topology: Grid{2}},
		"of lines":          {Codes: two, Topology: Grid{1, 1}},
		"topology <nil>":    {Codes: two},
	} {
		if n, err := s.Accumulate(t.Context(), []Group{g}); n != 0 || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
	if s.Coded != 0 || s.Pairs() != 0 {
		t.Errorf("%d units were counted of groups that were refused", s.Coded)
	}
}
