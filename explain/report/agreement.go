package report

import (
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt/explain"
)

// What the neighbours of a patch have in common with it, counted.

type agreementSection struct {
	*explain.Agreement
	Tests bool // of the images whose neighbours are looked for, not of the sample
	Rows  []agreementRow
}

// agreementRow is one question, with its answer in each space.
type agreementRow struct {
	Question string
	*explain.Shares
}

// agreement counts among patches of the images whose neighbours are looked for, or of the sample.
func (w *writer) agreement() (*agreementSection, error) {
	src := w.o.Images.Test
	if src == nil {
		src = w.o.Images.Sample
	}
	a, err := explain.Agree(w.ctx, w.m, src)
	if err != nil || a == nil {
		return nil, err
	}
	w.summary.Agreement = a
	s := &agreementSection{Agreement: a, Tests: w.o.Images.Test != nil}
	for _, row := range []agreementRow{
		{"of its class, from other images", a.Class},
		{"of its class, from all images", a.ClassWithOwn},
		{"from its own image", a.Image},
	} {
		if row.Shares != nil {
			s.Rows = append(s.Rows, row)
		}
	}
	return s, nil
}

// plusMinus writes an estimate in percent.
func plusMinus(e explain.Estimate) string {
	return strings.Replace(fmt.Sprintf("%.2f ± %.2f", 100*e.Value, 100*e.Error), "-", "−", 1)
}
