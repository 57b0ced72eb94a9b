package explain

import (
	"math"
	"testing"
)

// The values at atoms are those of their codes, from the definition.
func TestFunctions(t *testing.T) {
	for _, name := range []string{"photographs", "soft"} {
		m := fitted(t, colour(120), variants()[name])
		g := atomsOf(t, m)
		codes := Encode(m, m.Stages().Dictionary.Atoms)
		beta := betas(m, codes)
		all := Functions(m, g, 5, 4)
		if len(all) != 3+5 {
			t.Fatalf("%d functions, want the 3 dropped and 5 kept", len(all))
		}
		for i, f := range all {
			if f.Number != i || f.Dropped != (i < 3) || (i > 0 && f.Eigenvalue < all[i-1].Eigenvalue) || f.Parity*f.Parity != 1 {
				t.Errorf("%s: function %d is %+v", name, i, f)
			}
			value := func(a int) float64 {
				if !f.Dropped {
					return beta[a][i-3] / norm(beta[a])
				}
				var sum float64
				for k := codes.Start[a]; k < codes.Start[a+1]; k++ {
					sum += value(codes, int(k)) * float64(m.Stages().Dropped[i].Atoms[codes.Atom[k]])
				}
				return sum / norm(beta[a])
			}
			const rounding = 1e-5 // float32 embeddings
			above, below := 0, 0
			for a := range m.Config().Atoms {
				if value(a) > f.Positive[3].Value+rounding {
					above++
				}
				if value(a) < f.Negative[3].Value-rounding {
					below++
				}
			}
			if above > 3 || below > 3 {
				t.Errorf("%s: function %d: %d atoms are above the 4 largest, %d below the 4 smallest", name, i, above, below)
			}
			for _, s := range append(f.Positive, f.Negative...) {
				if math.Abs(s.Value-value(s.Atom)) > rounding {
					t.Errorf("%s: function %d is %g at atom %d, not %g", name, i, value(s.Atom), s.Atom, s.Value)
				}
			}
		}
		if all := Functions(m, g, 100, 100); len(all) != 3+12 || len(all[0].Positive) != 30 {
			t.Errorf("%s: %d functions, %d atoms at an end", name, len(all), len(all[0].Positive))
		}
	}
}
