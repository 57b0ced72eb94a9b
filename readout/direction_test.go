package readout

import (
	"math"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
)

// The product of a query with a direction is the score of the class, and a direction is the one of its definition, in float64.
func TestDirectionsAgreeWithTheirDefinition(t *testing.T) {
	for _, even := range []int{-1, 0, 120, 200} {
		for _, cut := range []bool{false, true} {
			b, h, labels, queries, _ := bank(t, even)
			few := held{queries.Pick(all(explainedTogether + 3)).(embedding.Vectors)}
			for _, m := range Methods() {
				if cut {
					b.cut(t, some(labels), m)
				}
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
				found, err := c.Directions(t.Context(), few, classes)
				if err != nil {
					t.Fatal(err)
				}
				parts, err := c.parts(t.Context(), few, nil, classes)
				if err != nil {
					t.Fatal(err)
				}
				for i, d := range found {
					checkDirection(t, d, few.Rows[i], answers[i].Scores[classes[i]], parts[i])
					if i%8 == 0 {
						checkDefinition(t, d, slowDirection(b, c, h, few.Rows[i], classes[i]))
					}
				}
			}
		}
	}
}

// checkDirection holds the product against a score, of which items add parts for the class and against it.
func checkDirection(t *testing.T, d Direction, q []float32, score float64, parts []Reason) {
	t.Helper()
	var product, size float64
	for j, v := range d.Values {
		product += float64(v) * float64(q[j])
	}
	for _, r := range parts {
		size += math.Abs(r.Part)
	}
	if slack := 2e-5 * (1 + size); math.Abs(product-score) > slack || math.Abs(d.Score-score) > slack {
		t.Fatalf("the product is %g and is said to be %g, the score %g ± %g", product, d.Score, score, slack)
	}
}

func checkDefinition(t *testing.T, d Direction, want []float64) {
	t.Helper()
	if want == nil {
		return
	}
	var off, length float64
	for j, v := range want {
		off += (v - float64(d.Values[j])) * (v - float64(d.Values[j]))
		length += v * v
	}
	if !(off <= 4e-6*length) { // κ is interpolated in float32
		t.Fatalf("the direction is off by %g of its length", math.Sqrt(off/length))
	}
}

// slowDirection is a direction by its definition, nil where a cosine is so near to the cut that float32 may find it on the other side.
func slowDirection(b *Bank, c *Classifier, h held, q []float32, class int) []float64 {
	all := held{embedding.Vectors{Rows: append(slices.Clone(h.Rows), q), Width: h.Width, EvenWidth: h.EvenWidth}}
	g := math.Exp(-0.35 * (all.hubness(len(h.Rows)) - b.mean) / 0.07)
	d := make([]float64, h.Width)
	add := func(weight float64, i int, flip bool) {
		for j, v := range h.Rows[i] {
			if flip && j >= h.EvenWidth {
				v = -v
			}
			d[j] += weight * float64(v)
		}
	}
	type near struct {
		score, cosine float64
		at            int
		flip          bool
	}
	var list []near
	for at, i := range c.items {
		for _, flip := range []bool{false, true} {
			cos, can := all.cosine(len(h.Rows), i, flip)
			if !can {
				if !flip || h.EvenWidth < 0 {
					continue
				}
				cos, _ = all.cosine(len(h.Rows), i, false) // all values are even: the flip is the same
			}
			if c.cut > 0 && math.Abs(cos-float64(c.cut)) < 1e-5 {
				return nil
			}
			if can {
				list = append(list, near{cos - 0.7*b.graph.Hubness(i), cos, at, flip})
			}
			if c.plan.ridge && (c.cut == 0 || cos >= float64(c.cut)) {
				k := math.Expm1(min(cos-float64(c.cut), 0.2)/0.07) * g * math.Exp(-0.35*(b.graph.Hubness(i)-b.mean)/0.07)
				add(k*float64(c.coefficients[at*len(names)+class])/c.scale.Ridge/cos, i, flip)
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
		add(c.plan.vote*math.Exp(n.score/0.05)/total*float64(c.targets[n.at*len(names)+class])/c.scale.Vote/n.cosine, c.items[n.at], n.flip)
	}
	return d
}

// κ(c)/c has no step where its series takes over from the table.
func TestSlope(t *testing.T) {
	for _, c := range []float32{-0.9, -0.01, -1.001e-3, -1e-3, -9e-4, -1e-7, 0, 1e-9, 5e-4, 9.99e-4, 1e-3, 1.001e-3, 0.01, 0.1, 0.199} {
		want := 1 / 0.07
		if c != 0 {
			want = math.Expm1(float64(c)/0.07) / float64(c)
		}
		if got := slope(0, c); math.Abs(got-want) > 2e-3*want {
			t.Errorf("%g: %g, want %g", c, got, want)
		}
		if got := slope(0.05, c); c < 0.05 && got != 0 {
			t.Errorf("%g, below the cut: %g", c, got)
		}
	}
}

func TestDirectionsRefuse(t *testing.T) {
	_, _, _, queries, _ := bank(t, -1)
	c := &Classifier{names: names}
	if _, err := c.Directions(t.Context(), queries, []int{0}); err == nil {
		t.Error("fewer classes than queries: no error")
	}
	if _, err := c.Directions(t.Context(), queries.Pick([]int{0}), []int{3}); err == nil {
		t.Error("a class that there is none of: no error")
	}
}
