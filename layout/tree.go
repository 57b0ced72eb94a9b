package layout

import "slices"

// A tree is points in squares within squares. Points lie in the order of a curve that goes through one quarter
// of a square after the other, so that each square has a span of them. Its nodes lie in the order in which they are met
// going down: a square, then those inside it.
type tree struct {
	theta float64
	// Of the points, in the order of the curve: their numbers and places.
	order []int32
	at    []Point
	codes []uint64 // place on the curve, and number
	nodes []node
}

// node is a square with points.
type node struct {
	middle Point   // the mean of its points
	mass   float64 // their number
	square float64 // (side / theta)²: from this squared distance on, its points count as one
	last   int32   // the node after all those inside it
	// It has the points from first to end, in the order of the curve.
	first, end int32
}

const (
	leafPoints = 8  // a square with as many is not cut
	treeDepth  = 16 // nor one cut so often
)

// build makes the tree of points.
func (t *tree) build(y []Point) {
	low, high := y[0], y[0]
	for _, p := range y {
		low, high = Point{min(low.X, p.X), min(low.Y, p.Y)}, Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	side := max(high.X-low.X, high.Y-low.Y)
	scale := 0.0
	if side > 0 {
		scale = (1<<treeDepth - 1) / side
	}
	t.codes = slices.Grow(t.codes[:0], len(y))
	for i, p := range y {
		x, y := uint16((p.X-low.X)*scale), uint16((p.Y-low.Y)*scale)
		t.codes = append(t.codes, uint64(Curve(x, y))<<32|uint64(i))
	}
	slices.Sort(t.codes)
	t.order, t.at, t.nodes = slices.Grow(t.order[:0], len(y)), slices.Grow(t.at[:0], len(y)), t.nodes[:0]
	for _, c := range t.codes {
		t.order, t.at = append(t.order, int32(uint32(c))), append(t.at, y[uint32(c)])
	}
	t.add(0, len(y), side, treeDepth)
}

// Curve is where a place on a grid lies on a curve that fills one quarter of a square after the other: the bits of
// both numbers in turn (Morton 1966).
func Curve(x, y uint16) uint32 {
	spread := func(of uint16) uint32 {
		v := uint32(of)
		v = (v | v<<8) & 0x00ff00ff
		v = (v | v<<4) & 0x0f0f0f0f
		v = (v | v<<2) & 0x33333333
		return (v | v<<1) & 0x55555555
	}
	return spread(x) | spread(y)<<1
}

// add appends the square with the points from first to end and those inside it. It can be cut depth times more.
func (t *tree) add(first, end int, side float64, depth int) {
	me := len(t.nodes)
	t.nodes = append(t.nodes, node{})
	var sum Point
	for _, p := range t.at[first:end] {
		sum.X += p.X
		sum.Y += p.Y
	}
	mass := float64(end - first)
	n := node{middle: Point{sum.X / mass, sum.Y / mass}, mass: mass, square: (side / t.theta) * (side / t.theta), first: int32(first), end: int32(end)}
	if end-first > leafPoints && depth > 0 {
		shift := 32 + 2*(depth-1)
		for from := first; from < end; {
			quarter := t.codes[from] >> shift
			to := from + 1
			for to < end && t.codes[to]>>shift == quarter {
				to++
			}
			t.add(from, to, side/2, depth-1)
			from = to
		}
	}
	n.last = int32(len(t.nodes))
	t.nodes[me] = n
}

// repulsion is Σ_j w² (y − y_j) and Σ_j w, w = 1/(1 + ‖y − y_j‖²), over the points but the one with place k
// on the curve, which lies at y.
func (t *tree) repulsion(k int) (push Point, mass float64) {
	y := t.at[k]
	for i := 0; i < len(t.nodes); {
		n := &t.nodes[i]
		dx, dy := y.X-n.middle.X, y.Y-n.middle.Y
		d := dx*dx + dy*dy
		switch inside := int(n.first) <= k && k < int(n.end); {
		case d > n.square && !inside:
			w := 1 / (1 + d)
			mass += n.mass * w
			w *= n.mass * w
			push.X += w * dx
			push.Y += w * dy
			i = int(n.last)
		case int(n.last) == i+1: // a square that was not cut
			for j, p := range t.at[n.first:n.end] {
				if int(n.first)+j == k {
					continue
				}
				dx, dy := y.X-p.X, y.Y-p.Y
				w := 1 / (1 + dx*dx + dy*dy)
				mass += w
				push.X += w * w * dx
				push.Y += w * w * dy
			}
			i++
		default:
			i++
		}
	}
	return push, mass
}
