package judge

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
)

// rows are embeddings that are held, half of their values even.
type rows [][]float32

const (
	dim  = 24
	even = 12
)

func (r rows) Len() int { return len(r) }
func (rows) Dim() int   { return dim }
func (rows) Even() int  { return even }

// ID names a row by its first value, which stays when it is picked.
func (r rows) ID(i int) (string, error) { return fmt.Sprint("row of ", r[i][0]), nil }

func (r rows) Pick(which []int) embedding.Set {
	picked := make(rows, len(which))
	for i, w := range which {
		picked[i] = r[w]
	}
	return picked
}

func (r rows) Blocks(_ context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for block := range slices.Chunk(r, n) {
			if !yield(slices.Concat(block...), nil) {
				return
			}
		}
	}
}

// labels are classes, by their numbers.
type labels struct {
	names []string
	of    []int
}

func (l labels) Len() int          { return len(l.of) }
func (l labels) Classes() []string { return l.names }
func (l labels) Label(i int) int   { return l.of[i] }

// draw is n unit vectors of seven classes, and three coarse ones.
func draw(n int, seed uint64) Labelled {
	rng := rand.New(rand.NewPCG(seed, 7))
	classes := strings.Split("abcdefg", "")
	fine, coarse := labels{classes, make([]int, n)}, labels{[]string{"A", "B", "C"}, make([]int, n)}
	x := make(rows, n)
	for i := range x {
		c := rng.IntN(len(classes))
		fine.of[i], coarse.of[i] = c, c/3
		centre := rand.New(rand.NewPCG(uint64(c), 8))
		var sum float64
		for range dim {
			v := float32(centre.NormFloat64() + 2.5*rng.NormFloat64())
			x[i] = append(x[i], v)
			sum += float64(v) * float64(v)
		}
		for j := range x[i] {
			x[i][j] /= float32(math.Sqrt(sum))
		}
	}
	return Labelled{Set: x, Labels: fine, Coarse: coarse}
}

// scored is an item of the bank, or its flip, as a query sees it.
type scored struct {
	index  int
	flip   bool
	cosine float64
}

// nearest is the definition: all cosines in float64, sorted.
func nearest(bank, queries rows, p Protocol) [][]scored {
	all := make([][]scored, len(queries))
	for q, x := range queries {
		for i, y := range bank {
			var same, other float64
			for j := range x {
				v := float64(x[j]) * float64(y[j])
				same += v
				if j >= even {
					v = -v
				}
				other += v
			}
			all[q] = append(all[q], scored{i, false, same})
			if p.Flips {
				all[q] = append(all[q], scored{i, true, other})
			}
		}
		slices.SortFunc(all[q], func(a, b scored) int { return cmp.Compare(b.cosine, a.cosine) })
		all[q] = all[q][:min(p.K, len(all[q]))]
	}
	return all
}

// tally is the accuracy by the definition of votes.
func tally(near [][]scored, bank, test Labels, temperature float64) (top1, top5 float64) {
	for q, all := range near {
		votes := make([]float64, len(bank.Classes()))
		for _, n := range all {
			votes[bank.Label(n.index)] += math.Exp(n.cosine / temperature)
		}
		more := 0
		own := votes[test.Label(q)]
		for _, v := range votes {
			if v > own {
				more++
			}
		}
		if own > 0 && more == 0 {
			top1++
		}
		if own > 0 && more < 5 {
			top5++
		}
	}
	return top1 / float64(len(near)), top5 / float64(len(near))
}

func TestEvaluateAgreesWithItsDefinition(t *testing.T) {
	bank, test := draw(150, 1), draw(80, 2)
	for _, p := range []Protocol{{K: 30, Temperature: 0.03}, {K: 9, Temperature: 0.3, Flips: true}, {K: 1000, Temperature: 0.05, Flips: true}} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			near := nearest(bank.Set.(rows), test.Set.(rows), p)
			var stages []string
			e, err := Evaluate(t.Context(), bank, test, p, func(stage string, _, _ int) { stages = append(stages, stage) })
			if err != nil {
				t.Fatal(err)
			}
			top1, top5 := tally(near, bank.Labels, test.Labels, p.Temperature)
			coarse, _ := tally(near, bank.Coarse, test.Coarse, p.Temperature)
			if e.Top1 != top1 || e.Top5 != top5 || e.Coarse == nil || *e.Coarse != coarse {
				t.Errorf("top-1 %g, top-5 %g, coarse %v; want %g, %g and %g", e.Top1, e.Top5, e.Coarse, top1, top5, coarse)
			}
			if want := 150 * map[bool]int{false: 1, true: 2}[p.Flips]; e.Bank != want || e.Test != 80 || e.K != min(p.K, want) {
				t.Errorf("%+v", e)
			}
			if got := slices.Compact(stages); !slices.Equal(got, []string{"embedding test", "searching bank"}) {
				t.Errorf("stages %q", got)
			}
			if top1 < 0.2 || top1 == 1 || top5 == 1 || top1 == top5 {
				t.Errorf("top-1 %g and top-5 %g test little", top1, top5)
			}
		})
	}
}

// The whitened protocol is the plain one on embeddings shortened by Components.
func TestWhiten(t *testing.T) {
	bank, test := draw(150, 1), draw(80, 2)
	p := Protocol{K: 9, Temperature: 0.05, Flips: true, Components: 8}
	got, err := Evaluate(t.Context(), bank, test, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Components(t.Context(), bank.Set, p.Components, nil)
	if err != nil {
		t.Fatal(err)
	}
	bank.Set, test.Set = c.Of(bank.Set), c.Of(test.Set)
	p.Components = 0
	want, err := Evaluate(t.Context(), bank, test, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Top1 != want.Top1 || got.Top5 != want.Top5 || got.Components != 8 || bank.Dim() != 8 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A judgement counts what Evaluate counts, and its neighbours are those of the definition.
func TestJudge(t *testing.T) {
	bank, test := draw(90, 3), draw(40, 4)
	for _, flips := range []bool{false, true} {
		p := Paper(flips)
		p.K = 9
		j, err := Judge(t.Context(), bank, test, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Evaluate(t.Context(), bank, test, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if j.Top1() != e.Top1 || j.Bank != e.Bank || j.Labelled != 40 {
			t.Errorf("top-1 %g in a bank of %d, Evaluate has %g in %d", j.Top1(), j.Bank, e.Top1, e.Bank)
		}
		right, n := 0.0, 0
		for class := range j.Classes {
			accuracy, of := j.Accuracy(class)
			right += accuracy * float64(of)
			n += of
		}
		if math.Abs(right-float64(j.Right)) > 1e-9 || n != j.Labelled {
			t.Errorf("classes have %g of %d right, all %d of %d", right, n, j.Right, j.Labelled)
		}
		for i, want := range nearest(bank.Set.(rows), test.Set.(rows), p) {
			q := j.Queries[i]
			if id, _ := test.ID(i); q.ID != id {
				t.Errorf("query %d is called %q", i, q.ID)
			}
			var votes, share float64
			for k, n := range q.Neighbours {
				if id, _ := bank.ID(n.Index); n.ID != id {
					t.Errorf("neighbour %d is called %q", n.Index, n.ID)
				}
				votes += n.Vote
				if n.Label == q.Voted {
					share += n.Vote
				}
				if w := want[k]; n.Index != w.index || n.Flip != w.flip || math.Abs(n.Cosine-w.cosine) > 1e-6 || n.Label != bank.Labels.Label(w.index) {
					t.Errorf("query %d, rank %d: %+v, want %+v", i, k, n, w)
				}
			}
			if math.Abs(votes-1) > 1e-9 || math.Abs(share-q.Share) > 1e-9 || q.Label != test.Labels.Label(i) || q.Index != i {
				t.Errorf("query %d has votes of %g, %g for its class", i, votes, share)
			}
		}
	}
}

func TestJudgeWithoutLabels(t *testing.T) {
	bank, queries := draw(30, 1), draw(5, 2)
	bank.Labels = labels{nil, make([]int, 30)}
	j, err := Judge(t.Context(), bank, queries, Paper(true), nil)
	if err != nil {
		t.Fatal(err)
	}
	if j.Classes != nil || j.Confusion != nil || len(j.Queries) != 5 || len(j.Queries[0].Neighbours) != 30 || j.Queries[0].Voted != -1 || j.Queries[0].Neighbours[0].Label != -1 {
		t.Errorf("%+v", j.Queries[0])
	}
}

// A probe finds classes that are told apart by a line, and says how it ranks the others.
func TestProbe(t *testing.T) {
	bank, test := draw(300, 1), draw(100, 2)
	p, err := Probe(t.Context(), bank, test, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.Top1 < 0.5 || p.Top5 < p.Top1 || p.Top5 == 1 && p.Top1 == 1 || !(p.Strength > 0) { // chance is 1/7
		t.Errorf("%+v", p)
	}
	again, err := Probe(t.Context(), bank, bank, 1, nil)
	if err != nil || again.Top1 <= p.Top1 {
		t.Errorf("on its own bank %+v, %v", again, err)
	}
}

func TestErrors(t *testing.T) {
	bank, test, paper := draw(20, 1), draw(10, 2), Paper(true)
	with := func(change func(p *Protocol)) Protocol {
		p := paper
		change(&p)
		return p
	}
	unlabelled, fewer, renamed, fine, none := test, test, test, test, test
	unlabelled.Labels = labels{nil, make([]int, 10)}
	fewer.Labels = labels{bank.Labels.Classes(), make([]int, 9)}
	renamed.Labels = labels{[]string{"x"}, make([]int, 10)}
	fine.Coarse = nil
	none.Set, none.Labels = rows{}, labels{bank.Labels.Classes(), nil}
	for _, c := range []struct {
		test Labelled
		p    Protocol
		want string
	}{
		{unlabelled, paper, "the test set has no labels"},
		{fewer, paper, "9 labels and 10 embeddings"},
		{renamed, paper, "the test set [x]"},
		{fine, paper, "coarse classes"},
		{none, paper, "0 queries"},
		{test, with(func(p *Protocol) { p.Temperature = 0 }), "temperature is 0"},
		{test, with(func(p *Protocol) { p.Temperature = math.Inf(1) }), "temperature is +Inf"},
		{test, with(func(p *Protocol) { p.K = 0 }), "k is 0"},
		{test, with(func(p *Protocol) { p.Hubs = -1 }), "hubs is -1"},
		{test, with(func(p *Protocol) { p.Components = -1 }), "whiten is -1: want 1 to 20 components"},
		{test, with(func(p *Protocol) { p.Components = 21 }), "whiten is 21"},
	} {
		if _, err := Evaluate(t.Context(), bank, c.test, c.p, nil); err == nil || !strings.HasPrefix(err.Error(), "judge: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q in it", err, c.want)
		}
	}
}
