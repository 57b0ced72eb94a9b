package readout

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// held is a set in memory.
type held struct {
	rows      [][]float32
	dim, even int
}

func (h held) Len() int                 { return len(h.rows) }
func (h held) Dim() int                 { return h.dim }
func (h held) Even() int                { return h.even }
func (h held) ID(i int) (string, error) { return strconv.Itoa(i), nil }

func (h held) Pick(rows []int) embedding.Set {
	p := held{dim: h.dim, even: h.even}
	for _, r := range rows {
		p.rows = append(p.rows, h.rows[r])
	}
	return p
}

func (h held) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for rows := range slices.Chunk(h.rows, n) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(slices.Concat(rows...), nil) {
				return
			}
		}
	}
}

// clusters are n unit vectors around one of some centers, and which.
func clusters(rng *rand.Rand, n, dim, even, classes int, noise float64) (h held, labels []int) {
	h = held{dim: dim, even: even}
	centers := make([][]float64, classes)
	for c := range centers {
		centers[c] = make([]float64, dim)
		for j := range dim {
			centers[c][j] = rng.NormFloat64() / math.Sqrt(float64(dim))
		}
	}
	for range n {
		c := rng.IntN(classes)
		x := make([]float32, dim)
		for j := range x {
			x[j] = float32(centers[c][j] + noise*rng.NormFloat64()/math.Sqrt(float64(dim)))
		}
		if even >= 0 && rng.IntN(2) == 0 { // its flip
			for j := even; j < dim; j++ {
				x[j] = -x[j]
			}
		}
		linalg.Unit(x)
		h.rows, labels = append(h.rows, x), append(labels, c)
	}
	return h, labels
}

// slowKernel is K of a and b by its definition, in float64.
func slowKernel(a, b []float32, even int, ga, gb float64) float64 {
	var plain, flipped float64
	for j, v := range a {
		p := float64(v) * float64(b[j])
		plain += p
		if j >= even {
			p = -p
		}
		flipped += p
	}
	k := math.Expm1(min(plain, 0.2) / 0.07)
	if even >= 0 {
		k += math.Expm1(min(flipped, 0.2) / 0.07)
	}
	return ga * gb * k
}

// dense is the matrix that a kernel multiplies with.
func dense(t testing.TB, k *kernel) *mat.SymDense {
	x, y := linalg.New(k.n, k.n), linalg.New(k.n, k.n)
	for i := range k.n {
		x.Row(i)[i] = 1
	}
	if err := k.times(t.Context(), y, x); err != nil {
		t.Fatal(err)
	}
	m := mat.NewSymDense(k.n, nil)
	for i := range k.n {
		for j := range i + 1 {
			if y.At(i, j) != y.At(j, i) {
				t.Fatalf("K is not symmetric at %d, %d: %g and %g", i, j, y.At(i, j), y.At(j, i))
			}
			m.SetSym(i, j, float64(y.At(i, j)))
		}
	}
	return m
}

func quiet(string, int, int) {}

// sizes of a tile and more: the last one is not whole.
var sizes = []int{1, 2, side - 1, side, side + 3, 2*side + 77}

func TestKernelAgreesWithItsDefinition(t *testing.T) {
	for n, size := range sizes {
		for _, even := range []int{-1, 0, 9, 20} {
			rng := rand.New(rand.NewPCG(uint64(n), uint64(even+1)))
			h, _ := clusters(rng, size, 20, even, 3, 2)
			g := make([]float32, size)
			for i := range g {
				g[i] = 0.5 + rng.Float32()
			}
			k, err := newKernel(t.Context(), h, g, quiet)
			if err != nil {
				t.Fatal(err)
			}
			m := dense(t, k)
			for i := range size {
				for j := range i + 1 {
					want := slowKernel(h.rows[i], h.rows[j], even, float64(g[i]), float64(g[j]))
					if i == j {
						want = 0
					}
					// half a unit of 11 bits, and what is between values of the table
					if got := m.At(i, j); math.Abs(got-want) > math.Abs(want)/2000+2e-4 {
						t.Fatalf("%d items, %d even: K at %d, %d is %g, want %g", size, even, i, j, got, want)
					}
				}
			}
		}
	}
}

func TestKappa(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.Float32Range(-1.001, 1.001).Draw(rt, "c")
		want := math.Expm1(min(max(-1, float64(c)), 0.2) / 0.07)
		if got := float64(kappa(c)); math.Abs(got-want) > 5e-5 { // 2e-5 of the table, and float32 at 16
			rt.Fatalf("κ(%g) is %g, want %g", c, got, want)
		}
	})
}

func TestSmallestAndSolveAgreeWithDense(t *testing.T) {
	for _, size := range []int{40, 2*side + 77} {
		rng := rand.New(rand.NewPCG(uint64(size), 3))
		h, labels := clusters(rng, size, 30, 20, 4, 2)
		g := make([]float32, size)
		for i := range g {
			g[i] = 0.5 + rng.Float32()
		}
		k, err := newKernel(t.Context(), h, g, quiet)
		if err != nil {
			t.Fatal(err)
		}
		m := dense(t, k)
		var e mat.EigenSym
		if !e.Factorize(m, false) {
			t.Fatal("the oracle did not converge")
		}
		values := e.Values(nil)
		least, err := k.smallest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(least-values[0]) > 0.02*math.Abs(values[0]) { // Lanczos stops near it, from above
			t.Errorf("%d items: λ_min %g, want %g", size, least, values[0])
		}
		mu := above * math.Abs(least)
		left := []int{3, 17, size - 1}
		y := linalg.New(size, 8)
		for i, c := range labels {
			y.Row(i)[c], y.Row(i)[4+c] = 1, 1
		}
		center(y)
		s, err := k.solve(t.Context(), mu, y, left, 4, quiet)
		if err != nil {
			t.Fatal(err)
		}
		checkSolution(t, m, mu, y, s.a, left)
		if _, err := k.solve(t.Context(), -0.9*math.Abs(values[0]), y, nil, 8, quiet); err == nil || !strings.Contains(err.Error(), "not positive definite") {
			t.Errorf("%d items: a μ that is too small: error %v", size, err)
		}
	}
}

// checkSolution compares with the solution of gonum, of all rows and of those that are not left out.
func checkSolution(t *testing.T, m *mat.SymDense, mu float64, y, a linalg.Matrix, left []int) {
	for half := range 2 {
		var kept []int
		for i := range y.Rows {
			if half == 0 || !slices.Contains(left, i) {
				kept = append(kept, i)
			}
		}
		k, right := mat.NewDense(len(kept), len(kept), nil), mat.NewDense(len(kept), 4, nil)
		for p, i := range kept {
			for q, j := range kept {
				k.Set(p, q, m.At(i, j))
			}
			k.Set(p, p, m.At(i, i)+mu)
			for c := range 4 {
				right.Set(p, c, float64(y.At(i, half*4+c)))
			}
		}
		var want mat.Dense
		if err := want.Solve(k, right); err != nil {
			t.Fatal(err)
		}
		at := 0
		for i := range y.Rows {
			for c := range 4 {
				w := 0.0
				if at < len(kept) && kept[at] == i {
					w = want.At(at, c)
				}
				// a residual of a thousandth, over a condition number of some hundreds
				if got := float64(a.At(i, half*4+c)); math.Abs(got-w) > 0.02*mat.Max(&want) {
					t.Fatalf("half %d: A at %d, %d is %g, want %g", half, i, c, got, w)
				}
			}
			if at < len(kept) && kept[at] == i {
				at++
			}
		}
	}
}

func TestSpreadAgreesWithItsDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(5, 80).Draw(rt, "items")
		classes := rapid.IntRange(2, 5).Draw(rt, "classes")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		h, labels := clusters(rng, n, 12, 8, classes, 1)
		for i := range labels {
			if rng.IntN(3) > 0 {
				labels[i] = -1
			}
		}
		alpha := rapid.SampledFrom([]float32{0.3, 0.9}).Draw(rt, "alpha")
		g, err := graph.New(t.Context(), h, 4, nil)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := Spread(t.Context(), g, labels, classes, alpha)
		if err != nil {
			rt.Fatal(err)
		}
		s, y := mat.NewDense(n, n, nil), mat.NewDense(n, classes, nil)
		for i := range n {
			items, weights := g.Edges(i)
			for e, j := range items {
				s.Set(i, int(j), float64(weights[e])/math.Sqrt(g.Degree(i)*g.Degree(int(j))))
			}
			if labels[i] >= 0 {
				y.Set(i, labels[i], 1)
			}
		}
		f := mat.DenseCopyOf(y)
		for range 30 {
			var next, own mat.Dense
			next.Mul(s, f)
			next.Scale(float64(alpha), &next)
			own.Scale(1-float64(alpha), y)
			next.Add(&next, &own)
			f.Copy(&next)
		}
		for c := range classes {
			if sum := mat.Sum(f.ColView(c)); sum > 0 {
				for i := range n {
					f.Set(i, c, f.At(i, c)/sum)
				}
			}
		}
		for i := range n {
			sum := mat.Sum(f.RowView(i))
			for c := range classes {
				want := 0.0
				if sum > 0 {
					want = f.At(i, c) / sum
				}
				if v := float64(got[i*classes+c]); math.Abs(v-want) > 1e-4 {
					rt.Fatalf("item %d, class %d: %g, want %g", i, c, v, want)
				}
			}
		}
	})
}

// bank is a bank of clusters, some of them labelled, and queries.
func bank(t testing.TB, even int) (b *Bank, h held, labels []int, queries held, answers []int) {
	all, own := clusters(rand.New(rand.NewPCG(5, 6)), 700, 200, even, 3, 2)
	h, queries = held{all.rows[:600], 200, even}, held{all.rows[600:], 200, even}
	g, err := graph.New(t.Context(), h, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = NewBank(h, g, nil); err != nil {
		t.Fatal(err)
	}
	return b, h, own[:600], queries, own[600:]
}

// some leaves every third label.
func some(labels []int) []int {
	kept := slices.Clone(labels)
	for i := range kept {
		if i%3 > 0 {
			kept[i] = -1
		}
	}
	return kept
}

var names = []string{"a", "b", "c"}

// Each method finds clusters, and its scores are those of the definition, in float64, with what it has learned.
func TestClassifyAgreesWithItsDefinition(t *testing.T) {
	for _, even := range []int{-1, 120} {
		b, h, labels, queries, own := bank(t, even)
		for _, m := range Methods() {
			c, err := b.Learn(t.Context(), some(labels), names, m)
			if err != nil {
				t.Fatal(err)
			}
			answers, err := c.Classify(t.Context(), queries)
			if err != nil {
				t.Fatal(err)
			}
			right := 0
			for q, a := range answers {
				if a.Class == own[q] {
					right++
				}
				checkAnswer(t, a, slowScores(b, c, h, queries.rows[q]), c.scale.Sharpness)
			}
			if right < 85 {
				t.Errorf("method %s, %d even: %d of 100 are right", m, even, right)
			}
		}
	}
}

func checkAnswer(t *testing.T, a Answer, want []float64, sharpness float64) {
	var sum float64
	for class, z := range want {
		// halves of K, float32 sums
		if math.Abs(a.Scores[class]-z) > 2e-3*(1+math.Abs(z)) {
			t.Fatalf("score of class %d is %g, want %g", class, a.Scores[class], z)
		}
		var total float64
		for _, v := range a.Scores {
			total += math.Exp(sharpness * (v - a.Scores[class]))
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

// slowScores is z of a query.
func slowScores(b *Bank, c *Classifier, h held, q []float32) []float64 {
	all := held{append(slices.Clone(h.rows), q), h.dim, h.even}
	r := all.hubness(len(h.rows))
	z := make([]float64, len(names))
	type near struct{ score, share float64 }
	var list []near
	place := map[near]int{}
	for at, i := range c.items {
		g := math.Exp(-0.35 * (b.graph.Hubness(i) - b.mean) / 0.07)
		k := slowKernel(q, h.rows[i], h.even, math.Exp(-0.35*(r-b.mean)/0.07), g)
		for class := range z {
			if c.plan.ridge {
				z[class] += k * float64(c.coefficients[at*len(names)+class]) / c.scale.Ridge
			}
		}
		for _, flip := range []bool{false, true} {
			if cos, can := all.cosine(len(h.rows), i, flip); can {
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

// cosine is that of two rows of length 1, or of a and the flip of b where it can be told and is another.
func (h held) cosine(a, b int, flip bool) (sum float64, can bool) {
	for j, v := range h.rows[a] {
		p := float64(v) * float64(h.rows[b][j])
		if flip && j >= h.even {
			p = -p
		}
		sum += p
	}
	return sum, !flip || h.even >= 0 && h.even < h.dim
}

// hubness is r of the last row, against all others.
func (h held) hubness(i int) (sum float64) {
	var all []float64
	for j := range h.rows[:i] {
		for _, flip := range []bool{false, true} {
			if c, can := h.cosine(i, j, flip); can {
				all = append(all, c)
			}
		}
	}
	slices.Sort(all)
	for _, c := range all[len(all)-10:] {
		sum += c / 10
	}
	return sum
}

func TestLearnRefuses(t *testing.T) {
	b, _, labels, _, _ := bank(t, 120)
	few := slices.Repeat([]int{-1}, len(labels))
	few[0], few[1] = 0, 1
	one := slices.Repeat([]int{-1}, len(labels))
	one[4] = 2
	wrong := slices.Clone(labels)
	wrong[7] = 3
	for _, c := range []struct {
		labels []int
		method Method
		want   string
	}{
		{labels[1:], Chosen, "600 items, and 599 labels"},
		{wrong, Chosen, "item 7: label 3: want one of 3 classes"},
		{one, Chosen, "labels of 1 class"},
		{few, Ridge, "2 labelled items: want at least 20 of 3 classes"},
		{labels, "nearest", `method is "nearest"`},
	} {
		if _, err := b.Learn(t.Context(), c.labels, names, c.method); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q in it", err, c.want)
		}
	}
}

// The factor that is found is the likeliest of many.
func TestSharpness(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	z, labels := make([][]float64, 200), make([]int, 200)
	for i := range z {
		z[i], labels[i] = []float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}, rng.IntN(3)
		z[i][labels[i]] += 1
	}
	loss := func(by float64) (sum float64) {
		for i, v := range z {
			for c, p := range softmax(v, by) {
				times := 1.
				if c == labels[i] {
					times += 200
				}
				sum -= times / 203 * math.Log(p)
			}
		}
		return sum
	}
	got := sharpness(len(z), func(i int) ([]float64, int) { return z[i], labels[i] })
	for _, by := range []float64{0.5, 0.9, 0.99, 1.01, 1.1, 2} {
		if loss(got*by) <= loss(got) {
			t.Errorf("a factor of %g is likelier than %g", got*by, got)
		}
	}
}

// A few items that are all right do not make what is said of others certain: no more than Laplace's rule says.
func TestSharpnessOfFewItems(t *testing.T) {
	z := []float64{2, 1, 1, 1}
	by := sharpness(6, func(int) ([]float64, int) { return z, 0 })
	if got := softmax(z, by)[0]; math.Abs(got-0.7) > 1e-6 {
		t.Errorf("probability %g after six right answers of four classes, want 7/10", got)
	}
}

// The parts of all items add up to the score, and the most of them are given.
func TestExplainAddsUp(t *testing.T) {
	for _, even := range []int{-1, 120} {
		b, h, labels, queries, _ := bank(t, even)
		few := queries.Pick(all(explainedTogether + 3)).(held)
		for _, m := range Methods() {
			c, err := b.Learn(t.Context(), some(labels), names, m)
			if err != nil {
				t.Fatal(err)
			}
			answers, err := c.Classify(t.Context(), few)
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
				parts, err := c.parts(t.Context(), few.Pick(all(end)[first:]), classes[first:end])
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range parts {
					checkParts(t, p, answers[first+i].Scores[classes[first+i]], reasons[first+i])
				}
			}
			v := reasons[6][0] // of the class that it is given
			best, _ := append(h.rows[:0:0], few.rows[6]), 0
			pair := held{append(best, h.rows[v.Item]), h.dim, even}
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

func TestDraw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		labels := rapid.SliceOfN(rapid.IntRange(-1, 3), 0, 60).Draw(rt, "labels")
		each, seed := rapid.IntRange(0, 9).Draw(rt, "each"), rapid.Uint64().Draw(rt, "seed")
		kept := Draw(labels, 4, each, seed)
		for c := range 4 {
			have, want := 0, 0
			for i, l := range labels {
				if kept[i] != l && kept[i] != -1 {
					rt.Fatalf("item %d: label %d of %d", i, kept[i], l)
				}
				if kept[i] == c {
					have++
				}
				if l == c {
					want++
				}
			}
			if each > 0 {
				want = min(want, each)
			}
			if have != want {
				rt.Fatalf("class %d: %d labels, want %d", c, have, want)
			}
		}
	})
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		labelled, items, classes int
		want                     Method
	}{
		{20, 1000, 10, Spreading}, {4999, 50000, 10, Spreading}, {5000, 50000, 10, RidgeVote}, {1000, 1000, 10, RidgeVote}, {49, 49, 10, Spreading}, {50, 50, 10, RidgeVote},
		{mostKernel, mostKernel, 10, RidgeVote}, {mostKernel + 1, 200_000, 10, Vote},
	} {
		if got := Choose(c.labelled, c.items, c.classes); got != c.want {
			t.Errorf("%d labels of %d items of %d classes: %s, want %s", c.labelled, c.items, c.classes, got, c.want)
		}
	}
	// A kernel of 50,000 items, a hundred classes and a row of tiles fits 6 GiB; without one there is little.
	if m := Memory(Chosen, 50000, 50000, 2000, 100); m < 2.5e9 || m > 6<<30 {
		t.Errorf("50,000 labels take %g bytes", m)
	}
	if m := Memory(Chosen, 100, 50000, 2000, 10); m > 1e8 {
		t.Errorf("100 labels of 50,000 items take %g bytes", m)
	}
}
