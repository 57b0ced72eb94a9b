package readout

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
)

// What is said of a query, and why, is the same to the last bit alone, in any order and together with others, more than pass at a time: deviations are those of items
// of the bank.
func TestAnswersDoNotDependOnEachOther(t *testing.T) {
	b, _, labels, queries, _ := bank(t, 120)
	rng := rand.New(rand.NewPCG(8, 9))
	order := rng.Perm(queries.Len())
	for len(order) < together+50 {
		order = append(order, rng.IntN(queries.Len()))
	}
	for _, m := range Methods() {
		c, err := b.Learn(t.Context(), some(labels), names, m)
		if err != nil {
			t.Fatal(err)
		}
		said := func(rows []int) ([]Answer, []int, embedding.Set) {
			set := queries.Pick(rows)
			answers, err := c.Classify(t.Context(), set, nil)
			if err != nil {
				t.Fatal(err)
			}
			classes := make([]int, len(answers))
			for i, a := range answers {
				classes[i] = a.Class
			}
			return answers, classes, set
		}
		among, _, _ := said(order)
		few := order[:explainedTogether+5]
		_, classes, set := said(few)
		reasons, err := c.Explain(t.Context(), set, classes, nil, 3)
		if err != nil {
			t.Fatal(err)
		}
		directions, err := c.Directions(t.Context(), set, classes)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, 7, explainedTogether + 1, together + 20} {
			alone, class, set := said([]int{order[at]})
			if !slices.Equal(alone[0].Scores, among[at].Scores) || !slices.Equal(alone[0].Probabilities, among[at].Probabilities) {
				t.Errorf("method %s: query %d alone: %+v, among others %+v", m, order[at], alone[0], among[at])
			}
			if at >= len(few) {
				continue
			}
			why, err := c.Explain(t.Context(), set, class, nil, 3)
			if err != nil {
				t.Fatal(err)
			}
			d, err := c.Directions(t.Context(), set, class)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(why[0], reasons[at]) || !slices.Equal(d[0].Values, directions[at].Values) {
				t.Errorf("method %s: query %d alone: %+v, among others %+v, or another direction", m, order[at], why[0], reasons[at])
			}
		}
	}
}
