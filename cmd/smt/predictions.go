package main

import (
	"context"
	"strconv"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/judge"
)

// writePredictions writes what was voted for each test image, and its nearest image of the bank, as CSV.
func (a *app) writePredictions(ctx context.Context, path string, e *judge.Evaluation, bank, test dataset.Source) error {
	rows := [][]string{{"id", "label", "voted", "share", "nearest", "flip"}}
	name := func(class int) string {
		if class < 0 {
			return ""
		}
		return bank.Classes()[class]
	}
	for i, p := range e.Predictions() {
		share := strconv.FormatFloat(p.Share, 'f', 4, 64)
		rows = append(rows, []string{test.ID(i), name(test.Label(i)), name(p.Voted), share, bank.ID(p.Nearest), strconv.FormatBool(p.Flip)})
	}
	return a.writeTable(ctx, path, rows)
}
