package readout

import (
	"math"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
)

// sizes of a tile and more: the last one is not whole.
var sizes = []int{1, 2, side - 1, side, side + 3, 2*side + 77}

// Each method finds clusters, and its scores are those of the definition, in float64, with what it has learned.
func TestClassifyAgreesWithItsDefinition(t *testing.T) {
	for _, even := range []int{-1, 120} {
		for _, cut := range []bool{false, true} {
			b, h, labels, queries, own := bank(t, even)
			for _, m := range Methods() {
				if cut {
					b.cut(t, some(labels), m)
				}
				c, err := b.Learn(t.Context(), some(labels), names, m)
				if err != nil {
					t.Fatal(err)
				}
				if want := cut && c.plan.ridge; c.Cut() > 0 != want {
					t.Fatalf("method %s: cut %g", m, c.Cut())
				}
				answers, err := c.Classify(t.Context(), queries, nil)
				if err != nil {
					t.Fatal(err)
				}
				right := 0
				for q, a := range answers {
					if a.Class == own[q] {
						right++
					}
					if want := slowScores(b, c, h, queries.Rows[q], -1); want != nil {
						checkAnswer(t, a, want, c.scale)
					}
				}
				if right < 85 {
					t.Errorf("method %s, %d even, cut %v: %d of 100 are right", m, even, cut, right)
				}
			}
		}
	}
}

func checkAnswer(t *testing.T, a Answer, want []float64, s scale) {
	var sum float64
	for class, z := range want {
		// halves of K, float32 sums
		if math.Abs(a.Scores[class]-z) > 2e-3*(1+math.Abs(z)) {
			t.Fatalf("score of class %d is %g, want %g", class, a.Scores[class], z)
		}
		var total float64
		for _, v := range a.Scores {
			if s.Power {
				total += math.Pow((v+0.01)/(a.Scores[class]+0.01), s.Sharpness)
			} else {
				total += math.Exp(s.Sharpness * (v - a.Scores[class]))
			}
		}
		if p := a.Probabilities[class]; math.Abs(p-1/total) > 1e-9 || p > a.Probabilities[a.Class] {
			t.Fatalf("probability of class %d is %g of scores %v, want %g", class, p, a.Scores, 1/total)
		}
		sum += a.Probabilities[class]
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Fatalf("probabilities sum to %g", sum)
	}
}

// slowScores is z of a query, which is item own of the bank that is left out of it, or −1; nil where a cosine is so near to the cut that float32 may find it on the other side.
func slowScores(b *Bank, c *Classifier, h held, q []float32, own int) []float64 {
	all := held{embedding.Vectors{Rows: append(slices.Clone(h.Rows), q), Width: h.Width, EvenWidth: h.EvenWidth}}
	r := all.hubness(len(h.Rows))
	if own >= 0 {
		r = b.graph.Hubness(own)
	}
	z := make([]float64, len(names))
	type near struct{ score, share float64 }
	var list []near
	place := map[near]int{}
	for at, i := range c.items {
		if i == own {
			continue
		}
		g := math.Exp(-0.35 * (b.graph.Hubness(i) - b.mean) / 0.07)
		k, unsure := slowKernel(q, h.Rows[i], h.EvenWidth, float64(c.cut), math.Exp(-0.35*(r-b.mean)/0.07), g)
		if unsure {
			return nil
		}
		for class := range z {
			if c.plan.ridge {
				z[class] += k * float64(c.coefficients[at*len(names)+class]) / c.scale.Ridge
			}
		}
		for _, flip := range []bool{false, true} {
			if cos, can := all.cosine(len(h.Rows), i, flip); can {
				n := near{cos - 0.7*b.graph.Hubness(i), float64(len(list))}
				list, place[n] = append(list, n), at
			}
		}
	}
	slices.SortFunc(list, func(a, b near) int {
		if a.score > b.score {
			return -1
		}
		return 1
	})
	var total float64
	for _, n := range list[:30] {
		total += math.Exp(n.score / 0.05)
	}
	for _, n := range list[:30] {
		for class := range z {
			z[class] += c.plan.vote * math.Exp(n.score/0.05) / total * float64(c.targets[place[n]*len(names)+class]) / c.scale.Vote
		}
	}
	return z
}

func TestScore(t *testing.T) {
	top1, loss := Score([]Answer{{Class: 1, Probabilities: []float64{0.2, 0.8}}, {Class: 0, Probabilities: []float64{0.5, 0.5}}}, []int{1, 1})
	if want := -(math.Log(0.8) + math.Log(0.5)) / 2; top1 != 0.5 || math.Abs(loss-want) > 1e-12 {
		t.Errorf("%g right and a loss of %g, want a half and %g", top1, loss, want)
	}
}

// An item of the bank without a label is left out of the bank when it is asked for, whatever is asked beside it; one with a label knows it.
func TestClassifyItems(t *testing.T) {
	for _, even := range []int{-1, 120} {
		b, h, labels, queries, _ := bank(t, even)
		for _, m := range Methods() {
			c, err := b.Learn(t.Context(), some(labels), names, m)
			if err != nil {
				t.Fatal(err)
			}
			own := []int{1, -1, 3, 599, 2}
			asked := held{embedding.Vectors{Rows: [][]float32{h.Rows[1], queries.Rows[0], h.Rows[3], h.Rows[599], h.Rows[2]}, Width: h.Width, EvenWidth: even}}
			answers, err := c.Classify(t.Context(), asked, own)
			if err != nil {
				t.Fatal(err)
			}
			without, err := c.Classify(t.Context(), asked, nil)
			if err != nil {
				t.Fatal(err)
			}
			classes := make([]int, len(answers))
			for i, a := range answers {
				classes[i] = a.Class
				left := own[i]
				if left%3 == 0 { // it has a label
					left = -1
				}
				if left < 0 && !c.plan.ridge { // r of an item that has a label is still that of an item
					if !slices.Equal(a.Scores, without[i].Scores) {
						t.Errorf("method %s: query %d: %v, and %v without the numbers of items", m, i, a.Scores, without[i].Scores)
					}
				}
				if left >= 0 {
					checkAnswer(t, a, slowScores(b, c, h, asked.Rows[i], left), c.scale)
				}
			}
			reasons, err := c.Explain(t.Context(), asked, classes, own, 600)
			if err != nil {
				t.Fatal(err)
			}
			for i, list := range reasons {
				for _, r := range list {
					if r.Item == own[i] && own[i]%3 > 0 {
						t.Errorf("method %s: item %d speaks for itself", m, r.Item)
					}
				}
			}
		}
	}
}
