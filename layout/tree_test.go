package layout

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// repelled is the definition of the repulsion.
func repelled(y []Point, i int) (push Point, mass float64) {
	for j := range y {
		if j != i {
			dx, dy := y[i].X-y[j].X, y[i].Y-y[j].Y
			w := 1 / (1 + dx*dx + dy*dy)
			mass += w
			push.X += w * w * dx
			push.Y += w * w * dy
		}
	}
	return push, mass
}

// together is repelled where a square of points counts as their mean, if its side is less than theta of the distance to that: Barnes
// and Hut's definition, with squares that halve, and are halved while they have more points than a leaf.
func together(y []Point, i int, theta float64) (push Point, mass float64) {
	low, high := y[0], y[0]
	for _, p := range y {
		low, high = Point{min(low.X, p.X), min(low.Y, p.Y)}, Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	whole := max(high.X-low.X, high.Y-low.Y)
	cells := math.Exp2(treeDepth) - 1
	half := func(p, low float64, depth int) int { // in which half of its square it is
		return int((p-low)*(cells/max(whole, 1e-300))) >> (depth - 1) & 1
	}
	add := func(p Point, n float64) {
		dx, dy := y[i].X-p.X, y[i].Y-p.Y
		w := 1 / (1 + dx*dx + dy*dy)
		mass += n * w
		push.X += n * w * w * dx
		push.Y += n * w * w * dy
	}
	var walk func(in []int, side float64, depth int)
	walk = func(in []int, side float64, depth int) {
		var mean Point
		for _, j := range in {
			mean.X += y[j].X / float64(len(in))
			mean.Y += y[j].Y / float64(len(in))
		}
		switch far := theta*math.Hypot(y[i].X-mean.X, y[i].Y-mean.Y) > side; {
		case far && !slices.Contains(in, i):
			add(mean, float64(len(in)))
		case len(in) <= leafPoints || depth == 0:
			for _, j := range in {
				if j != i {
					add(y[j], 1)
				}
			}
		default:
			var quarters [4][]int
			for _, j := range in {
				q := 2*half(y[j].Y, low.Y, depth) + half(y[j].X, low.X, depth)
				quarters[q] = append(quarters[q], j)
			}
			for _, q := range quarters {
				if len(q) > 0 {
					walk(q, side/2, depth-1)
				}
			}
		}
	}
	all := make([]int, len(y))
	for j := range all {
		all[j] = j
	}
	walk(all, whole, treeDepth)
	return push, mass
}

// The tree has each other point once, wherever points lie, in one place too, and takes together what its definition does. How
// far off that is has no bound of some per cent: at theta 0.9 one of a square's points may lie next to the point that the
// others are far from.
func TestRepulsion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SampledFrom([]float64{0, 1e-3, 1, 1, 7, 30})
		n := rapid.IntRange(1, 200).Draw(t, "n")
		y := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			return Point{places.Draw(t, "x") + rapid.Float64Range(-3, 3).Draw(t, "dx"), places.Draw(t, "y")}
		}), n, n).Draw(t, "points")
		y = append(y, y[:len(y)/2]...)
		exact, far := tree{theta: exactly}, tree{theta: farTheta}
		exact.build(y)
		far.build(y)
		for k := range y {
			i := int(exact.order[k])
			want, wantMass := repelled(y, i)
			if push, mass := exact.repulsion(k); math.Hypot(push.X-want.X, push.Y-want.Y) > 1e-9 || math.Abs(mass-wantMass) > 1e-9 {
				t.Fatalf("point %d of %v: %v and %g, want %v and %g", i, y, push, mass, want, wantMass)
			}
			want, wantMass = together(y, i, farTheta)
			if push, mass := far.repulsion(k); math.Hypot(push.X-want.X, push.Y-want.Y) > 1e-9 || math.Abs(mass-wantMass) > 1e-9 {
				t.Fatalf("point %d of %v, together: %v and %g, want %v and %g", i, y, push, mass, want, wantMass)
			}
		}
	})
}

// Far points are taken together: of 4,000 points a walk meets a small part.
func TestTreeIsShort(t *testing.T) {
	y := scattered(4000, 100)
	tr := tree{theta: farTheta}
	tr.build(y)
	var off, whole float64
	for k := range y {
		want, _ := repelled(y, int(tr.order[k]))
		push, _ := tr.repulsion(k)
		off += math.Hypot(push.X-want.X, push.Y-want.Y)
		whole += math.Hypot(want.X, want.Y)
	}
	if off == 0 || off > 0.03*whole {
		t.Errorf("the repulsion is off by %.2g of it, want a little", off/whole)
	}
}
