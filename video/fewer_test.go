package video

import (
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/manifold"
)

// TestFewerWhitensOnce goes on with the atoms that there are. The whitening is learned once, and the model is that of a
// fit that asks for so many at once.
func TestFewerWhitensOnce(t *testing.T) {
	shape := dataset.Shape{Height: 8, Width: 8, Channels: 1}
	f, c := drifting(t, shape, 3, 20, 30, 25), small(shape)
	c.Whiten, c.Epsilon, c.MaxCosine, c.Atoms = true, 0.1, 0.5, 2000
	var took Config
	whitened := 0
	m, err := FitFewer(t.Context(), f, c, func(few *dictionary.TooFewError) (Config, bool) {
		took = c
		took.Atoms, took.Dims = few.Found, 2
		return took, true
	}, manifold.Run{Progress: func(stage string, done, total int) {
		if stage == "whitening" && done == total {
			whitened++
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if whitened != 1 || m.Config() != took || took.Atoms == 0 {
		t.Errorf("whitened %d times; %+v, want %+v", whitened, m.Config(), took)
	}
	same, err := Fit(t.Context(), f, took, manifold.Run{})
	if err != nil {
		t.Fatal(err)
	}
	if same.VICReg() != m.VICReg() {
		t.Errorf("%+v, and %+v of a fit that asks for so many", m.VICReg(), same.VICReg())
	}
}
