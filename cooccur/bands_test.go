package cooccur

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/sparse"
)

// slice is the codes of some patches.
func slice(c *sparse.Codes, first, last int) *sparse.Codes {
	out := &sparse.Codes{}
	out.Reset()
	out.Append(c)
	out.Start, out.Atom = out.Start[:last+1], out.Atom[:out.Start[last]]
	if out.Value != nil {
		out.Value = out.Value[:out.Start[last]]
	}
	out.Drop(first)
	return out
}

// inBands yields a group in bands of the given units, with the neighbours that windows
// reach.
func inBands(c *sparse.Codes, reach int, each []int) iter.Seq2[Band, error] {
	return func(yield func(Band, error) bool) {
		i := 0
		for _, n := range each {
			from, to := max(0, i-reach), min(c.N(), i+n+reach)
			if !yield(Band{slice(c, from, to), i - from, n}, nil) {
				return
			}
			i += n
		}
	}
}

// The sums of an image that comes in bands are those of the whole image, to the last
// bit, wherever bands end.
func TestBandsAddUpToTheImage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.SampledFrom(contexts()).Draw(rt, "context")
		unit := rapid.SampledFrom([]int{1, sparse.SoftUnit}).Draw(rt, "unit")
		atoms := rapid.IntRange(1, 40).Draw(rt, "atoms")
		rows, cols := rapid.IntRange(1, 9).Draw(rt, "rows"), rapid.IntRange(1, 6).Draw(rt, "cols")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		whole, _ := dense(c, atoms, unit, rows, cols)
		parts, _ := dense(c, atoms, unit, rows, cols)
		for range rapid.IntRange(1, 3).Draw(rt, "images") {
			code := randomCodes(rng, rows*cols, atoms, unit)
			if err := accumulate(whole, []*sparse.Codes{code}); err != nil {
				rt.Fatal(err)
			}
			var each []int
			for left := rows * cols; left > 0; {
				each = append(each, rapid.IntRange(1, left).Draw(rt, "units of a band"))
				left -= each[len(each)-1]
			}
			if err := parts.AccumulateBands(context.Background(), nil, inBands(code, Grid{rows, cols}.Reach(c.Radius), each)); err != nil {
				rt.Fatal(err)
			}
		}
		parts.Release()
		if !reflect.DeepEqual(whole, parts) {
			rt.Fatal("the sums of bands differ from those of the image")
		}
	})
}

// After an error in the middle of an image the statistics are what they were.
func TestBandsAreAddedWholeOrNotAtAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	c := Context{Kind: Window, Radius: 1, Difference: 1}
	s, _ := dense(c, 20, 1, 6, 4)
	first, second := randomCodes(rng, 24, 20, 1), randomCodes(rng, 24, 20, 1)
	if err := accumulate(s, []*sparse.Codes{first}); err != nil {
		t.Fatal(err)
	}
	want, _ := dense(c, 20, 1, 6, 4)
	if err := accumulate(want, []*sparse.Codes{first}); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(context.Background())
	for name, bands := range map[string]iter.Seq2[Band, error]{
		"an error of a band": func(yield func(Band, error) bool) {
			for b := range inBands(second, 5, []int{8, 8}) {
				if !yield(b, nil) {
					return
				}
			}
			yield(Band{}, broken)
		},
		"a cancelled context": func(yield func(Band, error) bool) {
			for b := range inBands(second, 5, []int{8, 8, 8}) {
				if !yield(b, nil) {
					return
				}
				cancel()
			}
		},
		"bands too few":      inBands(second, 5, []int{8, 8}),
		"a band of nothing":  func(yield func(Band, error) bool) { yield(Band{Codes: second}, nil) },
		"another unit":       func(yield func(Band, error) bool) { yield(Band{randomCodes(rng, 24, 20, 9), 0, 24}, nil) },
		"neighbours missing": inBands(second, 4, []int{8, 8, 8}),
	} {
		with := context.Background()
		if name == "a cancelled context" {
			with = ctx
		}
		if err := s.AccumulateBands(with, nil, bands); err == nil {
			t.Errorf("%s: no error", name)
		}
		s.Release()
		if !reflect.DeepEqual(s, want) {
			t.Fatalf("%s: the statistics have changed", name)
		}
	}
}

// counted is a context that is done once it has been looked at so many times.
type counted struct {
	context.Context
	left atomic.Int64
}

func until(looks int) *counted {
	c := &counted{Context: context.Background()}
	c.left.Store(int64(looks))
	return c
}

func (c *counted) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// However often ctx is looked at before it is done, the statistics are those of the
// images that are said to be added, and the rest can be added later.
func TestAccumulateStopsBetweenWholeImages(t *testing.T) {
	defer func(old int) { perWorker = old }(perWorker)
	perWorker = 600 / runtime.GOMAXPROCS(0) // a few images each part, and some images are more than two
	for _, c := range []Context{{Kind: Whole, Difference: 2}, {Kind: Window, Radius: 1, Difference: 1}, {Kind: Window, Radius: 2, Difference: 2}} {
		for _, unit := range []int{1, sparse.SoftUnit} {
			rng := rand.New(rand.NewPCG(7, 8))
			all := make([]*sparse.Codes, 9)
			for i := range all {
				all[i] = randomCodes(rng, 20, []int{2, 10, 33}[i%3], unit)
			}
			collect := func(codes []*sparse.Codes) *Dense {
				s, _ := dense(c, 33, unit, 4, 5)
				if err := accumulate(s, codes); err != nil {
					t.Fatal(err)
				}
				s.Release()
				return s
			}
			whole := collect(all)
			stops := map[int]bool{}
			for looks := 0; ; looks += 1 + looks/3 {
				s, _ := dense(c, 33, unit, 4, 5)
				n, err := s.Accumulate(until(looks), groups(all))
				s.Release()
				if err == nil {
					if n != len(all) {
						t.Fatalf("%d of %d images and no error", n, len(all))
					}
					break
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				stops[n] = true
				if !reflect.DeepEqual(s, collect(all[:n])) {
					t.Fatalf("%+v unit %d: stopped after %d images, the statistics are of others", c, unit, n)
				}
				if err := accumulate(s, all[n:]); err != nil {
					t.Fatal(err)
				}
				s.Release()
				if !reflect.DeepEqual(s, whole) {
					t.Fatalf("%+v unit %d: gone on after %d images, other sums", c, unit, n)
				}
			}
			if len(stops) < 4 {
				t.Errorf("%+v unit %d: stops after %v images only", c, unit, stops)
			}
		}
	}
}
