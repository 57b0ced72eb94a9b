// Package estimate says beforehand how many bytes work takes, in memory and on disk, so that what
// does not fit is refused before any work.
//
// Each stage is the sum of what it holds: arrays that follow from the configuration, batches,
// whose sizes have bounds, and the working memory of each worker that is busy. The largest stage
// counts. What a source holds (dataset.Resident), as unpacked IDX files are, comes on top; it is
// unpacked in its place, and only where there is room.
//
// peak_test.go holds the estimates against the peaks of processes, within a
// quarter from 96 MiB on.
package estimate

import "github.com/sparse-manifold/smt/dataset"

// Images are the images that work is on.
type Images struct {
	Shape dataset.Shape
	Len   int
	// Reading is what it takes to read one of them, beside its pixels (dataset.Reading).
	Reading int64
	// Share is the part of the atoms that are active in a patch (Sampled), 0 where it is guessed.
	Share float64
}

// Of describes the images of a source.
func Of(src dataset.Source) Images {
	return Images{Shape: src.Shape(), Len: src.Len(), Reading: dataset.Reading(src)}
}
