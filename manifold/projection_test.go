package manifold

import (
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
)

// A projection has each value in units of its coordinate's, rounded by a division.
func TestProjectionWords(t *testing.T) {
	for _, dims := range []int{1, 31, 32, 70} {
		const atoms = 100
		rng := rand.New(rand.NewPCG(uint64(dims), 1))
		kept := make([]cooccur.Coordinate, dims)
		for j := range kept {
			kept[j].Atoms = make([]float32, atoms)
			for a := range kept[j].Atoms {
				kept[j].Atoms[a] = float32(rng.NormFloat64())
			}
		}
		RoundToWords(kept)
		p := Project(kept, atoms)
		for j := range dims {
			row := Column(p.rows, p.width, j)
			unit := wordUnit(row)
			for a, v := range row {
				offset := 0
				if j%32 < 16 {
					offset = 1 << 15
				}
				at := 2*(j%32) - 31
				if j%32 < 16 {
					at = 2 * (j % 32)
				}
				if got, want := p.slices[j/32][a*32+at], uint16(word(v, unit)+offset); got != want || p.scales[j] != unit {
					t.Fatalf("%d coordinates: word of atom %d, coordinate %d is %d in units of %g, want %d of %g", dims, a, j, got, p.scales[j], want, unit)
				}
			}
		}
	}
}
