package pool

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/pool/pooltest"
)

// drawn is a grid, and how many patches of it are used.
func drawn(t *rapid.T) (thin, rows, cols int) {
	return rapid.SampledFrom([]int{0, 1, 2, 4}).Draw(t, "thin"), rapid.IntRange(1, 20).Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "cols")
}

// The patches used are those of the definition, in order, and before counts them.
func TestUsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		thin, rows, cols := drawn(t)
		p, n := thinned{rows, cols, thin}, 0
		var want []int
		for i, used := range pooltest.Used(thin, rows, cols) {
			if got := p.before(i/cols, i%cols); got != n {
				t.Fatalf("%d of %d × %d: %d patches before number %d, want %d", thin, rows, cols, got, i, n)
			}
			if used {
				want = append(want, i)
				n++
			}
		}
		if got := p.before(rows, 0); got != n {
			t.Fatalf("%d of %d × %d: %d patches, want %d", thin, rows, cols, got, n)
		}
		if got := (Layout{Thin: thin}).Used(rows, cols); !slices.Equal(got, want) {
			t.Fatalf("%d of %d × %d: patches %v, want %v", thin, rows, cols, got, want)
		}
	})
}

// About as many patches are used as are asked for, and every 3 × 3 of them has one, where windows of three patches are
// and every pixel of patches of three.
func TestUsedLeavesNoGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		thin, rows, cols := drawn(t)
		rows, cols = rows+2, cols+2
		used := pooltest.Used(thin, rows, cols)
		for y := range rows - 2 {
			for x := range cols - 2 {
				any := false
				for k := range 9 {
					any = any || used[(y+k/3)*cols+x+k%3]
				}
				if !any {
					t.Fatalf("%d of %d × %d: none from row %d and column %d on", thin, rows, cols, y, x)
				}
			}
		}
		// Pixels are seen by patches up to two rows and columns before them.
		for y := range rows + 2 {
			for x := range cols + 2 {
				any := false
				for k := range 9 {
					if y, x := y-k/3, x-k%3; y >= 0 && y < rows && x >= 0 && x < cols {
						any = any || used[y*cols+x]
					}
				}
				if !any {
					t.Fatalf("%d of %d × %d: no patch has the pixel in row %d and column %d", thin, rows, cols, y, x)
				}
			}
		}
	})
	const rows, cols = 27, 27
	for thin, want := range map[int]int{1: 729, 2: 365, 4: 196} {
		if got := len((Layout{Thin: thin}).Used(rows, cols)); got != want {
			t.Errorf("of CIFAR's 729 patches %d are used, for 1 in %d, want %d", got, thin, want)
		}
	}
}

// The embedding of a flipped grid is the flip of the embedding, whatever is left out and however
// wide the grid is.
func TestFlipOfThinned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		thin, rows, cols := drawn(t)
		l := Layout{Window: 3, Stride: 2, Thin: thin, Dims: 2, Parity: []int8{1, -1}, Frequencies: rapid.SampledFrom([]int{0, 3}).Draw(t, "frequencies")}
		rows, cols = rows+2, cols+4 // a single cell cannot always be centred
		values := rapid.SliceOfN(rapid.Float32Range(-1, 1), 2*rows*cols, 2*rows*cols).Draw(t, "values")
		for i := range values { // no patch is nearly zero, and none undoes another: directions of sums are well determined
			if i%2 == 0 || values[i] >= 0 {
				values[i] = 1 + abs(values[i])
			} else {
				values[i]--
			}
		}
		embed := func(flip bool) []float32 {
			used, out := l.Used(rows, cols), make([]float32, l.Dim(rows, cols))
			err := l.Embed(rows, cols, simd.WordColumns, new(Scratch), out, func(first, last int, beta []float32) error {
				clear(beta)
				for k, i := range used[first:last] {
					sign := float32(1)
					if flip {
						i, sign = i-i%cols+cols-1-i%cols, -1
					}
					beta[k*simd.WordColumns], beta[k*simd.WordColumns+1] = values[2*i], sign*values[2*i+1]
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		e := embed(false)
		want := make([]float32, len(e))
		l.Flip(e, rows, cols, want)
		for i, v := range embed(true) {
			// A root multiplies what float32 rounds where a frequency is near zero.
			if d := v*abs(v) - want[i]*abs(want[i]); abs(d) > 1e-5 {
				t.Fatalf("value %d of the flip is %g, want %g", i, v, want[i])
			}
		}
	})
}

func abs(v float32) float32 { return max(v, -v) }

// A cell is the direction of the sum of the patches of its window that are used, each of length 1.
func TestCellsOfThinned(t *testing.T) {
	for _, thin := range []int{2, 4} {
		for _, size := range [][2]int{{9, 11}, {8, 10}, {90, 100}} { // the last one in bands
			t.Run(fmt.Sprintf("1 in %d of %d × %d", thin, size[0], size[1]), func(t *testing.T) {
				testCellsOfThinned(t, thin, size[0], size[1])
			})
		}
	}
}

func testCellsOfThinned(t *testing.T, thin, rows, cols int) {
	rng := rand.New(rand.NewPCG(uint64(rows), uint64(thin)))
	l := Layout{Window: 4, Stride: 3, Thin: thin, Dims: 3}
	beta := make([][]float64, rows*cols)
	for i := range beta {
		beta[i] = []float64{rng.NormFloat64(), rng.NormFloat64(), 1 + rng.Float64()}
	}
	var want []float64
	used := pooltest.Used(thin, rows, cols)
	ys, xs := l.Cells(rows, cols)
	for _, top := range ys {
		for _, left := range xs {
			sum := make([]float64, l.Dims)
			for k := range l.Window * l.Window {
				i := (top+k/l.Window)*cols + left + k%l.Window
				if b := beta[i]; used[i] {
					for j, v := range b {
						sum[j] += v / math.Sqrt(b[0]*b[0]+b[1]*b[1]+b[2]*b[2])
					}
				}
			}
			for _, v := range sum {
				want = append(want, v/math.Sqrt(sum[0]*sum[0]+sum[1]*sum[1]+sum[2]*sum[2]))
			}
		}
	}
	numbers, got, calls := l.Used(rows, cols), make([]float32, l.Dim(rows, cols)), 0
	err := l.Embed(rows, cols, simd.WordColumns, new(Scratch), got, func(first, last int, out []float32) error {
		calls++
		clear(out)
		for k, i := range numbers[first:last] {
			for j, v := range beta[i] {
				out[k*simd.WordColumns+j] = float32(v)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if math.Abs(float64(v)-want[i]) > 1e-5 {
			t.Fatalf("value %d is %g, want %g", i, v, want[i])
		}
	}
	if bands := len(numbers) > BandPatches; bands != (calls > 1) {
		t.Errorf("%d patches in %d bands", len(numbers), calls)
	}
	for cell, patches := range l.Patches(rows, cols) {
		for _, i := range patches {
			if y, x := i/cols-ys[cell/len(xs)], i%cols-xs[cell%len(xs)]; !used[i] || y < 0 || y >= l.Window || x < 0 || x >= l.Window {
				t.Fatalf("cell %d has patch %d", cell, i)
			}
		}
	}
}
