package pool

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/simd"
)

// Cells cover the line from end to end and look the same from either side.
func TestCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.IntRange(1, 9).Draw(t, "window")
		n := window + rapid.IntRange(0, 60).Draw(t, "more")
		stride := rapid.IntRange(1, 12).Draw(t, "stride")
		c := starts(n, window, stride)
		for i, s := range c {
			if s < 0 || s+window > n || (i > 0 && s <= c[i-1]) {
				t.Fatalf("cells %v of %d patches", c, n)
			}
			if len(c) > 1 && c[len(c)-1-i] != n-window-s {
				t.Fatalf("cells %v are not symmetric in %d patches", c, n)
			}
		}
		if len(c) > 1 && c[0] != 0 {
			t.Fatalf("cells %v do not begin at the first patch", c)
		}
		if (n-window)%stride == 0 && len(c) > 1 && len(c) == (n-window)/stride+1 && c[1] != stride {
			t.Fatalf("cells %v, want them %d apart", c, stride)
		}
	})
	if got, want := starts(27, 4, 2), []int{0, 2, 4, 6, 8, 10, 13, 15, 17, 19, 21, 23}; !slices.Equal(got, want) {
		t.Errorf("CIFAR's cells are %v, want %v", got, want)
	}
}

// The patches of a cell are those of its window, and Embed pools them.
func TestPatchesOfCells(t *testing.T) {
	const rows, cols = 9, 11
	l := Layout{Window: 3, Stride: 2, Dims: 1}
	down, across := l.Grid(rows, cols)
	cells := 0
	for cell, patches := range l.Patches(rows, cols) {
		if cell != cells {
			t.Fatalf("cell %d comes as number %d", cell, cells)
		}
		cells++
		// Of patches that are zero but for one, a cell is zero unless it has the one.
		for i := range rows * cols {
			out := make([]float32, l.Dim(rows, cols))
			err := l.Embed(rows, cols, simd.WordColumns, new(Scratch), out, func(first, last int, beta []float32) error {
				clear(beta)
				if first <= i && i < last {
					beta[(i-first)*simd.WordColumns] = 1
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if (out[cell] != 0) != slices.Contains(patches, i) {
				t.Fatalf("cell %d has patches %v, and %g of patch %d", cell, patches, out[cell], i)
			}
		}
	}
	if cells != down*across {
		t.Errorf("%d cells, want %d × %d", cells, down, across)
	}
}

// The number of places of an embedding, which is counted, is that of those that are listed.
func TestDimCountsPlaces(t *testing.T) {
	for _, reach := range []int{0, 1, 2, 3, 7, 40} {
		l := Layout{Frequencies: reach}
		for rows := range 12 {
			for cols := range 12 {
				if got, want := l.kept(rows+1, cols+1), len(l.places(rows+1, cols+1)); got != want {
					t.Errorf("frequencies up to %d, %d × %d cells: %d places counted, %d listed", reach, rows+1, cols+1, got, want)
				}
			}
		}
	}
}

// EvenOdd is a rotation in which the flip changes the signs of the odd values.
func TestEvenOdd(t *testing.T) {
	for k, cols := range []int{5, 6, 7, 10, 5, 6, 7, 10, 5, 6, 7, 10} {
		const rows = 8
		rng := rand.New(rand.NewPCG(uint64(cols), 0))
		l := Layout{Window: 3, Stride: 2, Frequencies: []int{0, 99, 2}[k/4], Dims: 35}
		for range l.Dims {
			l.Parity = append(l.Parity, int8(1-2*rng.IntN(2)))
		}
		dim := l.Dim(rows, cols)
		x, y, flip := make([]float32, dim), make([]float32, dim), make([]float32, dim)
		for i := range x {
			x[i], y[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		}
		l.Flip(x, rows, cols, flip)
		rotated := func(e []float32) []float32 {
			out := make([]float32, dim)
			l.EvenOdd(e, rows, cols, out)
			return out
		}
		rx, ry, rf := rotated(x), rotated(y), rotated(flip)
		var before, after float64
		for i := range x {
			before += float64(x[i]) * float64(y[i])
			after += float64(rx[i]) * float64(ry[i])
			want := rx[i]
			if i >= l.EvenDim(rows, cols) {
				want = -want
			}
			if math.Abs(float64(rf[i]-want)) > 1e-5 {
				t.Fatalf("%d columns: value %d of the flip is %g, want %g", cols, i, rf[i], want)
			}
			turn := l.Turns(rows, cols)[i]
			turned := float64(x[turn.From])
			if turn.With != turn.From {
				turned = (turned + turn.Sign*float64(x[turn.With])) / math.Sqrt2
			}
			if math.Abs(turned-float64(rx[i])) > 1e-6 {
				t.Fatalf("%d columns: value %d is %g, by its turn %g", cols, i, rx[i], turned)
			}
		}
		if math.Abs(before-after) > 1e-3 {
			t.Errorf("%d columns: the product is %g, was %g", cols, after, before)
		}
	}
}

// The embedding of random patches from its definition, in float64.
func TestEmbedAgreesWithDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Layout{
			Window: rapid.IntRange(1, 5).Draw(t, "window"), Stride: rapid.IntRange(1, 6).Draw(t, "stride"),
			Dims: rapid.IntRange(1, 40).Draw(t, "dims"),
		}
		rows, cols := l.Window+rapid.IntRange(0, 9).Draw(t, "rows"), l.Window+rapid.IntRange(0, 9).Draw(t, "cols")
		width := (l.Dims + 31) / 32 * 32
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		beta := make([]float32, rows*cols*width)
		unit := make([][]float64, rows*cols)
		for i := range unit {
			unit[i] = make([]float64, l.Dims)
			if rng.IntN(5) == 0 {
				continue // a patch without code
			}
			for j := range l.Dims {
				beta[i*width+j] = float32(rng.NormFloat64())
				unit[i][j] = float64(beta[i*width+j])
			}
			scale(unit[i])
		}
		got := make([]float32, l.Dim(rows, cols))
		err := l.Embed(rows, cols, width, new(Scratch), got, func(first, last int, out []float32) error {
			copy(out, beta[first*width:last*width])
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		ys, xs := l.Cells(rows, cols)
		for c := range len(ys) * len(xs) {
			cell := make([]float64, l.Dims)
			for y := range l.Window {
				for x := range l.Window {
					for j, v := range unit[(ys[c/len(xs)]+y)*cols+xs[c%len(xs)]+x] {
						cell[j] += v
					}
				}
			}
			if scale(cell) < 1e-2 {
				continue // the mean cancels: no direction to compare
			}
			for j, v := range cell {
				if math.Abs(float64(got[c*l.Dims+j])-v) > 1e-4 {
					t.Fatalf("value %d of cell %d is %g, want %g", j, c, got[c*l.Dims+j], v)
				}
			}
		}
	})
}

// scale makes x a unit vector, unless it is zero, and returns the length it had.
func scale(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	if sum > 0 {
		for i := range x {
			x[i] /= math.Sqrt(sum)
		}
	}
	return math.Sqrt(sum)
}
