package readout

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// What is found once of queries makes the same answers, to the last bit, whichever classifiers of the bank are asked, and in whatever order: of more
// queries than pass at a time, some of them items of the bank.
func TestQueriesAnswerAsClassify(t *testing.T) {
	b, h, labels, _, _ := bank(t, 120)
	rng := rand.New(rand.NewPCG(3, 1))
	own := make([]int, together+40)
	for i := range own {
		own[i] = rng.IntN(h.Len())
	}
	set := h.Pick(own)
	for i := range own {
		if i%2 == 0 {
			own[i] = -1
		}
	}
	few := Draw(labels, len(names), 10, 1)
	q := NewQueries(set, own)
	for _, step := range []struct {
		m      Method
		labels []int
	}{{Vote, few}, {Spreading, few}, {RidgeVote, some(labels)}, {SpreadRidge, few}, {Spreading, some(labels)}} {
		c, err := b.Learn(t.Context(), step.labels, names, step.m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Answer(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		want, err := c.Classify(t.Context(), set, own)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("method %s: other answers than those of Classify", step.m)
		}
	}
	if len(q.hubness) != set.Len() || len(q.near) != set.Len() {
		t.Errorf("of %d queries the hubness of %d is known, and the nearest of %d", set.Len(), len(q.hubness), len(q.near))
	}
}
