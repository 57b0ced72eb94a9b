package readout

import (
	"fmt"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

const (
	// mostWhole bounds the items of a kernel that is kept whole.
	mostWhole = 100_000
	// A kernel that is cut off keeps this share of its values at most, and at least ("The readout" in docs/research).
	mostShare  = 0.18
	leastShare = 0.03
)

// Memory is what Learn without a limit and Classify take where so many of the items of a bank have labels, in bytes, for programs to
// tell beforehand whether there is room. The bank and its graph are not in it.
func Memory(m Method, labelled, items, dim, classes int) float64 {
	if m == Chosen {
		m = Choose(labelled, items, classes)
	}
	answering := passing(dim)
	speak := labelled
	if m == Spreading || m == SpreadRidge {
		speak = items
	}
	// Targets, once more without those that are held out, and what they are spread from.
	answering += 3 * 4 * float64(speak) * float64(classes)
	if m == Vote || m == Spreading {
		return answering
	}
	columns := (1 + foldCount(labelled, true, speak)) * classes
	kept, _ := shareWithin(speak, dim, columns, 0) // without a limit there is one
	return answering + ridgeMemory(speak, dim, columns, kept)
}

// passing is what a bank takes that goes past queries.
func passing(dim int) float64 {
	return 5*together*float64(dim) + 4*2*together*blockRows + 5*blockRows*float64(dim)
}

// Memory is what the classifier and Classify take, in bytes. The bank is not in it.
func (c *Classifier) Memory() float64 {
	return passing(c.bank.Dim()) + 4*float64(len(c.targets)+len(c.coefficients)+4*len(c.items))
}

// Least is what Learn of Chosen within the least limit, and Classify take: no kernel, if there is no room for one.
func Least(labelled, items, dim, classes int) float64 {
	m := Choose(labelled, items, classes)
	if m == RidgeVote {
		m = Vote
	}
	return Memory(m, labelled, items, dim, classes)
}

// shareWithin is the share of its values that a kernel of so many items, which is solved for so many columns, keeps within a limit, 1 if it is whole.
func shareWithin(items, dim, columns int, limit float64) (float64, error) {
	within := func(kept float64) bool { return limit == 0 || ridgeMemory(items, dim, columns, kept) <= limit }
	if items <= mostWhole && within(1) {
		return 1, nil
	}
	if within(mostShare) {
		return mostShare, nil
	}
	if !within(leastShare) {
		return 0, fmt.Errorf("a kernel of %s takes %.3g GB if it keeps %g %% of its values, and there is room for %.3g GB: want fewer labels, or method %v",
			plural.ApartOf(items, "item"), ridgeMemory(items, dim, columns, leastShare)/1e9, 100*leastShare, limit/1e9, Vote)
	}
	low, high := leastShare, mostShare
	for range 20 {
		if mid := (low + high) / 2; within(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low, nil
}

// ridgeMemory is that of a kernel of so many items, of which it keeps a share, and of a solution of so many columns.
func ridgeMemory(items, dim, columns int, share float64) float64 {
	n, m := float64(items), float64(columns)
	workers := float64(parallel.Workers(1 << 20))
	tiles := float64(whole(items))
	tile, scratch := float64(side*side*half.Size+sliceSize), 4*side*side*3*workers
	if share < 1 {
		// What is kept is not spread evenly over tiles, and the runtime rounds their sizes up.
		tile = countsSize + sliceSize + 1.1*side*side*entrySize*share
		scratch = 4 * side * side * 5 * workers
	}
	kernel := tiles * (tiles + 1) / 2 * tile
	// Four arrays of right sides in the solver, the right side itself, and what comes of it.
	solving := 4 * n * m * 6
	panel := float64(min(items, panelRows))
	comparing := 4 * (panel*float64(dim) + 2*panel*side + side*float64(dim))
	if share < 1 {
		few := float64(min(items, sampled))
		comparing = max(comparing, 4*(few*float64(dim)+2.5*few*few))
	}
	return kernel + max(solving, comparing) + scratch
}

// sliceSize is that of the header of a slice.
const sliceSize = 24
