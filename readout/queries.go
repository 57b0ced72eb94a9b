package readout

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

// Queries are items that classifiers of one bank are asked for, one after the other: their hubness, and their nearest of the whole bank, do not depend
// on labels, and are found once.
type Queries struct {
	set     embedding.Set
	own     []int             // as Classify has it
	hubness []float32         // nil before a ridge has asked for it
	near    [][]knn.Neighbour // of the whole bank; nil before one of which all items speak has asked for them
}

// NewQueries returns queries. own is as Classify has it, and has no items with labels where classifiers do not all know the same.
func NewQueries(set embedding.Set, own []int) *Queries { return &Queries{set: set, own: own} }

func (q *Queries) check() error {
	if q.own != nil && len(q.own) != q.set.Len() {
		return fmt.Errorf("%s of %s: want one of each", plural.Of(len(q.own), "item"), plural.Of(q.set.Len(), "query"))
	}
	return nil
}

// part is some queries from the first on, and what is known of them.
func (q *Queries) part(first, n int) *Queries {
	some := all(n)
	for i := range some {
		some[i] += first
	}
	p := &Queries{set: q.set.Pick(some)}
	if q.own != nil {
		p.own = q.own[first : first+n]
	}
	if len(q.hubness) >= first+n {
		p.hubness = q.hubness[first : first+n]
	}
	if len(q.near) >= first+n {
		p.near = q.near[first : first+n]
	}
	return p
}

// learn takes what was found of the part that comes next.
func (q *Queries) learn(first int, p *Queries) {
	if len(q.hubness) == first {
		q.hubness = append(q.hubness, p.hubness...)
	}
	if len(q.near) == first {
		q.near = append(q.near, p.near...)
	}
}

// Answer is Classify of queries that other classifiers of the bank are asked for too. Calls must not run at once.
func (c *Classifier) Answer(ctx context.Context, q *Queries) ([]Answer, error) {
	answers, err := c.answer(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("readout: %w", err)
	}
	return answers, nil
}
