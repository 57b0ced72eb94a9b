package sparse

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Whatever patches and dictionaries there are, the atoms that the kernels are given
// increase and are atoms, which a checked build looks at, and codes are as defined.
func FuzzEncode(f *testing.F) { withSeeds(f).Fuzz(rapid.MakeFuzz(codesAgree)) }

func FuzzEncodeMirrored(f *testing.F) { withSeeds(f).Fuzz(rapid.MakeFuzz(mirroredCodesAgree)) }

// withSeeds adds inputs that are long enough for the property to draw all it wants from.
func withSeeds(f *testing.F) *testing.F {
	for seed := range byte(8) {
		input := make([]byte, 1<<14)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(input)
		f.Add(input)
	}
	return f
}

// Whatever units, dictionaries and λ there are, L1 codes are minima.
func FuzzL1(f *testing.F) { withSeeds(f).Fuzz(rapid.MakeFuzz(l1Agrees)) }
