package vectors

import (
	"context"
	"math"
	"testing"

	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// someDigits are n of the digits that are in the program.
func someDigits(t *testing.T, n int) *vector.Points {
	all, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	shape := all.Test.Shape()
	p, pixels := &vector.Points{Dim: shape.Width * shape.Height}, make([]uint8, shape.Width*shape.Height)
	for i := range n {
		if err := all.Test.Image(i, pixels); err != nil {
			t.Fatal(err)
		}
		for _, v := range pixels {
			p.X = append(p.X, float32(v)/255)
		}
	}
	return p
}

// New digits are away from where a fit with them has them, in part because it has other atoms: with the same atoms they are
// nearer. The rest is that of 1,800 digits 512 atoms are many: with 128 they are nearer still.
func TestNewPointsOfTheSameAtoms(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute or more on the generic tier")
	}
	all := someDigits(t, 1800)
	old := &vector.Points{Dim: all.Dim, X: all.X[:1620*all.Dim]}
	added := &vector.Points{Dim: all.Dim, X: all.X[1620*all.Dim:]}
	last := math.Inf(1)
	for _, atoms := range []int{512, 128} {
		c := Default()
		c.Dims, c.Atoms = 8, atoms
		m, own := fit(t, old, c), fit(t, all, c)
		shared, err := fitWith(context.Background(), all, m.atoms, c, manifold.Run{})
		if err != nil {
			t.Fatal(err)
		}
		part := func(refit *Model) float64 { // of the deviation of a coordinate
			sum := 0.0
			for _, v := range embed(t, refit, all) {
				sum += float64(v) * float64(v)
			}
			return outOfSample(m, refit, old, added) / math.Sqrt(sum/float64(all.N()*c.Dims))
		}
		other, same := part(own), part(shared)
		t.Logf("%d atoms: new digits are off by %.3f of the deviation, with the same atoms by %.3f", atoms, other, same)
		if same > other || same > last {
			t.Errorf("%d atoms: new digits are off by %.3f of the deviation with the same atoms, %.3f with other ones, %.3f with more", atoms, same, other, last)
		}
		last = same
	}
}
