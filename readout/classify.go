package readout

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/knn"
)

const (
	// nearest is the number of items that vote, and voteTemperature that of their votes.
	nearest         = 30
	voteTemperature = 0.05
	// blockRows is the number of items of the bank that pass at a time, together that of queries.
	blockRows = 512
	together  = 2048
)

// Classifier answers which class an item is of. It does not change, and may be used from many goroutines, if the set of its
// bank may.
type Classifier struct {
	plan         plan
	names        []string
	bank         embedding.Set
	items        []int         // of the bank, that speak
	set          embedding.Set // of these
	labelled     []uint8       // of these, 1 of those that had a label, 0 of those that labels spread to
	hubness      []float32     // of these
	mean         float64       // r̄, of all items of the bank
	targets      []float32     // of each item what it has of each class
	coefficients []float32     // A of a ridge, as large; nil where there is none
	cut          float32       // of its kernel, 0 for none
	scale        scale
}

// Answer is what a classifier says of an item.
type Answer struct {
	Class         int       // the likeliest
	Probabilities []float64 // of each class
	Scores        []float64 // of each class: the largest has the largest probability
}

// Method is how it answers.
func (c *Classifier) Method() Method { return c.plan.method }

// Cut is the cosine below which two items count as unlike in the kernel of a ridge, 0 where all count.
func (c *Classifier) Cut() float64 { return float64(c.cut) }

// Classes are the names of the classes.
func (c *Classifier) Classes() []string { return slices.Clone(c.names) }

// Classify answers for each query. It streams the bank past some thousands of them at a time. own has the numbers of queries that
// are items of the bank, −1 for others, and is nil if none is. Such a query knows its label, if it had one. If not, it is left out of the bank: what has spread
// to it would be nearly all of its answer.
func (c *Classifier) Classify(ctx context.Context, queries embedding.Set, own []int) ([]Answer, error) {
	return c.Answer(ctx, NewQueries(queries, own))
}

func (c *Classifier) answer(ctx context.Context, q *Queries) ([]Answer, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	answers := make([]Answer, q.set.Len())
	err := c.passes(ctx, q, c.coefficients, func(first int, p *pass) error {
		parallel.For(p.queries.Rows, func(_, i int) {
			z := c.together(p.ridge.Row(i), p.votes(i))
			a := Answer{Probabilities: c.scale.probabilities(z), Scores: z}
			for class, v := range z {
				if v > z[a.Class] {
					a.Class = class
				}
			}
			answers[first+i] = a
		})
		return nil
	})
	return answers, err
}

// Score holds answers against the true classes: the share of those that are right, and the mean −log of the probability
// that the true class is given.
func Score(answers []Answer, truth []int) (top1, loss float64) {
	right, n := 0, float64(len(answers))
	for i, a := range answers {
		if a.Class == truth[i] {
			right++
		}
		loss -= math.Log(max(a.Probabilities[truth[i]], 1e-12)) / n
	}
	return float64(right) / n, loss
}

// together is z of the scores of a ridge and of a vote.
func (c *Classifier) together(s, v []float32) []float64 {
	z := make([]float64, len(c.names))
	for class := range z {
		if c.plan.ridge {
			z[class] = float64(s[class]) / c.scale.Ridge
		}
		if c.plan.vote > 0 {
			z[class] += c.plan.vote * float64(v[class]) / c.scale.Vote
		}
	}
	return z
}

// pass is some queries that a bank went past.
type pass struct {
	c       *Classifier
	queries linalg.Matrix     // of unit length
	weights []float32         // g of each
	ridge   linalg.Matrix     // s of each; zeros where there are no coefficients
	own     []int             // the place of each that is left out among the items that speak, −1 for none; nil if there is none
	near    [][]knn.Neighbour // the nearest of each; nil where none votes
	voters  int               // of them
}

// votes are the shares that classes have of the votes for query i.
func (p *pass) votes(i int) []float32 {
	classes := len(p.c.names)
	v := make([]float32, classes)
	if p.near == nil {
		return v
	}
	near := p.neighbours(i)
	shares := judge.Vote(near, nil, voteTemperature).Shares
	for k, n := range near {
		for class, t := range p.c.targets[n.Index*classes : (n.Index+1)*classes] {
			v[class] += float32(shares[k]) * t
		}
	}
	return v
}

// neighbours are the items that vote for query i, as places among those that speak.
func (p *pass) neighbours(i int) []knn.Neighbour {
	near := p.near[i]
	if p.own != nil && p.own[i] >= 0 {
		near = slices.DeleteFunc(slices.Clone(near), func(n knn.Neighbour) bool { return n.Index == p.own[i] })
	}
	return near[:min(p.voters, len(near))]
}

// passes lets the bank go past the queries, some of them at a time, and calls use with these and the number of the first one.
func (c *Classifier) passes(ctx context.Context, q *Queries, coefficients []float32, use func(first int, p *pass) error) error {
	if c.set.Dim() != q.set.Dim() || c.set.Even() != q.set.Even() {
		return fmt.Errorf("items have %s, %d of them even, those of the bank %d and %d", plural.Of(q.set.Dim(), "value"), q.set.Even(), c.set.Dim(), c.set.Even())
	}
	for first := 0; first < q.set.Len(); first += together {
		part := q.part(first, min(together, q.set.Len()-first))
		p, err := c.pass(ctx, part, coefficients)
		if err != nil {
			return err
		}
		q.learn(first, part)
		if err := use(first, p); err != nil {
			return err
		}
	}
	return nil
}

// pass lets the bank go past queries, and writes to them what it finds that other classifiers may use.
func (c *Classifier) pass(ctx context.Context, q *Queries, coefficients []float32) (*pass, error) {
	x, err := read(ctx, q.set)
	if err != nil {
		return nil, err
	}
	p := &pass{c: c, queries: x, ridge: linalg.New(x.Rows, len(c.names)), voters: min(nearest, len(c.items))}
	if c.plan.ridge {
		if q.hubness == nil {
			if q.hubness, err = graph.Hubness(ctx, c.bank, q.set, q.own); err != nil {
				return nil, err
			}
		}
		for _, r := range q.hubness {
			p.weights = append(p.weights, weigh(float64(r), c.mean))
		}
	}
	for _, i := range q.own {
		place, speaks := slices.BinarySearch(c.items, i)
		if !speaks || c.labelled[place] == 1 {
			place = -1
		}
		p.own = append(p.own, place)
	}
	var search *knn.Searcher
	whole := len(c.items) == c.bank.Len()
	switch {
	case c.plan.vote == 0:
	case whole && q.near != nil:
		p.near = q.near
	default:
		if search, err = c.searcher(q, x, p.voters); err != nil {
			return nil, err
		}
	}
	if search == nil && coefficients == nil {
		return p, nil
	}
	bias := make([]float32, len(c.hubness))
	for i, r := range c.hubness {
		bias[i] = knn.HubShare * r
	}
	cos := newCosines(q.set)
	err = c.blocks(ctx, func(at int, block linalg.Matrix) error {
		if search != nil {
			search.SearchBiased(block.Data, bias[at:at+block.Rows], at)
		}
		if coefficients == nil {
			return nil
		}
		k, err := c.kernelWith(ctx, cos, p, at, block)
		if err != nil {
			return err
		}
		classes := len(c.names)
		return linalg.AddMulUntil(ctx, p.ridge, 1, k, linalg.Wrap(block.Rows, classes, coefficients[at*classes:]))
	})
	if search != nil {
		for i := range x.Rows {
			p.near = append(p.near, search.Neighbours(i))
		}
	}
	if whole && p.near != nil {
		q.near = p.near
	}
	return p, err
}

// searcher finds so many of the nearest, and of queries that may be left out of the bank two more: themselves, and their flips.
func (c *Classifier) searcher(q *Queries, x linalg.Matrix, voters int) (*knn.Searcher, error) {
	split := x.Cols
	if even := q.set.Even(); even >= 0 {
		split = even
	}
	if q.own != nil {
		voters += 2
	}
	s, err := knn.New(x.Rows, x.Cols, split, voters)
	if err == nil {
		parallel.For(x.Rows, func(_, i int) { s.SetQuery(i, x.Row(i)) })
	}
	return s, err
}

// blocks calls use with the items that speak, scaled to unit length, block by block, and the place of the first one.
func (c *Classifier) blocks(ctx context.Context, use func(at int, block linalg.Matrix) error) error {
	at, dim := 0, c.set.Dim()
	for block, err := range c.set.Blocks(ctx, embedding.BlockRows(blockRows, dim)) {
		if err != nil {
			return err
		}
		units(block, dim)
		rows := len(block) / dim
		if err := use(at, linalg.Wrap(rows, dim, block)); err != nil {
			return err
		}
		at += rows
	}
	return nil
}

// kernelWith is K of the queries of a pass and a block of items that begins at a place, until the next call.
func (c *Classifier) kernelWith(ctx context.Context, cos *cosines, p *pass, at int, block linalg.Matrix) (linalg.Matrix, error) {
	even, odd, err := cos.of(ctx, p.queries, block)
	if err != nil {
		return even, err
	}
	g := make([]float32, block.Rows)
	for j := range g {
		g[j] = weigh(float64(c.hubness[at+j]), c.mean)
	}
	parallel.For(even.Rows, func(_, i int) {
		row := even.Row(i)
		kappas(row, row, odd, i, c.cut)
		for j := range row {
			row[j] *= p.weights[i] * g[j]
		}
		if p.own != nil && p.own[i] >= at && p.own[i] < at+len(row) {
			row[p.own[i]-at] = 0
		}
	})
	return even, nil
}
