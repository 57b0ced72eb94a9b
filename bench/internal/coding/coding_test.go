package coding

import (
	"testing"

	"github.com/sparse-manifold/smt/bench/internal/images"
	"github.com/sparse-manifold/smt/dataset"
)

func TestCodesAreCounted(t *testing.T) {
	all, err := images.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	src := dataset.Slice(all.Train, 0, 20)
	c, err := New(t.Context(), src, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, atoms := range []int{32, 64} {
		codes, err := c.Encode(t.Context(), src, atoms)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Statistics(atoms)
		if err != nil {
			t.Fatal(err)
		}
		if err := Count(t.Context(), s, codes); err != nil {
			t.Fatal(err)
		}
		// The diagonal of V counts the patches that have an atom.
		active := 0
		for a := range atoms {
			active += int(s.V[a*(a+1)/2+a])
		}
		if want := Active(codes); active != want || active == 0 {
			t.Errorf("%d atoms: %d active counted, %d in the codes", atoms, active, want)
		}
	}
}
