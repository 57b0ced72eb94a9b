package readout

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

// Bank is items that may be labelled, and what is known of them without labels.
type Bank struct {
	set    embedding.Set
	graph  *graph.Graph
	mean   float64 // r̄
	report func(stage string, done, total int)

	limit  float64 // of a kernel and its solution, in bytes; 0 for none
	share  float64 // of its values that a kernel keeps; 0 for as many as the limit lets it
	kernel *kernel // of the items that were compared last; nil before the first time
	items  []int   // of the kernel
	mu     float64 // that makes it positive definite
}

// NewBank returns the bank of a set, whose graph has been made. report, if not nil, is told how far a stage has
// come.
func NewBank(set embedding.Set, g *graph.Graph, report func(stage string, done, total int)) (*Bank, error) {
	if set.Len() != g.Len() {
		return nil, fmt.Errorf("readout: %s, and a graph of %d", plural.Of(set.Len(), "item"), g.Len())
	}
	if report == nil {
		report = func(string, int, int) {}
	}
	b := &Bank{set: set, graph: g, report: report}
	for i := range g.Len() {
		b.mean += g.Hubness(i) / float64(g.Len())
	}
	return b, nil
}

// Limit bounds the memory of a kernel and its solution, in bytes; 0 is no bound. A kernel that does not fit whole is cut off at the cosine
// at which it fits, and keeps 3 to 18 % of its values. Of more than 100,000 items it is always cut off.
func (b *Bank) Limit(bytes float64) { b.limit = bytes }

// Keep has kernels keep this share of their values, above 0, whatever Limit says: 1 is all. It is for measuring what a cut does.
func (b *Bank) Keep(share float64) { b.share, b.kernel, b.items = share, nil, nil }

// Kernel is the share of its values that the kernel of the last Learn keeps, and the bytes that it takes; 0 before the first kernel.
func (b *Bank) Kernel() (share float64, bytes int) {
	if b.kernel == nil {
		return 0, 0
	}
	return b.kernel.kept()
}

// weigh is g of an item of hubness r.
func weigh(r, mean float64) float32 { return float32(math.Exp(-hubPower * (r - mean) / temperature)) }

// Learn makes a classifier of the labels of the bank's items: the number of a class, or −1 for none. names are those
// of the classes. An item of each of two classes is wanted. A ridge wants 5 labels a class on average, and 20 in all, as it
// holds some of them out.
//
// What a kernel needs that does not depend on labels is kept: other labels of the same items cost one solution.
func (b *Bank) Learn(ctx context.Context, labels []int, names []string, m Method) (*Classifier, error) {
	c, err := b.learn(ctx, labels, names, m)
	if err != nil {
		return nil, fmt.Errorf("readout: %w", err)
	}
	return c, nil
}

func (b *Bank) learn(ctx context.Context, labels []int, names []string, m Method) (*Classifier, error) {
	labelled, err := check(labels, b.set.Len(), names)
	if err != nil {
		return nil, err
	}
	if m == Chosen {
		m = b.choose(len(labelled), len(names))
	}
	p, err := m.plan(len(labelled), b.set.Len(), len(names))
	if err != nil {
		return nil, err
	}
	items := labelled
	if p.alpha > 0 {
		items = all(b.set.Len())
	}
	folds := foldsOf(labelled, len(names), p.ridge, len(items))
	if p.ridge && len(folds) == 0 {
		return nil, fmt.Errorf("method %v: %s: want at least %d of %s", p.method, plural.Of(len(labelled), "labelled item"), leastLabels(len(names)), plural.Of(len(names), "class"))
	}
	c := &Classifier{plan: p, names: slices.Clone(names), set: b.set.Pick(items), items: items, mean: b.mean, bank: b.set, scale: scale{1, 1, defaultPower, !p.ridge}}
	for _, i := range items {
		c.hubness = append(c.hubness, float32(b.graph.Hubness(i)))
		c.labelled = append(c.labelled, 0)
		if labels[i] >= 0 {
			c.labelled[len(c.labelled)-1] = 1
		}
	}
	if c.targets, err = b.targets(ctx, labels, len(names), items, p.alpha); err != nil {
		return nil, err
	}
	if len(folds) == 0 {
		return c, nil
	}
	return c, b.fit(ctx, c, folds, labels)
}

// choose is Choose, or Vote where the limit leaves too little for a kernel.
func (b *Bank) choose(labelled, classes int) Method {
	m := Choose(labelled, b.set.Len(), classes)
	if m == RidgeVote {
		columns := (1 + foldCount(labelled, true, labelled)) * classes
		if _, err := shareWithin(labelled, b.set.Dim(), columns, b.limit); err != nil {
			return Vote
		}
	}
	return m
}

// targets are what items have of each class: their label, or what was spread to them.
func (b *Bank) targets(ctx context.Context, labels []int, classes int, items []int, alpha float32) ([]float32, error) {
	if alpha > 0 {
		return Spread(ctx, b.graph, labels, classes, alpha)
	}
	y := make([]float32, len(items)*classes)
	for at, i := range items {
		if c := labels[i]; c >= 0 {
			y[at*classes+c] = 1
		}
	}
	return y, nil
}

// check returns the items that have a label.
func check(labels []int, items int, names []string) (labelled []int, err error) {
	if len(labels) != items {
		return nil, fmt.Errorf("%s, and %s: want one of each, −1 for none", plural.Of(items, "item"), plural.Of(len(labels), "label"))
	}
	present := map[int]bool{}
	for i, c := range labels {
		if c < -1 || c >= len(names) {
			return nil, fmt.Errorf("item %d: label %d: want one of %s, −1 for none", i, c, plural.Of(len(names), "class"))
		}
		if c >= 0 {
			labelled = append(labelled, i)
			present[c] = true
		}
	}
	if len(present) < 2 {
		return nil, fmt.Errorf("labels of %s: want two at least", plural.Of(len(present), "class"))
	}
	return labelled, nil
}

// Draw keeps so many labels of each class, or all for 0, chosen by the seed: of the others it makes −1.
func Draw(labels []int, classes, each int, seed uint64) []int {
	kept := slices.Clone(labels)
	if each == 0 {
		return kept
	}
	seen := make([]int, classes)
	for _, i := range shuffle.Order(len(labels), seed) {
		if c := labels[i]; c >= 0 {
			if seen[c]++; seen[c] > each {
				kept[i] = -1
			}
		}
	}
	return kept
}

// all are the numbers below n.
func all(n int) []int {
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	return items
}
