package answers

import (
	"context"

	"github.com/sparse-manifold/smt/duplicates"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
)

// FindDuplicates finds the near-duplicates of an index, with the neighbour graph of its items: pairs of this margin, or,
// if it is 0, of one that is chosen from the graph. Equal items are found even where none can be chosen.
func FindDuplicates(ctx context.Context, x *index.Index, g *graph.Graph, threshold float64) (*Duplicates, error) {
	r := &Duplicates{Items: x.Len(), Flips: x.Even() >= 0, Groups: [][]Duplicate{}}
	if threshold == 0 {
		r.Threshold.Chosen = true
		threshold, _ = duplicates.Threshold(g) // 0 where none is found
	}
	r.Threshold.Margin = threshold
	groups, err := duplicates.Find(ctx, x, g, threshold)
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
			group[k] = Duplicate{item, min(1, m.Cosine), m.Margin, m.Flip}
		}
		r.Groups = append(r.Groups, group)
	}
	return r, nil
}

// Duplicates are the groups of near-duplicates of an index.
type Duplicates struct {
	Index     string `json:"index"` // its path or name
	Items     int    `json:"items"`
	Threshold struct {
		Margin float64 `json:"margin"` // 0 where none sets duplicates apart: then groups are of equal items
		Chosen bool    `json:"chosen"`
	} `json:"threshold"`
	Flips  bool          `json:"flips"` // whether the flip of an item counts as the item
	Groups [][]Duplicate `json:"groups"`
}

// Duplicate is an item of a group, whose first item is the centre.
type Duplicate struct {
	Item
	Cosine float64 `json:"cosine"` // to the centre
	Margin float64 `json:"margin"`
	Flip   bool    `json:"flip"`
}
