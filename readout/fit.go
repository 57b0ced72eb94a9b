package readout

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// fit solves for the ridge of a classifier, and measures its scale on items that are held out, fold by fold.
func (b *Bank) fit(ctx context.Context, c *Classifier, folds [][]int, labels []int) error {
	classes, held := len(c.names), slices.Concat(folds...)
	s, v := linalg.New(len(held), classes), linalg.New(len(held), classes)
	var y linalg.Matrix // of all labels, and of those without each fold
	if c.plan.ridge {
		y = linalg.New(len(c.items), (1+len(folds))*classes)
		setColumns(y, 0, c.targets, classes)
	}
	places := make([][]int, len(folds)) // of the items held out among those of the classifier
	at := 0
	for f, fold := range folds {
		without := slices.Clone(labels)
		for _, i := range fold {
			without[i] = -1
			place, _ := slices.BinarySearch(c.items, i)
			places[f] = append(places[f], place)
		}
		rest, err := b.targets(ctx, without, classes, c.items, c.plan.alpha)
		if err != nil {
			return err
		}
		if err := b.votes(ctx, c, rest, fold, v.Block(at, at+len(fold), 0, classes)); err != nil {
			return err
		}
		if c.plan.ridge {
			setColumns(y, 1+f, rest, classes)
		}
		at += len(fold)
	}
	if c.plan.ridge {
		if err := b.solve(ctx, c, y, places, s); err != nil {
			return err
		}
		c.scale.Ridge, c.scale.Vote = deviation(s.Data), deviation(v.Data)
		if !(c.scale.Ridge > 0 && c.scale.Vote > 0) {
			return fmt.Errorf("scores of items held out are all the same: the embeddings tell nothing apart")
		}
	}
	c.scale.Sharpness = sharpness(len(held), func(i int) ([]float64, int) {
		z := c.together(s.Row(i), v.Row(i))
		if c.scale.Power {
			z = logs(z)
		}
		return z, labels[held[i]]
	})
	return nil
}

// setColumns writes values of so many classes to the columns of y that are block's.
func setColumns(y linalg.Matrix, block int, values []float32, classes int) {
	for i := range y.Rows {
		copy(y.Row(i)[block*classes:(block+1)*classes], values[i*classes:])
	}
}

// votes writes to v the votes for the items of a fold, of the others, which have so much of each class.
func (b *Bank) votes(ctx context.Context, c *Classifier, rest []float32, fold []int, v linalg.Matrix) error {
	classes := len(c.names)
	isHeld := map[int]bool{}
	for _, i := range fold {
		isHeld[i] = true
	}
	without := &Classifier{plan: plan{vote: 1}, names: c.names, bank: c.bank, mean: c.mean}
	for at, i := range c.items {
		if !isHeld[i] {
			without.items = append(without.items, i)
			without.hubness = append(without.hubness, c.hubness[at])
			without.targets = append(without.targets, rest[at*classes:(at+1)*classes]...)
		}
	}
	without.set = b.set.Pick(without.items)
	return without.passes(ctx, NewQueries(b.set.Pick(fold), nil), nil, func(first int, p *pass) error {
		for i := range p.queries.Rows {
			copy(v.Row(first+i), p.votes(i))
		}
		return nil
	})
}

// solve finds the coefficients of a ridge on all targets, the first columns of y, and writes to s what those without the items of each
// fold say of these.
func (b *Bank) solve(ctx context.Context, c *Classifier, y linalg.Matrix, places [][]int, s linalg.Matrix) error {
	n, classes := len(c.items), len(c.names)
	if b.kernel == nil || !slices.Equal(b.items, c.items) {
		if err := b.compare(ctx, c, y.Cols); err != nil {
			return err
		}
	}
	center(y)
	found, err := b.kernel.solve(ctx, b.mu, y, places, classes, b.report)
	if err != nil {
		return err
	}
	c.cut, c.coefficients = b.kernel.cut, make([]float32, n*classes)
	others, all := linalg.New(n, y.Cols-classes), linalg.New(n, y.Cols-classes)
	for i := range n {
		copy(c.coefficients[i*classes:], found.a.Row(i)[:classes])
		copy(others.Row(i), found.a.Row(i)[classes:])
	}
	if err := b.kernel.times(ctx, all, others); err != nil {
		return err
	}
	at := 0
	for f, fold := range places {
		for _, i := range fold {
			copy(s.Row(at), all.Row(i)[f*classes:(f+1)*classes])
			at++
		}
	}
	return nil
}

// compare makes the kernel of the items of a classifier, as much of it as the limit leaves room for beside so many columns.
func (b *Bank) compare(ctx context.Context, c *Classifier, columns int) error {
	b.kernel, b.items = nil, nil // its memory may go
	share := b.share
	var err error
	if share == 0 {
		if share, err = shareWithin(len(c.items), c.set.Dim(), columns, b.limit); err != nil {
			return err
		}
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
