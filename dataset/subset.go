package dataset

import (
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

// subset is a view of some images of a source.
type subset struct {
	Source
	index []int
}

func (s *subset) Len() int        { return len(s.index) }
func (s *subset) Label(i int) int { return s.Source.Label(s.index[i]) }
func (s *subset) ID(i int) string { return s.Source.ID(s.index[i]) }

func (s *subset) Image(i int, pix []uint8) error { return s.Source.Image(s.index[i], pix) }

// Slice is the view of images lo to hi-1 of src. It panics unless
// 0 ≤ lo ≤ hi ≤ src.Len().
func Slice(src Source, lo, hi int) Source {
	if lo < 0 || hi < lo || hi > src.Len() {
		panic(fmt.Sprintf("dataset: slice [%d:%d] of %s", lo, hi, plural.Of(src.Len(), "image")))
	}
	index := make([]int, hi-lo)
	for i := range index {
		index[i] = lo + i
	}
	return &subset{src, index}
}

// Pick is the view of the images of src with these indices, in this order; an
// index may come twice. It panics if one is out of range.
func Pick(src Source, indices []int) Source {
	for _, i := range indices {
		if i < 0 || i >= src.Len() {
			panic(fmt.Sprintf("dataset: pick image %d of %d", i, src.Len()))
		}
	}
	return &subset{src, slices.Clone(indices)}
}

// Holdout splits src in two views, held with n images and rest with the others,
// both in the order of src. The choice depends on seed, n and the number of
// images alone, on every platform, and the images held for n are among those
// held for n+1. It panics unless 0 ≤ n ≤ src.Len().
func Holdout(src Source, n int, seed uint64) (rest, held Source) {
	if n < 0 || n > src.Len() {
		panic(fmt.Sprintf("dataset: hold out %d of %s", n, plural.Of(src.Len(), "image")))
	}
	order := shuffle.Order(src.Len(), seed)
	slices.Sort(order[:n])
	slices.Sort(order[n:])
	return &subset{src, order[n:]}, &subset{src, order[:n]}
}

// LeaveOut is the view of the images of src that have none of these ids.
func LeaveOut(src Source, ids []string) Source {
	if len(ids) == 0 {
		return src
	}
	out := map[string]bool{}
	for _, id := range ids {
		out[id] = true
	}
	var index []int
	for i := range src.Len() {
		if !out[src.ID(i)] {
			index = append(index, i)
		}
	}
	return &subset{src, index}
}

// target is where image i of n goes in pix. It panics as Source.Image promises
// to: slicing alone would not, where the capacity of a slice exceeds its length.
func target(pix []uint8, s Shape, i, n int) []uint8 {
	if i < 0 || i >= n {
		panic(fmt.Sprintf("dataset: image %d of %d", i, n))
	}
	if len(pix) < s.Len() {
		panic(fmt.Sprintf("dataset: %s for an image of %v", plural.Of(len(pix), "byte"), s))
	}
	return pix[:s.Len()]
}
