package cooccur

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Grid is the topology of units in rows and columns, of the given sizes, the last one
// running fastest: Grid{n} is a line, as words of a text are; Grid{rows, columns} has the
// patches of an image, Grid{times, rows, columns} those of a clip, and a fourth size is the
// depth of what is solid. A step goes along any of the sizes, or along several of them at once.
// The first size may be 0, of a group without units; a 0 after it ends the sizes.
type Grid [4]int

// Steps says how far along each size of a grid a step goes. Steps{1} leads along the first
// size alone: of a clip, to the same place in the frames before and after. Steps{2, 1, 1} leads
// twice as far in time as in rows and columns. Without any, a step goes 1 along each size.
type Steps [len(Grid{})]int

// Lattice is a grid with steps of its own.
type Lattice struct {
	Grid
	Steps Steps
}

// count is the number of sizes, at least 1.
func (g Grid) count() int {
	n := 1
	for n < len(g) && g[n] != 0 {
		n++
	}
	return n
}

// Units is the product of the sizes.
func (g Grid) Units() int {
	n := 1
	for _, size := range g[:g.count()] {
		n *= size
	}
	return n
}

// Near calls f with a span for each row of the window around unit i.
func (g Grid) Near(i, radius int, f func(from, to int)) { Lattice{Grid: g}.Near(i, radius, f) }

// MostNear is the size of a window, or of the grid where that is smaller.
func (g Grid) MostNear(radius int) int { return Lattice{Grid: g}.MostNear(radius) }

// Reach is a radius along each of the sizes.
func (g Grid) Reach(radius int) int { return Lattice{Grid: g}.Reach(radius) }

func (g Grid) String() string { return joined(g[:g.count()]) }

// joined is numbers with × between them.
func joined(n []int) string {
	var all []string
	for _, size := range n {
		all = append(all, strconv.Itoa(size))
	}
	return strings.Join(all, " × ")
}

// reach is how far a radius leads along each size.
func (l Lattice) reach(radius int) (far Grid) {
	for k, size := range l.Grid[:l.count()] {
		most := max(0, size-1)
		far[k] = min(radius, most)
		if l.Steps != (Steps{}) {
			far[k] = min(far[k]*l.Steps[k], most)
		}
	}
	return far
}

// Near calls f with a span for each row of the window around unit i.
func (l Lattice) Near(i, radius int, f func(from, to int)) {
	n, far := l.count(), l.reach(radius)
	near(l.Grid[:n], far[:n], 0, i, f)
}

// near calls f with the spans around unit i of a grid whose first unit has the number base.
func near(sizes, far []int, base, i int, f func(from, to int)) {
	if len(sizes) == 1 {
		f(base+max(0, i-far[0]), base+min(sizes[0], i+far[0]+1))
		return
	}
	inner := 1
	for _, size := range sizes[1:] {
		inner *= size
	}
	at := i / inner
	for k := max(0, at-far[0]); k < min(sizes[0], at+far[0]+1); k++ {
		near(sizes[1:], far[1:], base+k*inner, i%inner, f)
	}
}

// MostNear is the size of a window, or of the grid where that is smaller.
func (l Lattice) MostNear(radius int) int {
	n, far := 1, l.reach(radius)
	for k, size := range l.Grid[:l.count()] {
		n *= min(2*far[k]+1, size)
	}
	return n
}

// Reach is a radius of steps along each of the sizes.
func (l Lattice) Reach(radius int) int {
	reach, inner := 0, 1
	far := l.reach(radius)
	for k, size := range slices.Backward(l.Grid[:l.count()]) {
		reach += far[k] * inner
		inner *= size
	}
	return reach
}

func (l Lattice) String() string {
	if l.Steps == (Steps{}) {
		return l.Grid.String()
	}
	return fmt.Sprintf("%v in steps of %s", l.Grid, joined(l.Steps[:l.count()]))
}

// maxUnits is more than a group has, so that no product of sizes overflows.
const maxUnits = 1 << 30

// check reports sizes and steps that no group has.
func (l Lattice) check() error {
	n, units := l.count(), 1
	for k, size := range l.Grid {
		step := l.Steps[k]
		if k < n && (size < 1 || size > maxUnits/units) || k >= n && size != 0 {
			return fmt.Errorf("grid %d is out of range: want sizes from 1 on, only the last ones 0, and at most %d units", l.Grid, maxUnits)
		}
		if step < 0 || step > maxUnits || k >= n && step != 0 {
			return fmt.Errorf("steps %d are out of range: want 0 to %d along each size of a grid of %v", l.Steps, maxUnits, l.Grid)
		}
		units *= max(1, size)
	}
	return nil
}
