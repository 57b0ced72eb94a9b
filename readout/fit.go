package readout

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// scale is how scores are put together: of a ridge's s and a vote's v, of which plan has the weight w, it makes
//
//	z = s/ridge + w·v/vote,  probabilities softmax(sharpness·z)
//
// ridge and vote are the standard deviations of s and v of items of the bank that are held out, so that an answer depends on no
// other query. Where there is no ridge, vote is 1.
type scale struct {
	Ridge     float64 `json:"ridge"`
	Vote      float64 `json:"vote"`
	Sharpness float64 `json:"sharpness"`
}

// defaultSharpness is taken where labels are too few to hold some out.
const defaultSharpness = 8

// fit solves for the ridge of a classifier, and measures its scale on items that are held out. rest are the
// targets that there are without their labels.
func (b *Bank) fit(ctx context.Context, c *Classifier, rest []float32, held, labels []int) error {
	places := make([]int, len(held)) // of the items held out among those of the classifier
	isHeld := map[int]bool{}
	for at, i := range held {
		places[at], _ = slices.BinarySearch(c.items, i)
		isHeld[i] = true
	}
	classes := len(c.names)
	s := linalg.New(len(held), classes)
	if c.plan.ridge {
		if err := b.solve(ctx, c, rest, places, s); err != nil {
			return err
		}
	}
	// The vote of what is not held out.
	without := &Classifier{plan: plan{vote: 1}, names: c.names, bank: c.bank, mean: c.mean}
	var kept []int
	for at, i := range c.items {
		if !isHeld[i] {
			kept = append(kept, i)
			without.hubness = append(without.hubness, c.hubness[at])
			without.targets = append(without.targets, rest[at*classes:(at+1)*classes]...)
		}
	}
	without.items, without.set = kept, b.set.Pick(kept)
	queries := b.set.Pick(held)
	v := linalg.New(len(held), classes)
	err := without.passes(ctx, queries, nil, func(first int, p *pass) error {
		for i := range p.queries.Rows {
			copy(v.Row(first+i), p.votes(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.plan.ridge {
		c.scale.Ridge, c.scale.Vote = deviation(s.Data), deviation(v.Data)
		if !(c.scale.Ridge > 0 && c.scale.Vote > 0) {
			return fmt.Errorf("scores of items held out are all the same: the embeddings tell nothing apart")
		}
	}
	c.scale.Sharpness = sharpness(len(held), func(i int) ([]float64, int) { return c.together(s.Row(i), v.Row(i)), labels[held[i]] })
	return nil
}

// solve finds the coefficients of a ridge on all targets, and writes to s what one without the items at the places says of
// these.
func (b *Bank) solve(ctx context.Context, c *Classifier, rest []float32, places []int, s linalg.Matrix) error {
	n, classes := len(c.items), len(c.names)
	if b.kernel == nil || !slices.Equal(b.items, c.items) {
		if err := b.compare(ctx, c); err != nil {
			return err
		}
	}
	y := linalg.New(n, 2*classes)
	for i := range n {
		copy(y.Row(i), c.targets[i*classes:(i+1)*classes])
		copy(y.Row(i)[classes:], rest[i*classes:(i+1)*classes])
	}
	center(y)
	found, err := b.kernel.solve(ctx, b.mu, y, places, classes, b.report)
	if err != nil {
		return err
	}
	c.cut, c.coefficients = b.kernel.cut, make([]float32, n*classes)
	others := linalg.New(n, classes)
	for i := range n {
		copy(c.coefficients[i*classes:], found.a.Row(i)[:classes])
		copy(others.Row(i), found.a.Row(i)[classes:])
	}
	all := linalg.New(n, classes)
	if err := b.kernel.times(ctx, all, others); err != nil {
		return err
	}
	for at, i := range places {
		copy(s.Row(at), all.Row(i))
	}
	return nil
}

// compare makes the kernel of the items of a classifier, as much of it as the limit leaves room for.
func (b *Bank) compare(ctx context.Context, c *Classifier) error {
	b.kernel, b.items = nil, nil // its memory may go
	share, err := shareWithin(len(c.items), c.set.Dim(), len(c.names), b.limit)
	if err != nil {
		return err
	}
	var cut float32
	if share < 1 {
		if cut, err = cutAt(ctx, c.set, share); err != nil {
			return err
		}
	}
	return b.cutOff(ctx, c, cut)
}

// cutOff makes the kernel of the items of a classifier with a cut, 0 for none.
func (b *Bank) cutOff(ctx context.Context, c *Classifier, cut float32) error {
	g := make([]float32, len(c.items))
	for i, r := range c.hubness {
		g[i] = weigh(float64(r), b.mean)
	}
	k, err := newKernel(ctx, c.set, g, cut, b.report)
	if err != nil {
		return err
	}
	least, err := k.smallest(ctx)
	if err != nil {
		return err
	}
	b.kernel, b.items, b.mu = k, c.items, max(leastMu, above*math.Abs(least))
	return nil
}

// center takes from each column its mean.
func center(y linalg.Matrix) {
	ones := linalg.New(y.Rows, y.Cols)
	for i := range ones.Data {
		ones.Data[i] = 1
	}
	means := dots(y, ones)
	for c := range means {
		means[c] /= -float64(y.Rows)
	}
	add(y, ones, means)
}

// deviation is the standard deviation of values.
func deviation(x []float32) float64 {
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	return math.Sqrt(squares / float64(len(x)))
}

// sharpness is the factor of scores under which the labels of n items are likeliest, as probabilities are a softmax
// of them. By Laplace's rule of succession an item counts as one more of each class: of few items that are all right,
// any factor would be likelier than the one before. The logarithm of the likelihood is concave in the factor: its
// maximum is where the mean score of labels is the mean of scores by their probabilities.
func sharpness(n int, item func(i int) (z []float64, label int)) float64 {
	slope := func(by float64) (d float64) {
		for i := range n {
			z, label := item(i)
			counted := float64(n) / float64(n+len(z))
			d += counted * z[label]
			for c, p := range softmax(z, by) {
				d -= (p - (1-counted)/float64(len(z))) * z[c]
			}
		}
		return d
	}
	low, high := 1e-3, 1e3
	for range 40 {
		if by := math.Sqrt(low * high); slope(by) > 0 {
			low = by
		} else {
			high = by
		}
	}
	return math.Sqrt(low * high)
}

// softmax are exp(by·z), scaled to the sum 1.
func softmax(z []float64, by float64) []float64 {
	p := make([]float64, len(z))
	most := slices.Max(z)
	var sum float64
	for c, v := range z {
		p[c] = math.Exp(by * (v - most))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}
