package vectors

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// What is said of each number that is tried is what a fit that is given this number leads to, by ranks in float64; and the model is that
// of the best.
func TestTriedIsWhatAFitLeadsTo(t *testing.T) {
	p := swissRoll(600, 31)
	some, queries := sample(p)
	if queries != 300 || some.N() != 600 {
		t.Fatalf("%d queries of %d points, want 300 of 600", queries, some.N())
	}
	m := fit(t, p, Default())
	tried := m.Data().Tried
	if len(tried) != 6 {
		t.Fatalf("tried %+v: want 6, as a roll wants many", tried)
	}
	high, most, chosen := ranks(some), 0.0, 0
	for _, found := range tried {
		c := Default()
		c.Smooth = found.Smooth
		given := fit(t, p, c)
		low := ranks(&vector.Points{Dim: 2, X: embed(t, given, some)})
		want := Preserved{slowTrust(high, low, queries, 10), slowTrust(low, high, queries, 10)}
		if away(found.Preserved, want) > 1e-5 {
			t.Errorf("%d smooth coordinates: %+v, want %+v", found.Smooth, found.Preserved, want)
		}
		if sum := want.Trust + want.Continuity; sum > most {
			most, chosen = sum, found.Smooth
		}
		if found.Smooth == m.Config().Smooth {
			given.data.Tried = tried
			if !bytes.Equal(saved(t, given), saved(t, m)) {
				t.Errorf("%d smooth coordinates, given, are another model than chosen", found.Smooth)
			}
		}
	}
	if m.Config().Smooth != chosen {
		t.Errorf("%d smooth coordinates, want the %d that keep most", m.Config().Smooth, chosen)
	}
}

func saved(t *testing.T, m *Model) []byte {
	var b bytes.Buffer
	if err := m.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A roll, which is long, wants many smooth coordinates, a torus in three few. Of all points, too, neighbours are kept better than by
// 12 for each of dims.
func TestFewAndMany(t *testing.T) {
	roll, ring := swissRoll(3000, 32), torus(4000, 32)
	for _, x := range []struct {
		p           *vector.Points
		dims        int
		least, most int
	}{{roll, 2, 80, 80}, {ring, 3, 9, 24}} {
		c := Default()
		c.Dims = x.dims
		sum := func(c Config) (float64, *Model) {
			m := fit(t, x.p, c)
			kept, err := Measure(context.Background(), x.p, &vector.Points{Dim: x.dims, X: embed(t, m, x.p)}, 10)
			if err != nil {
				t.Fatal(err)
			}
			return kept.Trust + kept.Continuity, m
		}
		chosen, m := sum(c)
		if n := m.Config().Smooth; n < x.least || n > x.most {
			t.Errorf("%d coordinates: %d smooth ones of %+v, want %d to %d", x.dims, n, m.Data().Tried, x.least, x.most)
		}
		c.Smooth = 12 * x.dims
		if given, _ := sum(c); chosen <= given {
			t.Errorf("%d coordinates: %.6f is kept, less than %.6f", x.dims, chosen, given)
		}
	}
}

// The choice, in more than one stage, is the same for any number of workers.
func TestChoiceAndWorkers(t *testing.T) {
	p, first := swissRoll(2500, 33), []byte(nil)
	for _, workers := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(workers)
		b := saved(t, fit(t, p, Default()))
		runtime.GOMAXPROCS(before)
		if first == nil {
			first = b
		} else if !bytes.Equal(first, b) {
			t.Errorf("%d workers: another model", workers)
		}
	}
}

// A sample has points once each, and its queries are spread over all.
func TestSample(t *testing.T) {
	for _, n := range []int{16, 500, 501, 1999, 2000, 2001, 7777} {
		p := &vector.Points{Dim: 1}
		for i := range n {
			p.X = append(p.X, float32(i))
		}
		some, queries := sample(p)
		if some.N() != min(n, sampled) || queries > sampledQueries || queries < min(n, sampledQueries/2) {
			t.Errorf("%d points: %d queries of %d", n, queries, some.N())
		}
		first := slices.Clone(some.X[:queries])
		for i, v := range first {
			if want := float32(i) * float32(n) / float32(queries); v < want-float32(n)/100-5 || v > want+float32(n)/100+5 {
				t.Fatalf("%d points: query %d is point %g, want about %g", n, i, v, want)
			}
		}
		slices.Sort(some.X)
		if len(slices.Compact(some.X)) != min(n, sampled) {
			t.Errorf("%d points: some are twice in the sample", n)
		}
	}
}

func TestBest(t *testing.T) {
	of := func(smooth int, trust, continuity float64) Tried { return Tried{smooth, Preserved{trust, continuity}} }
	for want, tried := range map[int][]Tried{
		4: {of(4, 0.5, 0.75), of(8, 0.75, 0.5)}, // ties to fewer
		8: {of(4, 0.5, 0.75), of(8, 0.75, 0.75), of(16, 0.875, 0.5)},
	} {
		if got := best(tried); got != want {
			t.Errorf("%+v: %d, want %d", tried, got, want)
		}
	}
}

// Few atoms have room for few smooth coordinates; a given number is taken as it is.
func TestCandidates(t *testing.T) {
	c := Default()
	c.Atoms = 40
	if got := c.candidates(smoothEach[0]); !slices.Equal(got, []int{4, 6, 8, 13}) {
		t.Errorf("%v", got)
	}
	c.Smooth = 5
	if m := fit(t, circle(200, 3), c); m.Config().Smooth != 5 || m.Data().Tried != nil {
		t.Errorf("%d smooth coordinates, %+v tried: want the 5 given", m.Config().Smooth, m.Data().Tried)
	}
	c = Default()
	c.Atoms, c.Dims, c.Active = 12, 6, 3
	if m := fit(t, circle(60, 3), c); m.Config().Smooth != 6 || len(m.Data().Tried) != 1 {
		t.Errorf("%d smooth coordinates of %+v, want the 6 that there is room for", m.Config().Smooth, m.Data().Tried)
	}
}

// What no choice leaves is refused by name.
func TestAbsurdTriedIsRefused(t *testing.T) {
	for says, change := range map[string]func(m *Model){
		"":                            func(m *Model) {},
		"at place 1: want at least 1": func(m *Model) { m.data.Tried[1].Smooth = m.data.Tried[0].Smooth },
		"trustworthiness 7":           func(m *Model) { m.data.Tried[0].Trust = 7 },
		"continuity -7":               func(m *Model) { m.data.Tried[0].Continuity = -7 },
		"and the model is made of":    func(m *Model) { m.data.Tried = m.data.Tried[:1] },
	} {
		m := fit(t, swissRoll(600, 31), Default())
		change(m)
		b := saved(t, m)
		_, err := LoadFrom(bytes.NewReader(b), int64(len(b)))
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// A choice stops when it is told to.
func TestChoiceStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Fit(ctx, swissRoll(1000, 34), Default(), manifold.Run{Progress: func(stage string, _, _ int) {
		if stage == "choosing" {
			cancel()
		}
	}})
	if err == nil || ctx.Err() == nil {
		t.Errorf("error %v, context %v: want both", err, ctx.Err())
	}
}
