package manifold

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/sparse"
)

// Ready codes lead to what the vectors they are of lead to.
func TestReadyCodes(t *testing.T) {
	d := atoms(rand.New(rand.NewPCG(5, 15)), 16)
	d.Mirror = nil
	for name, e := range engines(t) {
		if e.cfg.Packed || e.cfg.Code == sparse.Soft {
			continue
		}
		plain, err := New(e.cfg, e.src, d)
		if err != nil {
			t.Fatal(err)
		}
		want, err := plain.Learn(t.Context(), e.src, Run{})
		if err != nil {
			t.Fatal(err)
		}
		c := coded(t, plain, e.src)
		r, err := NewOfCodes(e.cfg, c, 16)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Learn(t.Context(), c, Run{})
		if err != nil {
			t.Fatal(err)
		}
		want.Of.Encoder, got.Of.Encoder = "", ""
		if text(got) != text(want) {
			t.Errorf("%s: codes lead to another solution than vectors", name)
		}
	}
}

// coded are the codes of the groups of u.
func coded(t *testing.T, e *Encoder, u *units) codes {
	c := codes{units: u}
	for i, g := range u.groups {
		out := new(sparse.Codes)
		out.Reset()
		if err := e.Encode(t.Context(), Span{Group: vectors(g), Last: u.topologies[i].Units()}, new(Scratch), out); err != nil {
			t.Fatal(err)
		}
		c.coded = append(c.coded, out)
	}
	return c
}

// Codes that a source should not give are refused.
func TestBadCodes(t *testing.T) {
	u := walks(rand.New(rand.NewPCG(1, 1)), cooccur.Grid{1}, cooccur.Grid{2})
	for says, bad := range map[string]*sparse.Codes{
		"the atom 16 after -1":                   {Start: []int32{0, 1, 1}, Atom: []uint16{16}},
		"in group 1: unit 1 has the atom 2 afte": {Start: []int32{0, 0, 2}, Atom: []uint16{2, 2}},
		"values":                                 {Start: []int32{0, 0, 1}, Atom: []uint16{2}, Value: []uint16{7}},
	} {
		c := codes{u, []*sparse.Codes{{Start: []int32{0, 1}, Atom: []uint16{15}}, bad}}
		e, err := NewOfCodes(Config{Code: sparse.General, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Dims: 1}, c, 16)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Collect(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	for _, atoms := range []int{0, sparse.MaxAtoms + 1} {
		if _, err := NewOfCodes(Config{}, u, atoms); err == nil {
			t.Errorf("codes on %d atoms were taken", atoms)
		}
	}
}

// A group of more units than are coded at once, in bands, has the sums of all its codes.
func TestBandsOfALongLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	lines := walks(rng, cooccur.Grid{2*BandUnits + 777}, cooccur.Grid{5})
	for _, c := range []cooccur.Context{{Kind: cooccur.Whole, Difference: 2}, {Kind: cooccur.Window, Radius: 3, Difference: 1}} {
		e, err := New(Config{Code: sparse.General, Threshold: 0.8, Context: c, Dims: 3}, lines, atoms(rng, 8))
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(t.Context(), lines, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := cooccur.NewDense(e.Origin())
		if err != nil {
			t.Fatal(err)
		}
		for i, codes := range coded(t, e, lines).coded {
			if _, err := want.Accumulate(t.Context(), []cooccur.Group{{Codes: codes, Topology: lines.topologies[i]}}); err != nil {
				t.Fatal(err)
			}
		}
		want.Release()
		if !reflect.DeepEqual(s, cooccur.Statistics(want)) {
			t.Errorf("%+v: the sums of bands differ from those of the group", c)
		}
	}
}
