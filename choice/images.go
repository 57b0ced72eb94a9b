package choice

import (
	"context"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

// Images is what is known of images before anything is learned from them.
type Images struct {
	Len   int           `json:"len"`
	Shape dataset.Shape `json:"shape"`
	// Blank is the share of their tiles that are of one colour.
	Blank float64 `json:"blank"`
}

// tile is the side of the squares that images are cut into to see how many are blank.
const tile = 4

// looked is the number of images that Look reads.
const looked = 256

// Look reads some images of src, chosen by the seed.
func Look(ctx context.Context, src dataset.Source, seed uint64) (Images, error) {
	im := Images{Len: src.Len(), Shape: src.Shape()}
	which := shuffle.Sample(src.Len(), min(looked, src.Len()), seed)
	blank, all := make([]int, len(which)), make([]int, len(which))
	err := parallel.ForErr(ctx, len(which), func(_, i int) error {
		pix := make([]uint8, im.Shape.Len())
		if err := src.Image(which[i], pix); err != nil {
			return err
		}
		blank[i], all[i] = tiles(pix, im.Shape)
		return nil
	})
	if err != nil {
		return Images{}, err
	}
	sum, of := 0, 0
	for i := range which {
		sum, of = sum+blank[i], of+all[i]
	}
	im.Blank = float64(sum) / float64(max(1, of))
	return im, nil
}

// tiles counts the whole tiles of an image, and those of them that are of one colour.
func tiles(pix []uint8, s dataset.Shape) (blank, all int) {
	for y := 0; y+tile <= s.Height; y += tile {
		for x := 0; x+tile <= s.Width; x += tile {
			all++
			if even(pix, s, y, x) {
				blank++
			}
		}
	}
	return blank, all
}

// even reports whether the tile with this corner is of one colour.
func even(pix []uint8, s dataset.Shape, y, x int) bool {
	colour := pix[(y*s.Width+x)*s.Channels:][:s.Channels]
	for dy := range tile {
		row := pix[((y+dy)*s.Width+x)*s.Channels:][:tile*s.Channels]
		for i, v := range row {
			if v != colour[i%s.Channels] {
				return false
			}
		}
	}
	return true
}
