package readout

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// The scale is that of scores of labelled items that are held out, each tenth in turn: none of a tenth speaks for another of it, with its label or
// with what has spread from it.
func TestScaleIsOfItemsHeldOut(t *testing.T) {
	b, h, labels, _, _ := bank(t, 120)
	known := slices.Clone(labels)
	for i := range known {
		if i%15 > 0 {
			known[i] = -1
		}
	}
	for _, m := range []Method{Vote, Spreading, Ridge} {
		c, err := b.Learn(t.Context(), known, names, m)
		if err != nil {
			t.Fatal(err)
		}
		var labelled []int
		for i, l := range known {
			if l >= 0 {
				labelled = append(labelled, i)
			}
		}
		var z [][]float64
		var truth []int
		for _, fold := range foldsOf(labelled, len(names), c.plan.ridge, len(c.items)) {
			without := slices.Clone(known)
			for _, i := range fold {
				without[i] = -1
			}
			rest, err := b.targets(t.Context(), without, len(names), c.items, c.plan.alpha)
			if err != nil {
				t.Fatal(err)
			}
			if c.plan.ridge {
				z = append(z, slowRidge(t, b, c, rest, fold)...)
			} else {
				z = append(z, slowVotes(b, c, h, rest, fold)...)
			}
			for _, i := range fold {
				truth = append(truth, known[i])
			}
		}
		if len(z) != len(labelled) {
			t.Fatalf("method %s: %d of %d labelled items are held out", m, len(z), len(labelled))
		}
		if c.plan.ridge {
			var sum, squares, n float64
			for _, row := range z {
				for _, v := range row {
					sum, squares, n = sum+v, squares+v*v, n+1
				}
			}
			sd := math.Sqrt(squares/n - sum*sum/n/n)
			if math.Abs(c.scale.Ridge-sd) > 0.02*sd { // a residual of a hundredth
				t.Errorf("method %s: a deviation of %g, want %g", m, c.scale.Ridge, sd)
			}
			for _, row := range z {
				for class := range row {
					row[class] /= sd
				}
			}
		}
		within := 0.003 // half a step of slowSharpness
		if c.plan.ridge {
			within = 0.02
		}
		if want := slowSharpness(z, truth, !c.plan.ridge); math.Abs(c.scale.Sharpness-want) > within*want {
			t.Errorf("method %s: a sharpness of %g, want %g", m, c.scale.Sharpness, want)
		}
	}
}

// slowVotes are the votes for the items of a fold, of all others.
func slowVotes(b *Bank, c *Classifier, h held, rest []float32, fold []int) (votes [][]float64) {
	others := &Classifier{plan: plan{vote: 1}, scale: scale{Vote: 1}}
	for at, i := range c.items {
		if !slices.Contains(fold, i) {
			others.items, others.targets = append(others.items, i), append(others.targets, rest[at*len(names):(at+1)*len(names)]...)
		}
	}
	for _, i := range fold {
		votes = append(votes, slowScores(b, others, h, h.Rows[i], -1))
	}
	return votes
}

// slowRidge are the scores of the items of a fold, of a ridge on all others.
func slowRidge(t *testing.T, b *Bank, c *Classifier, rest []float32, fold []int) (scores [][]float64) {
	k, y := dense(t, b.kernel), linalg.New(len(c.items), len(names))
	copy(y.Data, rest)
	center(y)
	var kept, held []int
	for at, i := range c.items {
		if slices.Contains(fold, i) {
			held = append(held, at)
		} else {
			kept = append(kept, at)
		}
	}
	left, right := mat.NewDense(len(kept), len(kept), nil), mat.NewDense(len(kept), len(names), nil)
	for p, i := range kept {
		for q, j := range kept {
			left.Set(p, q, k.At(i, j))
		}
		left.Set(p, p, k.At(i, i)+b.mu)
		for class := range names {
			right.Set(p, class, float64(y.At(i, class)))
		}
	}
	var a mat.Dense
	if err := a.Solve(left, right); err != nil {
		t.Fatal(err)
	}
	at := map[int][]float64{}
	for _, i := range held {
		row := make([]float64, len(names))
		for p, j := range kept {
			for class := range row {
				row[class] += k.At(i, j) * a.At(p, class)
			}
		}
		at[c.items[i]] = row
	}
	for _, i := range fold {
		scores = append(scores, at[i])
	}
	return scores
}

// slowSharpness tries many, by the likelihood with one item more that is as much of each class.
func slowSharpness(z [][]float64, truth []int, power bool) (best float64) {
	most := math.Inf(-1)
	for by := 0.05; by < 200; by *= 1.005 {
		var sum float64
		for i, row := range z {
			var total float64
			x := make([]float64, len(row))
			for class, v := range row {
				x[class] = by * v
				if power {
					x[class] = by * math.Log(v+0.01)
				}
			}
			for _, v := range x {
				total += math.Exp(v)
			}
			for class, v := range x {
				share := 1 / float64(len(row)) / float64(len(z))
				if class == truth[i] {
					share++
				}
				sum += share * (v - math.Log(total))
			}
		}
		if sum > most {
			most, best = sum, by
		}
	}
	return best
}
