package answers

import (
	"context"
	"image"

	"golang.org/x/image/draw"

	"github.com/sparse-manifold/smt/duplicates"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
)

// FindDuplicates finds the near-duplicates of an index, with the neighbour graph of its items: pairs of this margin, or,
// if it is 0, of one that is chosen from the graph, and then also those whose thumbnails agree. Equal items are found even where none
// can be chosen.
func FindDuplicates(ctx context.Context, x *index.Index, g *graph.Graph, threshold float64, report func(stage string, done, total int)) (*Duplicates, error) {
	r := &Duplicates{Items: x.Len(), Flips: x.Even() >= 0, Groups: [][]Duplicate{}}
	if threshold == 0 {
		r.Threshold.Chosen = true
		threshold, _ = duplicates.Threshold(g) // 0 where none is found
	}
	r.Threshold.Margin = threshold
	var second *duplicates.Second
	if r.Threshold.Chosen {
		var err error
		if second, err = duplicates.Look(ctx, g, threshold, func(i int) ([]byte, error) { return small(x, i) }, report); err != nil {
			return nil, err
		}
		r.Threshold.Agreement = second.Agreement
	}
	groups, err := duplicates.Find(ctx, x, g, threshold, second)
	if err != nil {
		return nil, err
	}
	for _, members := range groups {
		group := make([]Duplicate, len(members))
		for k, m := range members {
			item, err := ItemOf(x, m.Item)
			if err != nil {
				return nil, err
			}
			group[k] = Duplicate{item, min(1, m.Cosine), m.Margin, m.Agreement, m.Flip}
		}
		r.Groups = append(r.Groups, group)
	}
	return r, nil
}

// DuplicatesMemory is what FindDuplicates holds beside the graph of so many items, in bytes, by this threshold.
func DuplicatesMemory(items int, threshold float64) float64 {
	if threshold != 0 {
		return 0
	}
	return duplicates.Memory(items)
}

// small is the thumbnail of an item, gray and of the size that duplicates compares, whatever its own.
func small(x *index.Index, i int) ([]byte, error) {
	p, err := picture(x, i)
	if err != nil {
		return nil, err
	}
	to := image.NewGray(image.Rect(0, 0, duplicates.Side, duplicates.Side))
	draw.CatmullRom.Scale(to, to.Rect, p, p.Bounds(), draw.Src, nil)
	return to.Pix, nil
}

// Duplicates are the groups of near-duplicates of an index.
type Duplicates struct {
	Index     string `json:"index"` // its path or name
	Items     int    `json:"items"`
	Threshold struct {
		Margin    float64 `json:"margin"`    // 0 where none sets duplicates apart
		Agreement float64 `json:"agreement"` // of thumbnails, 0 where none does, or where the margin was given
		Chosen    bool    `json:"chosen"`
	} `json:"threshold"`
	Flips  bool          `json:"flips"` // whether the flip of an item counts as the item
	Groups [][]Duplicate `json:"groups"`
}

// Duplicate is an item of a group, whose first item is the centre.
type Duplicate struct {
	Item
	Cosine    float64 `json:"cosine"` // to the centre
	Margin    float64 `json:"margin"`
	Agreement float64 `json:"agreement"` // of its thumbnail and the centre's, where that is why it is here, else 0
	Flip      bool    `json:"flip"`
}
