package vectors

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/source/vector"
)

// TestFewPointsOfOneValue fits points whose codes, of most of the atoms, all but depend on one another: the
// constraints hold all the same.
func TestFewPointsOfOneValue(t *testing.T) {
	for seed := range uint64(14) {
		rng := rand.New(rand.NewPCG(seed, 16))
		p := &vector.Points{Dim: 1}
		for range 30 {
			p.X = append(p.X, float32(math.Pow(rng.Float64(), float64(1+seed%5))))
		}
		c := Default()
		c.Dims = 1 + int(seed%2)
		if err := fit(t, p, c).VICReg().Unmet(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}
