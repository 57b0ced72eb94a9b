package manifold

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/sparse"
)

// wrong is a source whose group 1 is not what it should be.
type wrong struct {
	*units
	dim      int
	topology func() cooccur.Topology
	open     func() Group
}

func (w wrong) Dim() int { return w.dim }

func (w wrong) Symmetry() []int { return nil }

func (w wrong) Topology(i int) cooccur.Topology {
	if i == 1 && w.topology != nil {
		return w.topology()
	}
	return w.units.Topology(i)
}

func (w wrong) Open(i int, last Group) (Group, error) {
	if i == 1 && w.open != nil {
		return w.open(), nil
	}
	if w.dim == 0 {
		return reading(func(first, end int, into *Units) {
			for range end - first {
				into.Codes.Add()
			}
		}), nil
	}
	return w.units.Open(i, last)
}

type reading func(first, last int, into *Units)

func (r reading) Read(first, last int, into *Units) error {
	r(first, last, into)
	return nil
}

// A source of vectors that breaks what Source, Group and Units say is refused, by an error that
// names the group, and the unit where it is one unit's fault.
func TestSourceOfVectorsAtFault(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	long := cooccur.Grid{BandUnits + 9}
	for _, line := range []cooccur.Grid{{12}, long} {
		u := walks(rng, cooccur.Grid{3}, line)
		d := atoms(rng, 8)
		d.Mirror = nil
		good := vectors(u.groups[1])
		changed := func(unit int, scale float64) func() Group {
			x := slices.Clone(u.groups[1])
			for k := range dim {
				x[unit*dim+k] *= float32(scale)
			}
			return func() Group { return vectors(x) }
		}
		after := func(change func(into *Units)) func() Group {
			return func() Group {
				return reading(func(first, last int, into *Units) {
					_ = good.Read(first, last, into)
					change(into)
				})
			}
		}
		for want, w := range map[string]wrong{
			"unit 7 has a vector of length NaN":  {open: changed(7, math.NaN())},
			"unit 8 has a vector of length +Inf": {open: changed(8, math.Inf(1))},
			"unit 9 has a vector of length 2,":   {open: changed(9, 2)},
			"unit 5 has a vector of length 0,":   {open: changed(5, 0)},
			"values apart, want": {open: func() Group {
				return reading(func(first, last int, into *Units) {
					into.Vectors.Pack(good[first*dim:last*dim], dim, into.Stride+8)
				})
			}},
			"entries of Blank":      {open: after(func(into *Units) { into.Vectors.Blank = nil })},
			"Read gave 1 value of":  {open: after(func(into *Units) { into.Vectors.X = into.Vectors.X[:1] })},
			"Read gave 1 vector of": {open: after(func(into *Units) { into.Vectors.N = 1 })},
			"Read gave codes":       {open: after(func(into *Units) { into.Codes.Add(1) })},
			"Open gave no group":    {open: func() Group { return nil }},
			"Topology is nil":       {topology: func() cooccur.Topology { return nil }},
			"topology has -4 units": {topology: func() cooccur.Topology { return cooccur.Grid{-4} }},
		} {
			w.units, w.dim = u, dim
			e, err := New(Config{Code: sparse.Nearest, Context: cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}, Dims: 1}, w, d)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, e, w, want)
		}
	}
}

// A unit that is blank needs no vector.
func TestBlankUnitNeedsNoVector(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	u := walks(rng, cooccur.Grid{3}, cooccur.Grid{12})
	w := wrong{units: u, dim: dim, open: func() Group {
		return reading(func(first, last int, into *Units) {
			_ = vectors(u.groups[1]).Read(first, last, into)
			clear(into.Vectors.X[:into.Stride])
			into.Vectors.Blank[0] = true
		})
	}}
	d := atoms(rng, 8)
	d.Mirror = nil
	e, err := New(Config{Code: sparse.Nearest, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Dims: 1}, w, d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Collect(t.Context(), w, nil)
	if err != nil || s.Of().Coded != 14 {
		t.Errorf("%v, error %v: want 14 coded units", s, err)
	}
}

// So is a source of codes.
func TestSourceOfCodesAtFault(t *testing.T) {
	u := walks(rand.New(rand.NewPCG(3, 3)), cooccur.Grid{3}, cooccur.Grid{12})
	filled := func(each func(into *Units)) func() Group {
		return func() Group {
			return reading(func(first, last int, into *Units) {
				for range last - first {
					each(into)
				}
			})
		}
	}
	for want, c := range map[string]struct {
		open   func() Group
		sparse bool
	}{
		"atoms of 32 bits":        {open: filled(func(into *Units) { into.Codes.AddWide(1) })},
		"atoms of 16 bits":        {open: filled(func(into *Units) { into.Codes.Add(1) }), sparse: true},
		"codes of 0 units":        {open: filled(func(into *Units) { into.Vectors.Pack(make([]float32, dim), dim, into.Stride) })},
		"codes of -1 units":       {open: filled(func(into *Units) { *into.Codes = sparse.Codes{} })},
		"Start does not number":   {open: filled(func(into *Units) { into.Codes.Add(1); into.Codes.Start[0] = 1 })},
		"Start does not number ":  {open: filled(func(into *Units) { into.Codes.Add(1); into.Codes.Atom = into.Codes.Atom[:1] })},
		"codes of 24 units, want": {open: filled(func(into *Units) { into.Codes.Add(1); into.Codes.Add(2) })},
		"Open gave no group":      {open: func() Group { return nil }},
	} {
		w := wrong{units: u, open: c.open}
		e, err := NewOfCodes(Config{Code: sparse.Nearest, Sparse: c.sparse, Context: cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}, Dims: 1}, w, 16)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, e, w, want)
	}
}

// odd is a line with a topology of the test's own.
type odd struct {
	cooccur.Grid
	most, reach int
	near        func(i int, f func(from, to int))
}

func (r odd) MostNear(int) int                         { return r.most }
func (r odd) Reach(int) int                            { return r.reach }
func (r odd) Near(i, radius int, f func(from, to int)) { r.near(i, f) }

// A topology that is not what it must be is refused, where L would be wrong.
func TestTopologyAtFault(t *testing.T) {
	const units = 12
	line := func(i int, f func(from, to int)) { f(max(0, i-1), min(units, i+2)) }
	d := atoms(rand.New(rand.NewPCG(1, 1)), 16)
	d.Mirror = nil
	for want, r := range map[string]odd{
		"":               {most: 3, reach: 1, near: line},
		"not mutual":     {most: 3, reach: 1, near: func(i int, f func(from, to int)) { f(i, min(units, i+2)) }},
		"MostNear says":  {most: 2, reach: 1, near: line},
		"Reach says":     {most: 3, reach: 0, near: line},
		"within 0 to 12": {most: 3, reach: 1, near: func(i int, f func(from, to int)) { f(i-1, i+2) }},
		"itself":         {most: 3, reach: 2, near: func(i int, f func(from, to int)) { f((i+1)%units, (i+1)%units+1) }},
		"twice":          {most: 6, reach: 1, near: func(i int, f func(from, to int)) { line(i, f); f(i, i+1) }},
	} {
		if want == "itself" {
			r.reach = units
		}
		r.Grid = cooccur.Grid{units}
		u := walks(rand.New(rand.NewPCG(3, 3)), cooccur.Grid{3}, r.Grid)
		w := wrong{units: u, dim: dim, topology: func() cooccur.Topology { return r }, open: func() Group { g, _ := u.Open(1, nil); return g }}
		e, err := New(Config{Code: sparse.Nearest, Context: cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}, Dims: 1}, w, d)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" {
			refused(t, e, w, want)
		} else if _, err := e.Collect(t.Context(), w, nil); err != nil {
			t.Errorf("a line: %v", err)
		}
	}
}

func refused(t *testing.T, e *Encoder, src Source, want string) {
	t.Helper()
	_, err := e.Collect(t.Context(), src, nil)
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "group 1: ") {
		t.Errorf("error %v, want one of group 1 with %q", err, want)
	}
}
