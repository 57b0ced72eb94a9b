// Package outliers finds items that are unlike all others, and pictures that something is wrong with.
//
// # Unlike all others
//
// The score of an item is its mean distance to its nearest items in the graph of neighbours,
//
//	o(i) = mean of 1 − (cos(i, j) − 0.7·r(j)) over the items j nearest to i,
//
// where r(j) is how near j is to its own nearest (package graph). Without r an odd item that is near a hub, as
// hubs are near to everything, would pass for a usual one. Scores are given in deviations from the median, by the
// median of distances to it (Score.Deviations), so that they mean the same in every folder.
//
// # Something wrong
//
// Measure takes from a picture, a thumbnail will do, how bright its darkest and its brightest parts are and how
// sharp it is. Faults tells of each whether it is blank, flat, dark, bright or blurred. What blurred is depends on
// the other pictures of the folder; the others are fixed (faults.go).
package outliers
