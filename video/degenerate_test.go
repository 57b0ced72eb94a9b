package video

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
)

// Rows without values, steps that are none or longer than all rows, and no rows: there is nothing to measure.
func TestNothingToMeasure(t *testing.T) {
	rows := []float32{0, 1, 1, 0, 2, 2}
	for _, c := range []struct {
		rows      []float32
		dim, step int
	}{{rows, 0, 1}, {rows, -2, 1}, {rows, 2, 0}, {rows, 2, -1}, {rows, 2, 2}, {rows, 2, math.MaxInt}, {rows, math.MaxInt, 1}, {nil, 2, 1}} {
		if got := Turning(c.rows, c.dim, c.step); got != 0 {
			t.Errorf("%d values in rows of %d turn by %g in steps of %d, want 0", len(c.rows), c.dim, got, c.step)
		}
	}
	if got := Turning(rows, 2, 1); got == 0 {
		t.Error("what turns does not")
	}
	for _, dim := range []int{0, -1} {
		if got := Change(rows, dim); len(got) != 0 {
			t.Errorf("%d values of rows of %d", len(got), dim)
		}
	}
	if got := Change(rows[:2], 2); got[0] != 0 || got[1] != 0 {
		t.Errorf("one row changes by %v", got)
	}
	for _, c := range [][2]int{{0, 1}, {-1, 1}, {2, 0}, {2, -1}} {
		if _, err := Regress(rows, c[0], make([]float64, 3), c[1]); err == nil || !strings.Contains(err.Error(), "want at least 1 of each") {
			t.Errorf("regression of %d values on %d: error %v", c[1], c[0], err)
		}
	}
}

// A window of time is to be within a clip: the longest, of those there are.
func TestRadiusOfNoClip(t *testing.T) {
	shape := dataset.Shape{Height: 8, Width: 8, Channels: 1}
	f, c := drifting(t, shape, 3, 20, 30, 25), small(shape)
	c.Radius = 30
	if _, err := Fit(context.Background(), f, c, manifold.Run{}); err == nil || !strings.Contains(err.Error(), "radius is 30 frames: want at most 29, as the longest clip, 1, has 30 frames") {
		t.Errorf("error %v", err)
	}
	c.Radius = 29
	if _, err := Fit(context.Background(), f, c, manifold.Run{}); err != nil {
		t.Errorf("a radius of 29 frames in a clip of 30: %v", err)
	}
}
