package main

import (
	"fmt"
	"io"
	"math"

	"github.com/sparse-manifold/smt/explain/sources"
	"github.com/sparse-manifold/smt/manifold"
)

// objective is what a fit reached, as commands report it.
type objective struct {
	manifold.VICReg
	Unmet string `json:"unmet,omitempty"` // which of its bounds does not hold, if any
}

func objectiveOf(v manifold.VICReg) objective {
	o := objective{VICReg: v}
	if err := v.Unmet(); err != nil {
		o.Unmet = err.Error()
	}
	return o
}

// checked is a result that tells which bound of a fit does not hold, "" for none.
type checked interface{ unmet() string }

func (o *objective) unmet() string {
	if o == nil { // of several models
		return ""
	}
	return o.Unmet
}

// unmet is that of the first of several models whose check does not hold.
func (r *fittedMembers) unmet() string {
	for i := range r.Models {
		if r.Models[i].Unmet != "" {
			return r.Models[i].Model + ": " + r.Models[i].Unmet
		}
	}
	return ""
}

func (s *sourcesPage) unmet() string {
	for _, l := range []sources.Learned{s.Torus, s.Shape, s.Patches, s.Words} {
		if o := objectiveOf(l.VICReg); o.Unmet != "" {
			return o.Unmet
		}
	}
	return ""
}

// print writes what a fit just reached, and what it must be.
func (o objective) print(w io.Writer) {
	within := "1 part in 1,000"
	if math.Abs(o.EigenvalueSum)*manifold.SumWithin < manifold.SumFloor {
		within = "0.00001"
	}
	fmt.Fprintf(w, "invariance\t%.6g   (must equal the sum of the eigenvalues, %.6g, within %s)\n", o.Invariance, o.EigenvalueSum, within)
	fmt.Fprintf(w, "variance\t%.6g   (must be 1, within 0.001)\n", o.Variance)
	fmt.Fprintf(w, "covariance\t%.2g   (must be 0, within 0.00001)\n", o.Covariance)
	if o.Unmet != "" {
		fmt.Fprintf(w, "check\tdoes not hold: %s\n", o.Unmet)
	}
}

// printRecorded writes what the fit of a model that was read from a file reached.
func (o objective) printRecorded(w io.Writer) { fmt.Fprintf(w, "at the fit\t%s\n", o.recorded()) }

// recorded is what the fit of a model that was read from a file reached. Whoever reads
// the numbers checks nothing with them.
func (o objective) recorded() string {
	text := fmt.Sprintf("invariance %.6g, sum of the eigenvalues %.6g, variance %.6g, covariance %.2g",
		o.Invariance, o.EigenvalueSum, o.Variance, o.Covariance)
	if o.Unmet != "" {
		text += "; the check does not hold: " + o.Unmet
	}
	return text
}
