package readout

import (
	"context"

	"github.com/sparse-manifold/smt/graph"
)

// spreads is the number of times that labels are passed on.
const spreads = 30

// Spread passes labels on to all items of a graph (label spreading: Zhou, Bousquet, Lal, Weston and Schölkopf, NIPS
// 2003):
//
//	F ← α·S·F + (1 − α)·Y,  30 times, from F = Y
//
// Y has a row for each item with 1 in the column of its class, and zeros where its label is −1. Then the columns of F
// are scaled to the sum 1, so that a class with many neighbours takes no more than its part, and the rows too. The result has a
// row of so many classes for each item, row-major; it is of zeros where no label arrives.
func Spread(ctx context.Context, g *graph.Graph, labels []int, classes int, alpha float32) ([]float32, error) {
	n := g.Len()
	f, next := make([]float32, n*classes), make([]float32, n*classes)
	mark(f, labels, classes, 1)
	for range spreads {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.Times(next, f, classes)
		for i := range next {
			next[i] *= alpha
		}
		mark(next, labels, classes, 1-alpha)
		f, next = next, f
	}
	columns := make([]float64, classes)
	for i := range n {
		for c, v := range f[i*classes : (i+1)*classes] {
			columns[c] += float64(v)
		}
	}
	for i := range n {
		row := f[i*classes : (i+1)*classes]
		var sum float64
		for c, v := range row {
			if columns[c] > 0 {
				row[c] = float32(float64(v) / columns[c])
			}
			sum += float64(row[c])
		}
		if sum > 0 {
			for c, v := range row {
				row[c] = float32(float64(v) / sum)
			}
		}
	}
	return f, nil
}

// mark adds a value to the class of each labelled item.
func mark(f []float32, labels []int, classes int, value float32) {
	for i, c := range labels {
		if c >= 0 {
			f[i*classes+c] += value
		}
	}
}
