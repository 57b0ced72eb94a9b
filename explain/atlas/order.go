package atlas

import (
	"cmp"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/layout"
)

// order is items along a curve through the plane that fills one quarter of a square after the other
// (Morton 1966): a span of it is a part of the plane.
type order struct {
	items []int       // the numbers of the items, in the order of the curve
	at    [][2]uint16 // their places on a grid of 65,536 × 65,536, across and down
	// ranked has places in this order, those first that stand for the largest part of the plane: of each
	// square with items, cut and cut again, an item comes before the others.
	ranked []int32
	// width and height are those of the map, on the grid.
	width, height int
}

// gridBits is the number of bits of a place on the grid, across or down.
const gridBits = 16

func newOrder(places []layout.Point) *order {
	places = level(places)
	low := layout.Point{X: math.Inf(1), Y: math.Inf(1)}
	high := layout.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, p := range places {
		low = layout.Point{X: min(low.X, p.X), Y: min(low.Y, p.Y)}
		high = layout.Point{X: max(high.X, p.X), Y: max(high.Y, p.Y)}
	}
	const most = 1<<gridBits - 1
	scale := 0.0
	if side := max(high.X-low.X, high.Y-low.Y); side > 0 {
		scale = most / side
	}
	type placed struct {
		code uint32
		item int
		at   [2]uint16
	}
	all := make([]placed, len(places))
	for i, p := range places {
		x, y := uint16(math.Round((p.X-low.X)*scale)), uint16(math.Round((high.Y-p.Y)*scale))
		all[i] = placed{layout.Curve(x, y), i, [2]uint16{x, y}}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.code, b.code) })
	o := &order{width: max(1, int((high.X-low.X)*scale)), height: max(1, int((high.Y-low.Y)*scale))}
	codes := make([]uint32, len(all))
	for k, p := range all {
		o.items, o.at, codes[k] = append(o.items, p.item), append(o.at, p.at), p.code
	}
	o.ranked = rank(codes)
	return o
}

// level turns places so that they are spread most from left to right.
func level(places []layout.Point) []layout.Point {
	var mean layout.Point
	for _, p := range places {
		mean.X += p.X / float64(len(places))
		mean.Y += p.Y / float64(len(places))
	}
	var xx, xy, yy float64
	for _, p := range places {
		x, y := p.X-mean.X, p.Y-mean.Y
		xx, xy, yy = xx+x*x, xy+x*y, yy+y*y
	}
	sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
	out := make([]layout.Point, len(places))
	for i, p := range places {
		out[i] = layout.Point{X: cos*p.X + sin*p.Y, Y: cos*p.Y - sin*p.X}
	}
	return out
}

// rank orders the places of increasing codes: for squares of each size, the largest first, the middle one
// of those in a square that has none yet.
func rank(codes []uint32) []int32 {
	ranked := make([]int32, 0, len(codes))
	taken := make([]bool, len(codes))
	take := func(k int) {
		taken[k] = true
		ranked = append(ranked, int32(k))
	}
	for cut := gridBits; cut >= 0; cut-- {
		for first := 0; first < len(codes); {
			end, has := first, false
			for end < len(codes) && codes[end]>>(2*cut) == codes[first]>>(2*cut) {
				has = has || taken[end]
				end++
			}
			if !has {
				take((first + end) / 2)
			}
			first = end
		}
	}
	for k := range codes {
		if !taken[k] {
			take(k) // in one place with another
		}
	}
	return ranked
}
