package smttest

import "math/rand/v2"

// Blobs are gray images of noise, of a value for each 4 × 4 pixels and smooth in between:
// a patch has many atoms.
type Blobs struct{ Textures }

// Image writes image i into pix.
func (b Blobs) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(b.Seed, uint64(i)))
	across := b.Size.Width/4 + 2
	noise := make([]float64, (b.Size.Height/4+2)*across)
	for k := range noise {
		noise[k] = 255 * rng.Float64()
	}
	smooth := func(x int) float64 { f := float64(x%4) / 4; return f * f * (3 - 2*f) }
	for y := range b.Size.Height {
		for x := range b.Size.Width {
			at, right, down := noise[y/4*across+x/4:], smooth(x), smooth(y)
			top, bottom := at[0]+right*(at[1]-at[0]), at[across]+right*(at[across+1]-at[across])
			pix[y*b.Size.Width+x] = uint8(top + down*(bottom-top))
		}
	}
	return nil
}
