// Package outliers finds items that are unlike all others, and pictures that something is wrong with.
//
// # Unlike all others
//
// The score of an item is its mean distance, 1 less the cosine, to its nearest items in the graph of neighbours. These are
// nearest with hubs corrected (package graph): an odd item that is near a hub, as hubs are near to everything, would
// pass for a usual one. To take the hubness off the distances too made it worse ("Outliers" in docs/research). Scores
// are given in deviations from the median, by the median of distances to it (Score.Deviations), so that they mean the
// same in every folder.
//
// Items that are odd in the same way are like each other: ten of a kind are a small group, not outliers.
//
// # Something wrong
//
// Measure takes from a picture, a thumbnail will do, how bright its darkest and its brightest parts are and how
// sharp it is. Faults tells of each whether it is blank, flat, dark, bright or blurred. What blurred is depends on
// the other pictures of the folder; the others are fixed (faults.go).
package outliers
