package readout

import (
	"math"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
)

// The parts of all items add up to the score, and the most of them are given.
func TestExplainAddsUp(t *testing.T) {
	for _, even := range []int{-1, 120} {
		b, h, labels, queries, _ := bank(t, even)
		few := held{queries.Pick(all(explainedTogether + 3)).(embedding.Vectors)}
		for _, m := range Methods() {
			c, err := b.Learn(t.Context(), some(labels), names, m)
			if err != nil {
				t.Fatal(err)
			}
			answers, err := c.Classify(t.Context(), few, nil)
			if err != nil {
				t.Fatal(err)
			}
			classes := make([]int, len(answers))
			for i := range classes {
				classes[i] = (answers[i].Class + i) % 3
			}
			reasons, err := c.Explain(t.Context(), few, classes, nil, 4)
			if err != nil {
				t.Fatal(err)
			}
			for first := 0; first < few.Len(); first += explainedTogether {
				end := min(few.Len(), first+explainedTogether)
				parts, err := c.parts(t.Context(), few.Pick(all(end)[first:]), nil, classes[first:end])
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range parts {
					checkParts(t, p, answers[first+i].Scores[classes[first+i]], reasons[first+i])
				}
			}
			v := reasons[6][0] // of the class that it is given
			best, _ := append(h.Rows[:0:0], few.Rows[6]), 0
			pair := held{embedding.Vectors{Rows: append(best, h.Rows[v.Item]), Width: h.Width, EvenWidth: even}}
			plain, _ := pair.cosine(0, 1, false)
			flip, can := pair.cosine(0, 1, true)
			if can && flip > plain {
				plain = flip
			}
			if math.Abs(v.Cosine-plain) > 1e-5 || v.Flip != (can && flip == plain) {
				t.Errorf("method %s: %+v, want the cosine %g", m, v, plain)
			}
		}
		if _, err := (&Classifier{names: names}).Explain(t.Context(), few, make([]int, 2), nil, 1); err == nil {
			t.Error("fewer classes than queries: no error")
		}
	}
}

func checkParts(t *testing.T, parts []Reason, score float64, reasons []Reason) {
	t.Helper()
	var sum, speaks float64
	for _, r := range parts {
		sum += r.Part
		speaks += max(0, r.Part)
	}
	if math.Abs(sum-score) > 1e-4*(1+speaks) {
		t.Fatalf("parts add up to %g, the score is %g", sum, score)
	}
	for i, r := range reasons {
		if i > 0 && r.Part > reasons[i-1].Part || !(r.Part > 0) || math.Abs(r.Share-r.Part/speaks) > 1e-9 {
			t.Fatalf("reasons %+v: want parts above 0, the largest first, with their shares", reasons)
		}
	}
}
