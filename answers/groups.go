package answers

import (
	"cmp"
	"context"
	"slices"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/index"
)

// Seed begins the search for groups where no other is given.
const Seed = 1

// Division says into how many groups items are divided, 0 for what their graph says, and by which seed.
type Division struct {
	K    int
	Seed uint64
}

// Exemplars is the number of items that a group is shown by.
const Exemplars = 8

// FindGroups divides the items of an index by the neighbour graph of the items.
func FindGroups(ctx context.Context, x *index.Index, g *graph.Graph, d Division, report func(stage string, done, total int)) (*Groups, error) {
	found, err := groups.Find(ctx, g, d.K, d.Seed, report)
	if err != nil {
		return nil, err
	}
	r := &Groups{Items: x.Len(), Counted: d.K == 0, Eigenvalues: found.Values,
		Eigengap: groups.Gap(found.Values), Modularity: found.Modularity, Candidates: found.Candidates, Of: found.Of, All: make([]Item, x.Len())}
	classes := map[string]int{}
	labels := make([]int, x.Len())
	for i := range r.All {
		item, err := ItemOf(x, i)
		if err != nil {
			return nil, err
		}
		r.All[i] = item
		if _, known := classes[item.Label]; !known {
			classes[item.Label] = len(classes)
		}
		labels[i] = classes[item.Label]
	}
	if _, without := classes[""]; !without && len(classes) > 1 {
		agreement := groups.Agree(found.Of, labels)
		r.Agreement = &agreement
	}
	for _, members := range found.Members {
		g := Group{Size: len(members)}
		counts := map[string]int{}
		for k, i := range members {
			if k < Exemplars {
				g.Exemplars = append(g.Exemplars, r.All[i])
			}
			if label := r.All[i].Label; label != "" {
				counts[label]++
			}
		}
		for label, n := range counts {
			g.Labels = append(g.Labels, LabelCount{label, n})
		}
		slices.SortFunc(g.Labels, func(a, b LabelCount) int { return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Label, b.Label)) })
		r.Groups = append(r.Groups, g)
	}
	return r, nil
}

// Groups are the groups of an index.
type Groups struct {
	Index       string             `json:"index"` // its path or name
	Items       int                `json:"items"`
	Counted     bool               `json:"counted"` // the number of groups is what the graph says
	Modularity  float64            `json:"modularity"`
	Candidates  []groups.Candidate `json:"candidates,omitempty"` // numbers that were tried, the best first, where none was given
	Eigengap    int                `json:"eigengap"`             // the number of groups that the eigenvalues speak for
	Eigenvalues []float64          `json:"eigenvalues"`
	Agreement   *groups.Agreement  `json:"agreement,omitempty"`
	Groups      []Group            `json:"groups"`
	Of          []int              `json:"-"` // the group of each item, an index of Groups
	All         []Item             `json:"-"` // every item
}

// Group is a group: items that are alike.
type Group struct {
	Size      int          `json:"size"`
	Exemplars []Item       `json:"exemplars"`
	Labels    []LabelCount `json:"labels,omitempty"` // the most frequent first
}

// LabelCount is a label and how many items of a group have it.
type LabelCount struct {
	Label string `json:"label"`
	Items int    `json:"items"`
}
