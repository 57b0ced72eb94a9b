package shapes

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

// The angle of two planes in space that meet in a line is that between them, whatever their bases and origins.
func TestLargestAngle(t *testing.T) {
	const degrees = 30
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := &vector.Points{Dim: 2}, &vector.Points{Dim: 2}
	for range 50_000 {
		// Three uncorrelated functions of variance 1, of which x spans the first two.
		a, b, c := rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()
		turned := b*math.Cos(degrees*math.Pi/180) + c*math.Sin(degrees*math.Pi/180)
		x.X = append(x.X, float32(a+2*b+5), float32(a-b))
		y.X = append(y.X, float32(turned-a), float32(3*turned+a-7))
	}
	if got := largestAngle(x, y); math.Abs(got-degrees) > 0.5 {
		t.Errorf("%.2f degrees, want %d", got, degrees)
	}
	if got := largestAngle(x, x); got > 1e-3 {
		t.Errorf("%g degrees to itself", got)
	}
}

// Points of the shapes lie on them, and are the same for the same seed alone.
func TestSets(t *testing.T) {
	for i := range 100 {
		p := Torus(100, 5).Row(i)
		r := math.Hypot(float64(p[0]), float64(p[1])) - 2
		if d := math.Hypot(r, float64(p[2])); math.Abs(d-1) > 1e-5 {
			t.Errorf("a point is %g from the ring of a torus, want 1", d)
		}
	}
	for name, draw := range map[string]func(int, uint64) *vector.Points{"circle": circle, "torus": Torus, "roll": Roll, "object": object} {
		a, b, c := draw(20, 1), draw(20, 1), draw(20, 2)
		if !slices.Equal(a.X, b.X) || slices.Equal(a.X, c.X) {
			t.Errorf("%s: the seed does not decide", name)
		}
		if err := a.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	dark := 0
	for _, v := range object(20, 1).X {
		if v == 0 {
			dark++
		}
	}
	if part := float64(dark) / (20 * side * side); part < 0.2 || part > 0.9 {
		t.Errorf("%.2f of the pictures is dark", part)
	}
}

// New points of a shape that is learned well are near to where a new fit has them; ones of another place are not.
func TestOutOfSample(t *testing.T) {
	p, c := Torus(2000, 3), vectors.Default()
	c.Dims = 3
	m, err := vectors.Fit(context.Background(), p, c, manifold.Run{})
	if err != nil {
		t.Fatal(err)
	}
	away, same, err := outOfSample(context.Background(), p, c, m)
	if err != nil || away > 0.1 || same < 0.8 || same > 1 {
		t.Errorf("new points are off by %.3f, and %.2f of their neighbours are the same, %v", away, same, err)
	}
	far := &vector.Points{Dim: 3, X: slices.Clone(p.X)}
	for i := len(far.X) - 3*200; i < len(far.X); i++ { // the last tenth is elsewhere
		far.X[i] = -far.X[i] * 0.1
	}
	c.Pieces = true
	if m, err = vectors.Fit(context.Background(), far, c, manifold.Run{}); err != nil {
		t.Fatal(err)
	}
	if other, _, err := outOfSample(context.Background(), far, c, m); err != nil || other < 2*away {
		t.Errorf("points that are elsewhere are off by %.3f, %v; those of the shape by %.3f", other, err, away)
	}
}

// Of the ten nearest on a line, from its end, those are the same that both have.
func TestSameNearest(t *testing.T) {
	x, y := &vector.Points{Dim: 1}, &vector.Points{Dim: 1}
	for i := range 31 {
		x.X = append(x.X, float32(i))
		y.X = append(y.X, float32(i))
	}
	y.X[29], y.X[28], y.X[27] = -1, -2, -3
	if got := sameNearest(x, y, 30); got != 0.7 {
		t.Errorf("%g is the same, want 0.7", got)
	}
}

func TestText(t *testing.T) {
	measured := []Set{{Name: "ring", Points: 7, Values: 2, Dims: 1, Maps: 2, Angle: 1.25, New: 0.5, Same: 0.25, Many: 100, Long: 3, LongFit: 2, Seeds: []Seed{{Seed: 7, SMT: vectors.Preserved{Trust: 0.5}}},
		Methods: []Method{{Name: "smt"}, {Name: "slow", Seconds: 9}, {Name: "fast", Seconds: 4}}}}
	var b bytes.Buffer
	Text(&b, measured)
	for _, want := range []string{"ring\t7\t2\t1\tsmt", "1.2° of 2\t50.0 %\t25 %\t100\t2.00 s\t3.00 s\tfast, 4.00 s for 7", "7\t0.500000\t0.000000"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
