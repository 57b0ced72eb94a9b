// Package images is what the benchmarks take codes and statistics of: CIFAR-10
// or, where it is not at hand, images that are made up.
package images

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/sparse-manifold/smt/dataset"
)

// Images are those to learn from and those to test on.
type Images struct {
	Train, Test dataset.Source
	Train100    dataset.Source // the training images of CIFAR-100, nil where they are not at hand
	Real        bool           // CIFAR-10, not synthetic

	close func() error
}

// Close closes the files.
func (i *Images) Close() error { return i.close() }

// Open opens the folders cifar-10-batches-bin and cifar-100-binary in the folder data. Where the first is not
// there, images are synthetic.
func Open(data string) (*Images, error) {
	set, err := openIfAt(filepath.Join(data, "cifar-10-batches-bin"))
	if err != nil {
		return nil, err
	}
	if set == nil {
		return &Images{Train: noise{50_000, 1}, Test: noise{10_000, 2}, close: func() error { return nil }}, nil
	}
	i := &Images{Train: set.Train, Test: set.Test, Real: true, close: set.Close}
	more, err := openIfAt(filepath.Join(data, "cifar-100-binary"))
	if err != nil {
		return nil, errors.Join(err, set.Close())
	}
	if more != nil {
		i.Train100, i.close = more.Train, func() error { return errors.Join(set.Close(), more.Close()) }
	}
	return i, nil
}

// openIfAt opens a folder, and returns nil where there is none.
func openIfAt(path string) (*dataset.Set, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return dataset.Open(path, dataset.Options{})
}

// String says what images they are.
func (i *Images) String() string {
	if i.Real {
		return "CIFAR-10"
	}
	return "synthetic images, 1/f noise"
}

// noise is a source of n colour images whose spectrum falls as 1/f, as that of
// photographs does.
type noise struct {
	n    int
	seed uint64
}

const noiseSide = 32

func (s noise) Len() int { return s.n }
func (s noise) Shape() dataset.Shape {
	return dataset.Shape{Height: noiseSide, Width: noiseSide, Channels: 3}
}
func (s noise) Label(int) int     { return -1 }
func (s noise) Classes() []string { return nil }
func (noise) ID(i int) string     { return strconv.Itoa(i) }

// Image sums noise of grids from one cell to one a pixel. In two dimensions every
// octave of 1/f noise has the same variance. Channels differ little, as in
// photographs.
func (s noise) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(s.seed, uint64(i)))
	var gray [noiseSide * noiseSide]float64
	var tint [3][noiseSide * noiseSide]float64
	for cell := noiseSide; cell >= 1; cell /= 2 {
		octave(rng, cell, 20, gray[:])
		for c := range tint {
			octave(rng, cell, 6, tint[c][:])
		}
	}
	for p := range noiseSide * noiseSide {
		for c := range 3 {
			v := 128 + gray[p] + tint[c][p]
			pix[3*p+c] = uint8(math.Round(min(max(v, 0), 255)))
		}
	}
	return nil
}

// octave adds smooth noise whose grid points are cell pixels apart.
func octave(rng *rand.Rand, cell int, amplitude float64, out []float64) {
	points := noiseSide/cell + 1
	grid := make([]float64, points*points)
	for i := range grid {
		grid[i] = amplitude * rng.NormFloat64()
	}
	for p := range out {
		y, x := p/noiseSide, p%noiseSide
		fy, fx := float64(y%cell)/float64(cell), float64(x%cell)/float64(cell)
		at := grid[y/cell*points+x/cell:]
		out[p] += (at[0]*(1-fx)+at[1]*fx)*(1-fy) + (at[points]*(1-fx)+at[points+1]*fx)*fy
	}
}
