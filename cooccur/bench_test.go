package cooccur

import (
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// A product with B at 16,384 atoms and 5,000 images, whose sums were counted in
// batches as a fit counts them.
func BenchmarkBetween(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 3))
	mirror := flips(1024, 0, 0)
	s, err := newPacked(packedOrigin(mirror, 14, 14), mirror)
	if err != nil {
		b.Fatal(err)
	}
	const images = 5000
	for first := 0; first < images; first += BatchGroups {
		n := min(BatchGroups, images-first)
		sums, patches := make([]uint8, n*s.Stride()), make([]uint8, n)
		for i := range patches {
			patches[i] = uint8(150 + rng.IntN(47))
			for range 6000 {
				sums[i*s.Stride()+rng.IntN(len(mirror))]++
			}
			s.Coded += int64(patches[i])
		}
		s.Sums, s.Units, s.Groups = append(s.Sums, sums), append(s.Units, patches), s.Groups+int64(n)
	}
	basis := Bases(len(mirror), mirror)[0]
	x, y := linalg.NewBundle(basis.Size()), linalg.NewBundle(basis.Size())
	for i := range x.Data {
		x.Data[i] = rng.Float32()
	}
	product := s.between(basis)
	for b.Loop() {
		product(x, y)
	}
}
