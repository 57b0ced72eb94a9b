package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
)

// TestUnmet reports fits whose check holds or not, as text and as JSON: one that does not hold is never silent.
func TestUnmet(t *testing.T) {
	held := smt.VICReg{Invariance: 8.6e-16, EigenvalueSum: 5.3e-8, Variance: 1}
	lost := smt.VICReg{Invariance: 4.519, EigenvalueSum: 4.516, Variance: 1.003}
	reports := func(v smt.VICReg) []result {
		o := objectiveOf(v)
		f := fitted{objective: o}
		f.FitSeconds = 1
		m := modelInfo{objective: o, Eigenvalues: []float64{1}}
		e := evaluation{objective: &o}
		return []result{&f, &m, &e, &fittedMembers{Models: []fitted{{}, f}}}
	}
	for _, v := range []smt.VICReg{held, lost} {
		want := v == lost
		for _, r := range reports(v) {
			for _, asJSON := range []bool{false, true} {
				var out, errs bytes.Buffer
				a := newApp(&out, &errs)
				a.json, a.quiet = asJSON, true
				if err := a.emit(r); err != nil {
					t.Fatal(err)
				}
				sign := "not hold"
				if asJSON {
					sign = `"unmet": "variance is 1.003, want 1: `
					if !json.Valid(out.Bytes()) {
						t.Errorf("%T: not JSON: %s", r, out.String())
					}
				}
				if got := strings.Contains(out.String(), sign); got != want {
					t.Errorf("%T of %+v: said is %v, want %v:\n%s", r, v, got, want, out.String())
				}
				if got := strings.Contains(errs.String(), "does not hold: "); got != want {
					t.Errorf("%T of %+v: standard error says %q", r, v, errs.String())
				}
			}
		}
	}
}
