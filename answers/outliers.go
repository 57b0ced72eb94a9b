package answers

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // what thumbnails are
	_ "image/png"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/outliers"
)

// FindOutliers scores the items of an index by the neighbour graph of the items, tells at most so many outliers and small sets, and
// looks for faults in all thumbnails.
func FindOutliers(ctx context.Context, x *index.Index, g *graph.Graph, most int, report func(stage string, done, total int)) (*Outliers, error) {
	faults, err := faultsOf(ctx, x, report)
	if err != nil {
		return nil, err
	}
	r := &Outliers{Items: x.Len(), Outliers: []Odd{}, Sets: []OddSet{}, Faults: []Odd{}}
	setOf := make([]int, x.Len())
	for k, s := range outliers.Sets(g) {
		set := OddSet{Linked: s.Linked, Margin: s.Margin, Deviations: s.Deviations}
		for _, i := range s.Items {
			item, err := ItemOf(x, i)
			if err != nil {
				return nil, err
			}
			set.Items, setOf[i] = append(set.Items, item), k+1
		}
		if r.SetsFound++; r.SetsFound <= most {
			r.Sets = append(r.Sets, set)
		}
	}
	for _, s := range outliers.Scores(g) {
		item, err := ItemOf(x, s.Item)
		if err != nil {
			return nil, err
		}
		o := Odd{item, s.Distance, s.Deviations, faults[s.Item], setOf[s.Item]}
		r.All = append(r.All, o)
		if s.Deviations >= outliers.Odd {
			if r.Found++; r.Found <= most {
				r.Outliers = append(r.Outliers, o)
			}
		}
		if o.Fault != "" {
			r.Faults = append(r.Faults, o)
		}
	}
	return r, nil
}

// First is the answer with no more than so many outliers and small sets.
func (r *Outliers) First(most int) *Outliers {
	first := *r
	first.Outliers = r.Outliers[:min(most, len(r.Outliers))]
	first.Sets = r.Sets[:min(most, len(r.Sets))]
	return &first
}

// mostThumbnail bounds the sides of a thumbnail that is decoded.
const mostThumbnail = 4096

// faultsOf tells what is wrong with each item, by its thumbnail.
func faultsOf(ctx context.Context, x *index.Index, report func(stage string, done, total int)) ([]outliers.Fault, error) {
	all := make([]outliers.Measures, x.Len())
	const few = 256 // between two looks at how far it is
	for first := 0; first < len(all); first += few {
		n := min(few, len(all)-first)
		err := parallel.ForErr(ctx, n, func(_, k int) error {
			seen, err := picture(x, first+k)
			if err == nil {
				all[first+k] = outliers.Measure(seen)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		report("looking at thumbnails", first+n, len(all))
	}
	return outliers.Faults(all), nil
}

// picture is the thumbnail of an item.
func picture(x *index.Index, i int) (image.Image, error) {
	file, err := x.Thumbnail(i)
	if err != nil {
		return nil, err
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err == nil && max(head.Width, head.Height) > mostThumbnail {
		err = fmt.Errorf("it is of %d × %d pixels: want at most %d to a side", head.Width, head.Height, mostThumbnail)
	}
	var seen image.Image
	if err == nil {
		seen, _, err = image.Decode(bytes.NewReader(file))
	}
	if err != nil {
		return nil, fmt.Errorf("thumbnail %d: %w", i, err)
	}
	return seen, nil
}

// Outliers are the odd items of an index.
type Outliers struct {
	Index     string   `json:"index"` // its path or name
	Items     int      `json:"items"`
	Found     int      `json:"found"`      // outliers, of which Outliers are the first
	Outliers  []Odd    `json:"outliers"`   // the most unlike first
	SetsFound int      `json:"sets_found"` // small sets, of which Sets are the first
	Sets      []OddSet `json:"sets"`       // the furthest from the rest first
	Faults    []Odd    `json:"faults"`
	All       []Odd    `json:"-"` // every item
}

// Odd is an item and how odd it is.
type Odd struct {
	Item
	Distance   float64        `json:"distance"`
	Deviations float64        `json:"deviations"`
	Fault      outliers.Fault `json:"fault,omitempty"`
	Set        int            `json:"set,omitempty"` // the small set that it is in, from 1
}

// OddSet is a small set of items that are like each other and unlike the rest.
type OddSet struct {
	Linked     bool    `json:"linked"` // whether an item of the set has one of the rest among its nearest, or is among its
	Margin     float64 `json:"margin"` // the largest of an item of the set with one of the rest
	Deviations float64 `json:"deviations"`
	Items      []Item  `json:"items"`
}
