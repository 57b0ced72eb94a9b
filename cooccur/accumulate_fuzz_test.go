package cooccur

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Whatever codes there are, the spans that the kernels are given are of the codes, and
// sums are as defined.
func FuzzAccumulate(f *testing.F) { withSeeds(f).Fuzz(rapid.MakeFuzz(statisticsAgree)) }

func FuzzAccumulatePacked(f *testing.F) {
	dir := f.TempDir()
	withSeeds(f).Fuzz(rapid.MakeFuzz(func(t *rapid.T) { packedInAnyOrder(t, dir) }))
}

// withSeeds adds inputs that are long enough for the property to draw all it wants from.
func withSeeds(f *testing.F) *testing.F {
	for seed := range byte(8) {
		input := make([]byte, 1<<14)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(input)
		f.Add(input)
	}
	return f
}
