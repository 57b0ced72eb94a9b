package readout

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
)

// Reason is an item of the bank that speaks for a class.
type Reason struct {
	Item   int     // in the bank
	Flip   bool    // its flip is nearer than it is
	Cosine float64 // of the nearer one
	// Part is what it adds to the class's score: the parts of all items add up to Answer.Scores[class].
	Part float64
	// Share is Part as a share of all parts above 0, but for that of the query itself.
	Share float64
}

// explainedTogether is the number of queries whose parts are held at a time.
const explainedTogether = 32

// Explain returns, for each query, up to n items of the bank that speak most for its class in classes, the most first. own
// is as Classify has it; an item of the bank, which is its own best reason, is not told as one for itself. It goes through the bank twice for every 32 queries.
func (c *Classifier) Explain(ctx context.Context, queries embedding.Set, classes, own []int, n int) ([][]Reason, error) {
	if err := c.checkAsked(queries, classes); err != nil {
		return nil, err
	}
	if own != nil && len(own) != queries.Len() {
		return nil, fmt.Errorf("readout: %s of %s: want one of each", plural.Of(len(own), "item"), plural.Of(queries.Len(), "query"))
	}
	reasons := make([][]Reason, 0, queries.Len())
	for first, some := range explained(queries.Len()) {
		var theirs []int
		if own != nil {
			theirs = own[first : first+len(some)]
		}
		parts, err := c.parts(ctx, queries.Pick(some), theirs, classes[first:first+len(some)])
		if err != nil {
			return nil, fmt.Errorf("readout: %w", err)
		}
		for i, p := range parts {
			if own != nil {
				p = slices.DeleteFunc(p, func(r Reason) bool { return r.Item == own[first+i] })
			}
			reasons = append(reasons, most(p, n))
		}
	}
	return reasons, nil
}

// checkAsked wants a class of each query.
func (c *Classifier) checkAsked(queries embedding.Set, classes []int) error {
	if len(classes) != queries.Len() {
		return fmt.Errorf("readout: %s and %s: want one of each", plural.Of(queries.Len(), "query"), plural.Of(len(classes), "class"))
	}
	for i, class := range classes {
		if class < 0 || class >= len(c.names) {
			return fmt.Errorf("readout: query %d: class %d: want one of %s", i, class, plural.Of(len(c.names), "class"))
		}
	}
	return nil
}

// explained yields the numbers below n, so many at a time as are explained together, and the first of them.
func explained(n int) iter.Seq2[int, []int] {
	return func(yield func(int, []int) bool) {
		for some := range slices.Chunk(all(n), explainedTogether) {
			if !yield(some[0], some) {
				return
			}
		}
	}
}

// parts are those of all items, for each query.
func (c *Classifier) parts(ctx context.Context, queries embedding.Set, own, classes []int) ([][]Reason, error) {
	p, err := c.pass(ctx, NewQueries(queries, own), nil)
	if err != nil {
		return nil, err
	}
	parts := make([][]Reason, queries.Len())
	for i := range parts {
		parts[i] = make([]Reason, len(c.items))
		for at, item := range c.items {
			parts[i][at] = Reason{Item: item, Cosine: math.Inf(-1)}
		}
	}
	cos := newCosines(queries)
	err = c.blocks(ctx, func(at int, block linalg.Matrix) error {
		even, odd, err := cos.of(ctx, p.queries, block)
		if err != nil {
			return err
		}
		for i := range parts {
			for j := range block.Rows {
				parts[i][at+j].see(even.At(i, j), odd, i, j)
			}
		}
		if !c.plan.ridge {
			return nil
		}
		k, err := c.kernelWith(ctx, cos, p, at, block)
		if err != nil {
			return err
		}
		for i, class := range classes {
			for j, v := range k.Row(i) {
				parts[i][at+j].Part = float64(v) * float64(c.coefficients[(at+j)*len(c.names)+class]) / c.scale.Ridge
			}
		}
		return nil
	})
	if err != nil || c.plan.vote == 0 {
		return parts, err
	}
	for i, class := range classes {
		near := p.neighbours(i)
		for k, share := range judge.Vote(near, nil, voteTemperature).Shares {
			at := near[k].Index
			parts[i][at].Part += c.plan.vote * share * float64(c.targets[at*len(c.names)+class]) / c.scale.Vote
		}
	}
	return parts, nil
}

// see takes the larger cosine of an item and its flip.
func (r *Reason) see(even float32, odd linalg.Matrix, i, j int) {
	r.Cosine = float64(even)
	if odd.Data != nil {
		o := float64(odd.At(i, j))
		r.Cosine, r.Flip = float64(even)+math.Abs(o), o < 0
	}
}

// most are the n largest of parts above 0, with their shares.
func most(parts []Reason, n int) []Reason {
	var sum float64
	parts = slices.DeleteFunc(parts, func(r Reason) bool { return !(r.Part > 0) })
	for _, r := range parts {
		sum += r.Part
	}
	slices.SortStableFunc(parts, func(a, b Reason) int { return cmp.Compare(b.Part, a.Part) })
	parts = slices.Clone(parts[:min(n, len(parts))])
	for i := range parts {
		parts[i].Share = parts[i].Part / sum
	}
	return parts
}
