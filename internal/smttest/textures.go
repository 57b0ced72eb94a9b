package smttest

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/sparse-manifold/smt/dataset"
)

// Textures are small images of stripes. Their direction is the class; period, phase, tint and noise vary.
type Textures struct {
	N    int // how many
	Size dataset.Shape
	Seed uint64
}

// Colour are so many textures in colour, of a size that divides by little.
func Colour(n int) Textures { return Textures{n, dataset.Shape{Height: 13, Width: 14, Channels: 3}, 1} }

func (s Textures) Len() int             { return s.N }
func (s Textures) Shape() dataset.Shape { return s.Size }
func (s Textures) Label(i int) int      { return i % 3 }
func (s Textures) Classes() []string    { return []string{"upright", "level", "slanted"} }
func (Textures) ID(i int) string        { return strconv.Itoa(i) }

// Image paints image i.
func (s Textures) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(s.Seed, uint64(i)))
	period, phase := 3+2*rng.Float64(), 10*rng.Float64()
	tint := [3]float64{rng.Float64(), rng.Float64(), rng.Float64()}
	for at := range s.Size.Len() {
		y, x := at/s.Size.Channels/s.Size.Width, at/s.Size.Channels%s.Size.Width
		along := []float64{float64(x), float64(y), 0.7 * float64(x+y)}[s.Label(i)]
		stripe := 0.5 + 0.5*math.Sin(2*math.Pi*(along+phase)/period)
		pix[at] = uint8(30 + 180*(0.5+0.5*tint[at%s.Size.Channels])*stripe + 20*rng.Float64())
	}
	return nil
}
