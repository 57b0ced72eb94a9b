package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Each trial is what Newton's method finds on the rows that were not held out, judged
// on those that were; the best is chosen, the strongest of equal ones.
func TestStrengthIsChosenOnHeldOutRows(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(13, 14)), 160, 12, 3, 2)
	rng := rand.New(rand.NewPCG(15, 16))
	for i := range d.class[6:] { // labels that cannot be learned
		if rng.IntN(3) == 0 {
			d.class[6+i] = rng.IntN(3)
		}
	}
	options := Options{Strengths: []float64{1e-4, 3, 1e-1, 1e-2}, HoldOut: 0.3, Seed: 4, Tolerance: 1e-6, MaxPasses: 500}
	tr := d.trainer(t, 3)
	c := train(t, tr, options)
	count := make([]bool, len(d.x))
	n := holdOut(count, Options{HoldOut: 0.3, Seed: 4, Together: 1})
	if n != 112 {
		t.Fatalf("%d rows are not held out, want 112", n)
	}
	var top Trial
	for i, strength := range []float64{3, 1e-1, 1e-2, 1e-4} {
		all := newOracle(tr.rounded(), d.class, 3, strength)
		part := &oracle{k: 3, strength: strength}
		for i, counts := range count {
			if counts {
				part.x, part.class = append(part.x, all.x[i]), append(part.class, all.class[i])
			}
		}
		p := part.newton()
		var want Trial
		for i, counts := range count {
			if counts {
				continue
			}
			e := all.probabilities(p, all.x[i])
			want.Entropy -= math.Log(e[d.class[i]]) / 48
			if slices.Index(e, slices.Max(e)) == d.class[i] {
				want.Accuracy += 1.0 / 48
			}
		}
		got := c.Trials[i]
		if got.Strength != strength || math.Abs(got.Accuracy-want.Accuracy) > 1e-9 || math.Abs(got.Entropy-want.Entropy) > 1e-3 {
			t.Errorf("trial %+v, want strength %g, accuracy %g, entropy %g", got, strength, want.Accuracy, want.Entropy)
		}
		if got.Accuracy > top.Accuracy {
			top = got
		}
	}
	if c.Strength != top.Strength {
		t.Errorf("strength %g of %+v", c.Strength, c.Trials)
	}
	// Then all rows are trained on with it.
	o := newOracle(tr.rounded(), d.class, 3, c.Strength)
	want := o.newton()
	out := make([]float32, 3)
	for i, x := range d.x {
		c.Scores(x, out)
		p := softmaxOf(out)
		for class, w := range o.probabilities(want, o.x[i]) {
			if math.Abs(p[class]-w) > 0.02 { // the scores are of rows that are not rounded
				t.Fatalf("row %d class %d: probability %g, want %g", i, class, p[class], w)
			}
		}
	}
}

func TestTheStrongestOfEqualStrengthsIsChosen(t *testing.T) {
	d := draw(rand.New(rand.NewPCG(21, 22)), 60, 10, 2, 0.1)
	c := train(t, d.trainer(t, 2), Options{Strengths: []float64{1e-2, 1e-1, 1e-3}})
	for _, trial := range c.Trials {
		if trial.Accuracy != 1 {
			t.Fatalf("classes that are far apart are taken for one another: %+v", c.Trials)
		}
	}
	if c.Strength != 1e-1 {
		t.Errorf("strength %g, want 0.1", c.Strength)
	}
}

func TestRowsTogetherAreHeldOutTogether(t *testing.T) {
	count := make([]bool, 101)
	n := holdOut(count, Options{HoldOut: 0.25, Together: 2, Seed: 1})
	if want := 101 - 26; n != want && n != want+1 { // 13 of 51 pairs, the last of which is one row
		t.Errorf("%d rows counted, want %d or one more", n, want)
	}
	for i := 0; i+1 < len(count); i += 2 {
		if count[i] != count[i+1] {
			t.Errorf("rows %d and %d are apart", i, i+1)
		}
	}
	other := make([]bool, 101)
	holdOut(other, Options{HoldOut: 0.25, Together: 2, Seed: 2})
	if slices.Equal(count, other) {
		t.Error("another seed holds out the same rows")
	}
}
