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
// # Small sets
//
// Items that are odd in the same way are each other's nearest, and no outliers by their distances: among up to 1,500 images 8 to 30
// that show one thing have an area under the ROC curve of 0.44 ("Images that are alike" in docs/research). What tells them apart is how they hang together with the
// rest. Links of the graph join items, those of the largest margin first (margin: the cosine less the mean of both hubnesses,
// as in package duplicates), and a small set is one of 3 to 40 items that is joined to more at a margin far below that of the median item, or never
// (sets.go). By the margin, as items that are near each other have large hubness: what links them to the rest is
// compared with how near they are among themselves.
//
// # Something wrong
//
// Measure takes from a picture, a thumbnail will do, how bright its darkest and its brightest parts are and how
// sharp it is. Faults tells of each whether it is blank, flat, dark, bright or blurred. What blurred is depends on
// the other pictures of the folder; the others are fixed (faults.go).
package outliers
