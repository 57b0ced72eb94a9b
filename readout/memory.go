package readout

import "github.com/sparse-manifold/smt/internal/parallel"

// Memory is what Learn and Classify take where so many of the items of a bank have labels, in bytes, for programs to tell
// beforehand whether there is room. The bank and its graph are not in it.
func Memory(m Method, labelled, items, dim, classes int) float64 {
	if m == Chosen {
		m = Choose(labelled, items, classes)
	}
	answering := 5*together*float64(dim) + 4*2*together*blockRows + 5*blockRows*float64(dim)
	if m == Spreading || m == SpreadRidge {
		labelled = items
	}
	// Targets, once more without those that are held out, and what they are spread from.
	answering += 3 * 4 * float64(labelled) * float64(classes)
	if m == Vote || m == Spreading {
		return answering
	}
	return answering + ridgeMemory(labelled, dim, classes)
}

// ridgeMemory is that of a kernel of so many items, and of a solution.
func ridgeMemory(items, dim, classes int) float64 {
	n, m := float64(items), 2*float64(classes)
	tiles := float64(whole(items))
	kernel := tiles * (tiles + 1) / 2 * side * side * 2
	// Four arrays of right sides in the solver, the right side itself, and what comes of it.
	solving := 4 * n * m * 6
	panel := float64(min(items, panelRows))
	comparing := 4 * (panel*float64(dim) + 2*panel*side + side*float64(dim))
	tile := 4 * side * side * float64(parallel.Workers(1<<20)) * 3
	return kernel + max(solving, comparing) + tile
}
