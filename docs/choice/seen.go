package main

import (
	"image"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/dataset"
)

// cropped is a source of pieces of images: half to all of the area, at the size of the whole, in another colour and light,
// half of them out of focus. A piece is the same whenever it is read.
type cropped struct{ dataset.Source }

func (c cropped) Image(i int, pix []uint8) error {
	img, err := picture(c.Source, i)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	between := func(low, high float64) float64 { return low + (high-low)*rng.Float64() }
	s := c.Shape()
	side := between(0.707, 1)
	h, w := max(2, int(side*float64(s.Height))), max(2, int(side*float64(s.Width)))
	y, x := rng.IntN(s.Height-h+1), rng.IntN(s.Width-w+1)
	piece := img.SubImage(image.Rect(x, y, x+w, y+h))
	if rng.IntN(2) == 0 { // out of focus: there and back by less than half the pixels
		small := dataset.Shape{Height: max(1, 2*h/3), Width: max(1, 2*w/3), Channels: 3}
		if piece, err = picture(dataset.Single(small, dataset.FromImage(piece, small)), 0); err != nil {
			return err
		}
	}
	copy(pix, dataset.FromImage(piece, s))
	light, contrast := between(-25, 25), between(0.7, 1.3)
	for k := range s.Channels {
		gain := contrast * between(0.85, 1.15)
		for p := k; p < s.Len(); p += s.Channels {
			pix[p] = uint8(min(max(128+gain*(float64(pix[p])-128)+light, 0), 255))
		}
	}
	return nil
}

// masked is a source of half images: the other half is of one colour, in which patches show nothing.
type masked struct {
	dataset.Source
	right bool // is what is left of them
}

func (m masked) Image(i int, pix []uint8) error {
	if err := m.Source.Image(i, pix); err != nil {
		return err
	}
	s := m.Shape()
	for y := range s.Height {
		for x := range s.Width {
			if (x >= s.Width/2) != m.right {
				for c := range s.Channels {
					pix[(y*s.Width+x)*s.Channels+c] = 128
				}
			}
		}
	}
	return nil
}
