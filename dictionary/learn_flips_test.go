package dictionary

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// With flips atoms are closed under them, and the sums are those of units and flips: no batch makes the
// objective over these sums larger, ½tr(AᵀCA) − tr(AᵀU).
func TestLearnWithFlips(t *testing.T) {
	s := sample(100, true)
	l := Learning{Atoms: 24, Lambda: 0.1, Signed: true, Units: 2000, Passes: 3, Batch: 50}
	d, err := Learn(t.Context(), s, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkUnitAndClosed(t, s, d, 24, true)
	drawn, err := s.draw(t.Context(), 0, 1, 0, s.Groups, 20)
	if err != nil {
		t.Fatal(err)
	}
	x := drawn[0]
	o := newOnline(l, &s, x, rand.New(rand.NewPCG(1, 1)).Perm(x.Rows))
	value := func() (f float64) {
		c := linalg.New(l.Atoms, s.Dim)
		linalg.AddMul(c, 1, o.codes, o.atoms)
		for i, a := range o.atoms.Data {
			f += float64(a) * (float64(c.Data[i])/2 - float64(o.units.Data[i]))
		}
		return f
	}
	for b := range 10 {
		var which []int
		for i := range 50 {
			which = append(which, (b*50+i)%x.Rows)
		}
		if err := o.step(t.Context(), which); err != nil {
			t.Fatal(err)
		}
		for a := range l.Atoms {
			for c := range l.Atoms {
				if v, w := o.codes.At(a, c), o.codes.At(a^1, c^1); math.Abs(float64(v-w)) > 1e-5 {
					t.Fatalf("batch %d: Σααᵀ is %g at (%d, %d), %g at their flips", b, v, a, c, w)
				}
			}
		}
		before, spares := value(), o.spares
		if err := o.update(t.Context(), which); err != nil {
			t.Fatal(err)
		}
		if o.spares == spares && value() > before+1e-5 {
			t.Errorf("batch %d: the objective went from %g to %g", b, before, value())
		}
	}
	e, err := Exemplars(t.Context(), s, 24, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	learned, err := Judge(t.Context(), l, x.Data, d.Atoms, d.Dim)
	if err != nil {
		t.Fatal(err)
	}
	if random, err := Judge(t.Context(), l, x.Data, e.Atoms, e.Dim); err != nil || learned.Objective > random.Objective {
		t.Errorf("objective %g of learned atoms, %g of exemplars, error %v", learned.Objective, random.Objective, err)
	}
}

func TestSignedIsClosedUnderFlips(t *testing.T) {
	s := sample(60, true)
	d, err := Exemplars(t.Context(), s, 10, 0.9, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkUnitAndClosed(t, s, d.Signed(), 20, true)
}
