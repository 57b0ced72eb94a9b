package vectors

import (
	"testing"

	"github.com/sparse-manifold/smt/source/vector"
)

// The estimate holds the statistics and the points at the least, and grows with each of its parts.
func TestMemory(t *testing.T) {
	p, c := &vector.Points{Dim: 10, X: make([]float32, 10*1000)}, Default()
	base := Memory(p, c)
	c.Atoms = 2 * DefaultAtoms
	if more := Memory(p, c); more-base < 16*3*DefaultAtoms*DefaultAtoms {
		t.Errorf("twice the atoms take %d bytes more", more-base)
	}
	c = Default()
	c.Neighbours *= 10
	if more := Memory(p, c); more-base < 8*9*10*1000 {
		t.Errorf("ten times the neighbours take %d bytes more", more-base)
	}
	more := &vector.Points{Dim: 10, X: make([]float32, 10*3000)}
	if got := Memory(more, Default()); got-base < 4*10*2000 {
		t.Errorf("three times the points take %d bytes more", got-base)
	}
}
