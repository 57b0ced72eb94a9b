// Package rapidtest fuzzes properties that are tested with rapid.
package rapidtest

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Fuzz fuzzes a property, from inputs that are long enough for it to draw all it wants from.
func Fuzz(f *testing.F, property func(*rapid.T)) {
	for seed := range byte(8) {
		input := make([]byte, 1<<14)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(input)
		f.Add(input)
	}
	f.Fuzz(rapid.MakeFuzz(property))
}
