package answers

import (
	"context"
	"errors"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/index"
)

// Search is what was found near some images.
type Search struct {
	Index   string  `json:"index"`
	Items   int     `json:"items"`
	Queries []Query `json:"queries"`
	Seconds float64 `json:"search_seconds"` // without embedding the images
}

// Query is an image and the items near it.
type Query struct {
	Image      string      `json:"image"`
	Crop       *[4]int     `json:"crop,omitempty"` // x, y, width, height of the part that was searched for
	Neighbours []Neighbour `json:"neighbours"`
}

// Neighbour is an item near an image.
type Neighbour struct {
	Item
	Cosine float64 `json:"cosine"`
	Flip   bool    `json:"flip"` // its left-right flip is nearer than itself
}

// Add searches for the k items nearest to an embedding, and adds them to the answer as those of q. The item of number
// self is left out, -1 for none.
func (s *Search) Add(ctx context.Context, x *index.Index, q Query, row []float32, self, k int) error {
	began := time.Now()
	near, err := x.Search(ctx, row, k+1) // an item finds itself
	if err != nil {
		return err
	}
	s.Seconds += time.Since(began).Seconds()
	q.Neighbours = []Neighbour{}
	for _, n := range near[0] {
		if n.Index == self || len(q.Neighbours) == k {
			continue
		}
		item, err := ItemOf(x, n.Index)
		if err != nil {
			return err
		}
		q.Neighbours = append(q.Neighbours, Neighbour{item, boundedCosine(n.Cosine), n.Flip})
	}
	s.Queries = append(s.Queries, q)
	return nil
}

// boundedCosine is a cosine without what rounding adds to one of 1 or −1.
func boundedCosine(x float32) float64 { return float64(min(1, max(-1, x))) }

// Row is the embedding of item i.
func Row(ctx context.Context, x *index.Index, i int) ([]float32, error) {
	for block, err := range x.Pick([]int{i}).Blocks(ctx, 1) {
		return block, err
	}
	return nil, errors.New("answers: an item without an embedding")
}

// Embed is the embedding of one image, of pixels of a shape, by whole models.
func Embed(ctx context.Context, models *smt.Ensemble, shape dataset.Shape, pix []uint8) ([]float32, error) {
	set, err := models.Embeddings(dataset.Single(shape, pix))
	if err != nil {
		return nil, err
	}
	for block, err := range set.Blocks(ctx, 1) {
		return block, err
	}
	return nil, errors.New("answers: an image without an embedding")
}
