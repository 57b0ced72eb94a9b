package readout

import "github.com/sparse-manifold/smt/internal/parallel"

// Memory is what Learn takes with a ridge on so many items of dim values each, and Classify after it, in bytes, for
// programs to tell beforehand whether there is room. The bank is not in it.
func Memory(items, dim, classes int) float64 {
	n, m := float64(items), 2*float64(classes)
	tiles := float64(whole(items))
	kernel := tiles * (tiles + 1) / 2 * side * side * 2
	// Four arrays of right sides in the solver, the right side itself, and what comes of it.
	solving := 4 * n * m * 6
	panel := float64(min(items, panelRows))
	comparing := 4 * (panel*float64(dim) + 2*panel*side + side*float64(dim))
	tile := 4 * side * side * float64(parallel.Workers(1<<20)) * 3
	classifying := 5*together*float64(dim) + 4*2*together*blockRows + 5*blockRows*float64(dim) + 4*n*m
	return kernel + max(solving+tile, comparing+tile) + classifying
}
