package cooccur

import (
	"bytes"
	"cmp"
	"slices"
)

// imageRow is what packed statistics keep of an image: its code sums, and the
// number of its coded patches.
type imageRow struct {
	sums    []uint8
	patches *uint8
}

// rows lists the images as they lie in memory.
func (s *Packed) rows() []imageRow {
	images := make([]imageRow, 0, s.Images)
	stride := s.Stride()
	for batch, patches := range s.Patches {
		for i := range patches {
			images = append(images, imageRow{s.Sums[batch][i*stride:][:stride], &patches[i]})
		}
	}
	return images
}

// arrange puts the images in an order that depends on what is kept of them alone,
// and lists them. The order in which images were counted and statistics added shows
// neither in sums of floats that run in this order, nor in a file: images that are
// equal add the same. They are moved within their places, as there is no memory for
// a second copy, and products read memory faster from end to end.
func (s *Packed) arrange() []imageRow {
	images := s.rows()
	order := make([]int, len(images)) // the image that comes to each place
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := images[i], images[j]
		return cmp.Or(cmp.Compare(*a.patches, *b.patches), bytes.Compare(a.sums, b.sums), i-j)
	})
	spare := make([]uint8, s.Stride())
	for first := range order {
		if order[first] == first {
			continue
		}
		// The places of a cycle, each of which takes the next one's image.
		patches := *images[first].patches
		copy(spare, images[first].sums)
		to := first
		for order[to] != first {
			from := order[to]
			copy(images[to].sums, images[from].sums)
			*images[to].patches = *images[from].patches
			order[to], to = to, from
		}
		copy(images[to].sums, spare)
		*images[to].patches, order[to] = patches, to
	}
	return images
}
