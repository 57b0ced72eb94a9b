package vector

import (
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// treeValues is the number of values of a point up to which a tree leaves out most of what is far.
const treeValues = 8

// leafPoints is the number of points that a box is not split below.
const leafPoints = 32

// tree is points in boxes within boxes, each cut in the middle of its longest side (Friedman, Bentley and Finkel
// 1977). The points of a box are next to one another. It is a finder.
type tree struct {
	given  *Points
	points *Points // in the order of the tree
	number []int32 // of each of them, among the points that were given
	boxes  []box   // the first has all
	sides  []float32
}

// box is a part of the points, those from first to last-1, in the box that low and high of each value span:
// sides[2·dim·i:] for box i.
type box struct {
	first, last int32
	left, right int32 // boxes that it is cut into, 0 for none
}

// newTree puts points into boxes.
func newTree(p *Points) *tree {
	t := &tree{given: p, points: &Points{Dim: p.Dim, X: make([]float32, len(p.X))}, number: make([]int32, p.N())}
	copy(t.points.X, p.X)
	for i := range t.number {
		t.number[i] = int32(i)
	}
	// The largest boxes are cut one after the other, what is in them at the same time.
	const pieces = 16
	whole := t.add(0, int32(p.N()))
	open := []int32{whole}
	for at := 0; at < len(open) && len(open)-at < pieces; at++ {
		if t.cut(open[at]) {
			open = append(open, t.boxes[open[at]].left, t.boxes[open[at]].right)
			open[at] = -1
		}
	}
	parts := make([]*tree, len(open))
	parallel.For(len(open), func(_, i int) {
		if open[i] < 0 {
			return
		}
		b := t.boxes[open[i]]
		parts[i] = &tree{points: t.points, number: t.number}
		root := parts[i].add(b.first, b.last)
		parts[i].cutAll(root)
	})
	for i, part := range parts {
		if part != nil {
			t.graft(open[i], part)
		}
	}
	return t
}

// add adds a box of some of the points.
func (t *tree) add(first, last int32) int32 {
	dim := t.points.Dim
	at := len(t.sides)
	for range dim {
		t.sides = append(t.sides, float32(math.Inf(1)))
	}
	for range dim {
		t.sides = append(t.sides, float32(math.Inf(-1)))
	}
	low, high := t.sides[at:at+dim], t.sides[at+dim:]
	for x := t.points.X[int(first)*dim : int(last)*dim]; len(x) > 0; x = x[dim:] {
		for j, v := range x[:dim] {
			if v < low[j] {
				low[j] = v
			}
			if v > high[j] {
				high[j] = v
			}
		}
	}
	t.boxes = append(t.boxes, box{first: first, last: last})
	return int32(len(t.boxes) - 1)
}

// lowHigh are the sides of a box.
func (t *tree) lowHigh(b int32) (low, high []float32) {
	dim := t.points.Dim
	sides := t.sides[2*dim*int(b):][:2*dim]
	return sides[:dim], sides[dim:]
}

// cut cuts a box in two, unless its points are few or all equal.
func (t *tree) cut(b int32) bool {
	first, last := int(t.boxes[b].first), int(t.boxes[b].last)
	low, high := t.lowHigh(b)
	axis, longest := 0, 0.0
	for j, v := range low {
		if side := float64(high[j]) - float64(v); side > longest {
			axis, longest = j, side
		}
	}
	if last-first <= leafPoints || longest == 0 {
		return false
	}
	dim, x := t.points.Dim, t.points.X
	middle := (float64(low[axis]) + float64(high[axis])) / 2
	from, to := first, last
	for from < to {
		if float64(x[from*dim+axis]) < middle {
			from++
			continue
		}
		to--
		t.number[from], t.number[to] = t.number[to], t.number[from]
		for j := range dim {
			x[from*dim+j], x[to*dim+j] = x[to*dim+j], x[from*dim+j]
		}
	}
	left := t.add(int32(first), int32(from))
	right := t.add(int32(from), int32(last))
	t.boxes[b].left, t.boxes[b].right = left, right
	return true
}

// cutAll cuts a box, and what it is cut into.
func (t *tree) cutAll(b int32) {
	for open := []int32{b}; len(open) > 0; {
		last := len(open) - 1
		if b, open = open[last], open[:last]; t.cut(b) {
			open = append(open, t.boxes[b].left, t.boxes[b].right)
		}
	}
}

// graft makes box b the first box of part, with all that are in that.
func (t *tree) graft(b int32, part *tree) {
	moved := int32(len(t.boxes)) - 1 // of all boxes of part but the first
	for i, from := range part.boxes {
		if from.left > 0 {
			from.left, from.right = from.left+moved, from.right+moved
		}
		if i == 0 {
			t.boxes[b] = from
		} else {
			t.boxes = append(t.boxes, from)
		}
	}
	t.sides = append(t.sides, part.sides[2*t.points.Dim:]...)
}

// away is the square of the distance of x to a box. It is no larger than that to a point in it, as both are
// summed in the same order, and rounding keeps what is larger larger.
func (t *tree) away(x []float32, b int32) (sum float64) {
	low, high := t.lowHigh(b)
	for j, v := range x {
		d := max(float64(low[j])-float64(v), float64(v)-float64(high[j]), 0)
		sum += float64(d * d)
	}
	return sum
}
