package shapes

import (
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/source/vector"
)

// circle is n points on a circle.
func circle(n int, seed uint64) *vector.Points {
	return drawn(n, 2, seed, func(rng *rand.Rand, x []float32) {
		angle := 2 * math.Pi * rng.Float64()
		x[0], x[1] = float32(math.Cos(angle)), float32(math.Sin(angle))
	})
}

// Torus is n points on a torus of radii 2 and 1.
func Torus(n int, seed uint64) *vector.Points {
	return drawn(n, 3, seed, func(rng *rand.Rand, x []float32) {
		u, v := 2*math.Pi*rng.Float64(), 2*math.Pi*rng.Float64()
		r := 2 + math.Cos(v)
		x[0], x[1], x[2] = float32(r*math.Cos(u)), float32(r*math.Sin(u)), float32(math.Sin(v))
	})
}

// Roll is n points of scikit-learn's Swiss roll.
func Roll(n int, seed uint64) *vector.Points {
	return drawn(n, 3, seed, func(rng *rand.Rand, x []float32) {
		t, y := 1.5*math.Pi*(1+2*rng.Float64()), 21*rng.Float64()
		x[0], x[1], x[2] = float32(t*math.Cos(t)), float32(y), float32(t*math.Sin(t))
	})
}

func drawn(n, dim int, seed uint64, draw func(rng *rand.Rand, x []float32)) *vector.Points {
	p := &vector.Points{Dim: dim, X: make([]float32, n*dim)}
	for i := range n {
		draw(rand.New(rand.NewPCG(seed, uint64(i))), p.Row(i))
	}
	return p
}

const side = 32 // of a picture of the object

// object is n pictures of a body on a turntable, seen from up to 45 degrees above or below: 32 × 32 pixels. The body
// is 60 balls of different brightness, drawn by the seed 1, and nearer ones hide those behind them.
func object(n int, seed uint64) *vector.Points {
	type ball struct{ x, y, z, radius, light float64 }
	rng := rand.New(rand.NewPCG(1, 1))
	var body []ball
	for range 60 {
		body = append(body, ball{rng.NormFloat64() * 0.35, rng.NormFloat64() * 0.35, rng.NormFloat64() * 0.25, 0.08 + 0.12*rng.Float64(), 0.2 + 0.8*rng.Float64()})
	}
	return drawn(n, side*side, seed, func(rng *rand.Rand, x []float32) {
		turn, tilt := 2*math.Pi*rng.Float64(), math.Pi/2*(rng.Float64()-0.5)
		depth := make([]float64, side*side)
		for i := range depth {
			depth[i] = math.Inf(-1)
		}
		for _, b := range body {
			px, py := b.x*math.Cos(turn)-b.y*math.Sin(turn), b.x*math.Sin(turn)+b.y*math.Cos(turn)
			across, up, near := px, b.z*math.Cos(tilt)-py*math.Sin(tilt), b.z*math.Sin(tilt)+py*math.Cos(tilt)
			for i := range depth {
				dx := (float64(i%side)+0.5)/side*2 - 1 - across
				dy := (float64(i/side)+0.5)/side*2 - 1 - up
				height := b.radius*b.radius - dx*dx - dy*dy
				if height <= 0 || near+math.Sqrt(height) <= depth[i] {
					continue
				}
				depth[i] = near + math.Sqrt(height)
				x[i] = float32(b.light * math.Sqrt(height) / b.radius) // lit from where it is seen
			}
		}
	})
}
