// Package shapes draws film whose latent variables are known: one shape that moves, turns and grows.
// Of each frame there are the pixels, and the values that a good embedding gives back.
package shapes

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/plural"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// Kind is a shape: the number of turns of 360° / Kind that lead to the same picture.
type Kind int

const (
	Wedge    Kind = 1
	Bar      Kind = 2
	Triangle Kind = 3
	Square   Kind = 4
)

// Side is the height and the width of a frame in pixels. Frames are gray.
const Side = 32

// Latents are what a frame was drawn from: x, y, cos kθ, sin kθ, log size, with k the symmetry of the shape.
const Latents = 5

// Names are what the latents are called.
var Names = [Latents]string{"x", "y", "cos", "sin", "log size"}

// bounds of what moves, in pixels.
const (
	smallest, largest = 5, 9 // radius of the shape
	margin            = 9    // of the centre from the edges
)

// Film is clips of a shape.
type Film struct {
	Frames *videosource.Frames
	// Latents are Latents values a frame, those of one clip after those of another.
	Latents []float64
}

// Shape is that of a frame.
func Shape() dataset.Shape { return dataset.Shape{Height: Side, Width: Side, Channels: 1} }

// New draws so many clips of so many frames. Each moves in a way of its own, which the seed decides, and
// clips of different seeds are different sequences.
func New(kind Kind, clips, frames int, seed uint64) (*Film, error) {
	if kind < Wedge || kind > Square || clips < 1 || frames < 2 {
		return nil, fmt.Errorf("shapes: %s of %s of shape %d: want at least 1 of 2, of shape 1 to 4", plural.Of(clips, "clip"), plural.Of(frames, "frame"), kind)
	}
	var f Film
	all := make([][]uint8, clips)
	for c := range all {
		rng := rand.New(rand.NewPCG(seed, uint64(c)))
		x, y := bouncing(rng, margin, Side-margin, 0.3, 1), bouncing(rng, margin, Side-margin, 0.3, 1)
		grown := bouncing(rng, math.Log(smallest), math.Log(largest), 0.005, 0.02)
		turned, turning := 2*math.Pi*rng.Float64(), (0.01+0.03*rng.Float64())*float64(1-2*rng.IntN(2))
		for t := range frames {
			at := float64(t)
			p := pose{x(at), y(at), turned + turning*at, math.Exp(grown(at))}
			all[c] = p.draw(kind, all[c])
			k := float64(kind)
			f.Latents = append(f.Latents, p.x, p.y, math.Cos(k*p.angle), math.Sin(k*p.angle), math.Log(p.size))
		}
	}
	var err error
	f.Frames, err = videosource.NewFrames(Shape(), all...)
	return &f, err
}

// bouncing is a value that goes to and fro between two bounds, at a speed between slow and fast a
// frame.
func bouncing(rng *rand.Rand, low, high, slow, fast float64) func(t float64) float64 {
	span := high - low
	start, speed := 2*span*rng.Float64(), slow+(fast-slow)*rng.Float64()
	return func(t float64) float64 {
		at := math.Mod(start+speed*t, 2*span)
		return low + min(at, 2*span-at)
	}
}

// pose is where a shape is, how far it is turned, in radians, and its radius.
type pose struct{ x, y, angle, size float64 }

// draw appends the frame: white on black, a pixel as much as the shape covers of it.
func (p pose) draw(kind Kind, pix []uint8) []uint8 {
	const fine = 4 // points along the side of a pixel
	sin, cos := math.Sincos(p.angle)
	for row := range Side {
		for col := range Side {
			inside := 0
			for k := range fine * fine {
				dx := float64(col) + (float64(k%fine)+0.5)/fine - p.x
				dy := float64(row) + (float64(k/fine)+0.5)/fine - p.y
				if kind.holds((cos*dx+sin*dy)/p.size, (cos*dy-sin*dx)/p.size) {
					inside++
				}
			}
			pix = append(pix, uint8(inside*255/(fine*fine)))
		}
	}
	return pix
}

// holds reports whether a point is in the shape of radius 1 that is not turned.
func (k Kind) holds(x, y float64) bool {
	switch k {
	case Wedge:
		return x >= -0.8 && x+4*math.Abs(y) <= 1
	case Bar:
		return math.Abs(x) <= 0.95 && math.Abs(y) <= 0.4
	case Triangle:
		return x >= -0.5 && x+math.Sqrt(3)*math.Abs(y) <= 1
	default:
		return max(math.Abs(x), math.Abs(y)) <= math.Sqrt(0.5)
	}
}
