package explain

import (
	"math"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// A judgement counts what Evaluate counts, and each of its neighbours has the
// cosine of the embeddings.
func TestJudge(t *testing.T) {
	for _, name := range []string{"photographs", "no flips"} {
		m := fitted(t, colour(120), variants()[name])
		bank, test := textures{80, colour(1).shape, 2}, textures{20, colour(1).shape, 3}
		p := m.PaperProtocol()
		p.K = 9
		j, err := Judge(t.Context(), m, bank, test, p)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Evaluate(t.Context(), bank, test, p)
		if err != nil {
			t.Fatal(err)
		}
		if j.Top1() != e.Top1 || j.Bank != e.Bank || j.Labelled != 20 {
			t.Errorf("%s: top-1 %g in a bank of %d, Evaluate has %g in %d", name, j.Top1(), j.Bank, e.Top1, e.Bank)
		}
		right := 0.0
		for class := range j.Classes {
			accuracy, n := j.Accuracy(class)
			right += accuracy * float64(n)
		}
		if math.Abs(right-float64(j.Right)) > 1e-9 {
			t.Errorf("%s: classes have %g right, all %d", name, right, j.Right)
		}
		for _, q := range j.Queries {
			var votes, share float64
			if q.ID != test.ID(q.Index) {
				t.Errorf("%s: query %d is called %q", name, q.Index, q.ID)
			}
			for _, n := range q.Neighbours {
				if n.ID != bank.ID(n.Index) {
					t.Errorf("%s: neighbour %d is called %q", name, n.Index, n.ID)
				}
				votes += n.Vote
				if n.Label == q.Voted {
					share += n.Vote
				}
				a, b := embedding(t, m, test, q.Index), embedding(t, m, bank, n.Index)
				if n.Mirrored {
					m.Flip(slices.Clone(b), bank.Shape(), b)
				}
				if c := dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)); math.Abs(c-n.Cosine) > 1e-5 {
					t.Errorf("%s: query %d, %+v: cosine is %g", name, q.Index, n, c)
				}
			}
			if math.Abs(votes-1) > 1e-9 || math.Abs(share-q.Share) > 1e-9 || q.Label != test.Label(q.Index) {
				t.Errorf("%s: query %d has votes of %g, %g for its class", name, q.Index, votes, share)
			}
		}
	}
}

func embedding(t *testing.T, m *smt.Model, src dataset.Source, i int) []float32 {
	t.Helper()
	im, err := ImageOf(src, i)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Embed(standard(im))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestJudgeWithoutLabels(t *testing.T) {
	m := fitted(t, colour(120), small())
	p := m.PaperProtocol()
	j, err := Judge(t.Context(), m, unlabelled{colour(30)}, colour(5), p)
	if err != nil {
		t.Fatal(err)
	}
	if j.Classes != nil || j.Confusion != nil || len(j.Queries) != 5 || len(j.Queries[0].Neighbours) != 30 || j.Queries[0].Voted != -1 || j.Queries[0].Neighbours[0].Label != -1 {
		t.Errorf("%+v", j.Queries[0])
	}
}

type unlabelled struct{ dataset.Source }

func (unlabelled) Classes() []string { return nil }
func (unlabelled) Label(int) int     { return -1 }
