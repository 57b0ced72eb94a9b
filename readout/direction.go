package readout

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/judge"
)

// Direction is a vector d in the space of embeddings whose product with a query is its score of a class:
//
//	d = Σ_i (s_i/c_i)·x_i + (s_i′/c_i′)·x_i′
//
// over the items x_i of the bank that speak, and their flips x_i′. s_i is what an item adds to the score, for its class or
// against it, and c_i its cosine with the query. The score is no linear function of the query: s_i is made of κ(c_i), and of votes that only
// the nearest have. What is linear is Σ_i w_i·c_i, with the weights w_i = s_i/c_i given. At this query it is the score.
type Direction struct {
	Values []float32 // as many as an embedding has
	// Score is the product. An item that votes with a cosine of leastAlike or less is in no direction: the score has its vote,
	// and Score has not.
	Score float64
}

// leastAlike is the cosine that items have to exceed for their votes to have a direction.
const leastAlike = 1e-3

// Directions are those of the scores that the queries have of classes, one of each. It goes through the bank twice for every 32 queries.
func (c *Classifier) Directions(ctx context.Context, queries embedding.Set, classes []int) ([]Direction, error) {
	if err := c.checkAsked(queries, classes); err != nil {
		return nil, err
	}
	all := make([]Direction, 0, queries.Len())
	for first, some := range explained(queries.Len()) {
		d, err := c.directions(ctx, queries.Pick(some), classes[first:first+len(some)])
		if err != nil {
			return nil, fmt.Errorf("readout: %w", err)
		}
		all = append(all, d...)
	}
	return all, nil
}

func (c *Classifier) directions(ctx context.Context, queries embedding.Set, classes []int) ([]Direction, error) {
	p, err := c.pass(ctx, NewQueries(queries, nil), nil)
	if err != nil {
		return nil, err
	}
	votes := c.ballots(p, classes)
	n, dim := p.queries.Rows, p.queries.Cols
	d, found, cos := linalg.New(n, dim), make([]Direction, n), newCosines(queries)
	err = c.blocks(ctx, func(at int, block linalg.Matrix) error {
		even, odd, err := cos.of(ctx, p.queries, block)
		if err != nil {
			return err
		}
		// With w and w′ the weights of an item and of its flip, its even values have w + w′, and its odd ones w − w′.
		parallel.For(n, func(_, i int) {
			for j := range block.Rows {
				w, flip := c.weightsOf(p, votes[i], i, at+j, classes[i], even.At(i, j), odd, j, &found[i].Score)
				even.Row(i)[j] = float32(w + flip)
				if odd.Data != nil {
					odd.Row(i)[j] = float32(w - flip)
				}
			}
		})
		return cos.addTo(ctx, d, even, odd, block)
	})
	for i := range found {
		found[i].Values = d.Row(i)
	}
	return found, err
}

// ballot is a vote for a class, of an item or of its flip.
type ballot struct {
	at   int
	flip bool
}

// ballots are what items add to the scores of classes by their votes.
func (c *Classifier) ballots(p *pass, classes []int) []map[ballot]float64 {
	all := make([]map[ballot]float64, len(classes))
	for i, class := range classes {
		all[i] = map[ballot]float64{}
		if c.plan.vote == 0 {
			continue
		}
		near := p.neighbours(i)
		for k, share := range judge.Vote(near, nil, voteTemperature).Shares {
			all[i][ballot{near[k].Index, near[k].Flip}] += c.plan.vote * share * float64(c.targets[near[k].Index*len(c.names)+class]) / c.scale.Vote
		}
	}
	return all
}

// weightsOf are the weights of an item and of its flip in the direction of query i, and adds to its score. even and odd are the products of the values.
func (c *Classifier) weightsOf(p *pass, votes map[ballot]float64, i, at, class int, even float32, odd linalg.Matrix, j int, score *float64) (w, flip float64) {
	var by float64
	if c.plan.ridge {
		by = float64(p.weights[i]) * float64(weigh(float64(c.hubness[at]), c.mean)) * float64(c.coefficients[at*len(c.names)+class]) / c.scale.Ridge
	}
	weight := func(cosine float32, flipped bool) float64 {
		w := by * slope(c.cut, cosine)
		if v := votes[ballot{at, flipped}]; v != 0 && cosine > leastAlike {
			w += v / float64(cosine)
		}
		*score += w * float64(cosine)
		return w
	}
	if odd.Data == nil {
		return weight(even, false), 0
	}
	o := odd.At(i, j)
	return weight(even+o, false), weight(even-o, true)
}

// slope is κ(c)/c, or 0 of a cosine below the cut, if there is one. Near 0 it is the beginning of the series of κ: what a table
// is off by would be large beside c.
func slope(cut, c float32) float64 {
	const near = 1e-3
	if math.Abs(float64(c)) < near && cut == 0 {
		return (1 + float64(c)/(2*temperature)) / temperature
	}
	if v := kappaFrom(cut, c); v != 0 {
		return float64(v) / float64(c)
	}
	return 0
}

// addTo adds to d the rows of b, as often as even has for their even values, and odd for the others.
func (c *cosines) addTo(ctx context.Context, d, even, odd, b linalg.Matrix) error {
	if c.split > 0 {
		if err := linalg.AddMulUntil(ctx, d.Block(0, d.Rows, 0, c.split), 1, even, b.Block(0, b.Rows, 0, c.split)); err != nil {
			return err
		}
	}
	if c.split == c.dim {
		return nil
	}
	return linalg.AddMulUntil(ctx, d.Block(0, d.Rows, c.split, c.dim), 1, odd, b.Block(0, b.Rows, c.split, c.dim))
}
