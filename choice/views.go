package choice

import (
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/dataset"
)

// views is a source whose images are seen anew: moved, nearer or farther, in another light, at times out of focus. An image
// looks the same whenever it is read.
type views struct {
	dataset.Source
	seed uint64
}

// How far a view is from its image.
const (
	moved   = 0.1 // of a side, to any direction, at the most
	nearest = 0.8 // of the sides that are seen, at the least
	light   = 1.5 // power of the brightness, or its inverse, at the most
	blurred = 0.5 // of the views
)

func (v views) Image(i int, pix []uint8) error {
	s := v.Shape()
	from := make([]uint8, s.Len())
	if err := v.Source.Image(i, from); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(v.seed, uint64(i)))
	between := func(low, high float64) float64 { return low + (high-low)*rng.Float64() }
	scale := between(nearest, 1/nearest)
	dy, dx := between(-moved, moved)*float64(s.Height), between(-moved, moved)*float64(s.Width)
	power := math.Exp(between(-1, 1) * math.Log(light))
	if rng.Float64() < blurred {
		from = blur(from, s)
	}
	var curve [256]float64
	for k := range curve {
		curve[k] = 255 * math.Pow(float64(k)/255, power)
	}
	midY, midX := float64(s.Height-1)/2, float64(s.Width-1)/2
	for y := range s.Height {
		for x := range s.Width {
			atY := midY + dy + (float64(y)-midY)*scale
			atX := midX + dx + (float64(x)-midX)*scale
			for c := range s.Channels {
				pix[(y*s.Width+x)*s.Channels+c] = uint8(sampled(from, s, &curve, atY, atX, c) + 0.5)
			}
		}
	}
	return nil
}

// sampled is a value between pixels, bilinear; beyond an edge it is that of the edge.
func sampled(pix []uint8, s dataset.Shape, curve *[256]float64, y, x float64, c int) float64 {
	y, x = min(max(y, 0), float64(s.Height-1)), min(max(x, 0), float64(s.Width-1))
	y0, x0 := int(y), int(x)
	y1, x1 := min(y0+1, s.Height-1), min(x0+1, s.Width-1)
	fy, fx := y-float64(y0), x-float64(x0)
	at := func(y, x int) float64 { return curve[pix[(y*s.Width+x)*s.Channels+c]] }
	return (1-fy)*((1-fx)*at(y0, x0)+fx*at(y0, x1)) + fy*((1-fx)*at(y1, x0)+fx*at(y1, x1))
}

// blur is the mean of 3 × 3 pixels, of those there are.
func blur(pix []uint8, s dataset.Shape) []uint8 {
	out := make([]uint8, len(pix))
	for y := range s.Height {
		for x := range s.Width {
			for c := range s.Channels {
				sum, n := 0, 0
				for yy := max(0, y-1); yy <= min(s.Height-1, y+1); yy++ {
					for xx := max(0, x-1); xx <= min(s.Width-1, x+1); xx++ {
						sum, n = sum+int(pix[(yy*s.Width+xx)*s.Channels+c]), n+1
					}
				}
				out[(y*s.Width+x)*s.Channels+c] = uint8((sum + n/2) / n)
			}
		}
	}
	return out
}
