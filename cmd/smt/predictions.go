package main

import (
	"context"
	"strconv"

	"github.com/sparse-manifold/smt/judge"
)

// writePredictions writes what was voted for each test image, and its nearest image of the bank, as CSV.
func (a *app) writePredictions(ctx context.Context, path string, e *judge.Evaluation, classes []string) error {
	rows := [][]string{{"id", "label", "voted", "share", "nearest", "flip"}}
	name := func(class int) string {
		if class < 0 {
			return ""
		}
		return classes[class]
	}
	for p, err := range e.Predictions() {
		if err != nil {
			return err
		}
		rows = append(rows, []string{p.ID, name(p.Label), name(p.Voted), strconv.FormatFloat(p.Share, 'f', 4, 64), p.Nearest, strconv.FormatBool(p.Flip)})
	}
	return a.writeTable(ctx, path, rows)
}
