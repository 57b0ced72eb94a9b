package answers

import (
	"context"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/readout"
)

// Classified is which classes images are of.
type Classified struct {
	Index   string         `json:"index"`
	Items   int            `json:"items"`
	Method  readout.Method `json:"method"`
	Cut     float64        `json:"kernel_cut,omitempty"` // readout.Classifier.Cut
	Labels  int            `json:"labels,omitempty"`     // that were learned from
	Classes []string       `json:"classes"`
	Images  []Verdict      `json:"images"`
	Seconds float64        `json:"classify_seconds"` // with learning
}

// Verdict is an image and its class.
type Verdict struct {
	Image         string    `json:"image"`
	Label         string    `json:"label"`
	Probability   float64   `json:"probability"`
	Probabilities []float64 `json:"probabilities"` // in the order of the classes
	Why           []Speaker `json:"why,omitempty"`
	// Of an image whose pixels are known.
	Split *Split `json:"split,omitempty"`
	Atoms []Atom `json:"atoms,omitempty"` // those that speak most for the class
}

// Speaker is an item of the index that speaks for a class.
type Speaker struct {
	Neighbour
	Share float64 `json:"share"` // of all that speaks for it
}

// Learn makes a classifier of labels of items of an index, by the method that suits their number and the memory that is left.
func Learn(ctx context.Context, x *index.Index, g *graph.Graph, l *Labels, report func(stage string, done, total int)) (*readout.Classifier, error) {
	b, err := readout.NewBank(x, g, report)
	if err != nil {
		return nil, err
	}
	b.Limit(memory.Left().Beside(l.Memory(x.Dim())))
	return b.Learn(ctx, l.Of, l.Classes, readout.Chosen)
}

// Unnamed are images whose classes are asked for.
type Unnamed struct {
	Images embedding.Set
	Own    []int // of each image its item, which then does not speak for itself, -1 where it is none; nil where none is
	Why    int   // how many items that speak for an answer are told, and how many atoms
	Pixels Pixels
}

// Classify names the classes of images by a classifier that was learned from labels of items of an index. The labels
// are nil where they are not known any more. The time is left to the caller.
func Classify(ctx context.Context, x *index.Index, c *readout.Classifier, l *Labels, u Unnamed) (*Classified, error) {
	found, err := c.Classify(ctx, u.Images)
	if err != nil {
		return nil, err
	}
	r := &Classified{Items: x.Len(), Method: c.Method(), Cut: c.Cut(), Classes: c.Classes(), Images: []Verdict{}}
	if l != nil {
		r.Labels = l.Count()
	}
	best := make([]int, len(found))
	for i, a := range found {
		best[i] = a.Class
		id, err := u.Images.ID(i)
		if err != nil {
			return nil, err
		}
		r.Images = append(r.Images, Verdict{Image: id, Label: r.Classes[a.Class], Probability: a.Probabilities[a.Class], Probabilities: a.Probabilities})
	}
	if u.Why == 0 {
		return r, nil
	}
	reasons, err := c.Explain(ctx, u.Images, best, u.Own, u.Why)
	if err != nil {
		return nil, err
	}
	for i, list := range reasons {
		if r.Images[i].Why, err = speakers(x, l, list); err != nil {
			return nil, err
		}
	}
	if u.Pixels.Of == nil {
		return r, nil
	}
	return r, tellAtoms(ctx, x, c, u, found, r.Images)
}

// speakers are the reasons of an answer, by the names of their items and the labels that were given.
func speakers(x *index.Index, l *Labels, reasons []readout.Reason) ([]Speaker, error) {
	var list []Speaker
	for _, r := range reasons {
		id, err := x.ID(r.Item)
		if err != nil {
			return nil, err
		}
		s := Speaker{Neighbour{Item: Item{ID: id, Number: r.Item}, Cosine: r.Cosine, Flip: r.Flip}, r.Share}
		if l != nil && l.Of[r.Item] >= 0 {
			s.Label = l.Classes[l.Of[r.Item]]
		}
		list = append(list, s)
	}
	return list, nil
}
