package wordtest

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Values of scipy.stats.spearmanr 1.17.
func TestSpearmanIsSciPys(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5}, []float64{5, 6, 7, 8, 7}, 0.8207826816681233},
		{[]float64{0.1, 0.1, 0.4, 0.3, 0.3, 0.3, 0.9}, []float64{1, 2, 2, 10, 3, 10, 10}, 0.5588235294117647},
		{[]float64{3, 1, 2}, []float64{1, 2, 3}, -0.5},
		{[]float64{1, 1, 2, 2}, []float64{1, 2, 1, 2}, 0},
		{[]float64{0.5, 0.25, 0.75, 0.25, 1, 0}, []float64{9, 9, 1, 4, 0, 4}, -0.5672273623252055},
	} {
		if got := spearman(c.x, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("of %v and %v: %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

// slowSpearman compares every value with every other for its rank, and takes the covariance of
// ranks from the definition.
func slowSpearman(x, y []float64) float64 {
	rank := func(x []float64) []float64 {
		r := make([]float64, len(x))
		for i := range x {
			for j := range x {
				switch {
				case x[j] < x[i]:
					r[i]++
				case x[j] == x[i]:
					r[i] += 0.5
				}
			}
		}
		return r
	}
	a, b, n := rank(x), rank(y), float64(len(x))
	mean := func(f func(i int) float64) (m float64) {
		for i := range x {
			m += f(i) / n
		}
		return m
	}
	ma, mb := mean(func(i int) float64 { return a[i] }), mean(func(i int) float64 { return b[i] })
	cov := mean(func(i int) float64 { return a[i] * b[i] }) - ma*mb
	va := mean(func(i int) float64 { return a[i] * a[i] }) - ma*ma
	vb := mean(func(i int) float64 { return b[i] * b[i] }) - mb*mb
	return cov / math.Sqrt(va*vb)
}

func TestSpearmanOfTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		few := rapid.Map(rapid.IntRange(-3, 3), func(i int) float64 { return float64(i) / 4 })
		x := append(rapid.SliceOfN(few, n, n).Draw(t, "x"), 5) // so that none is constant
		y := append(rapid.SliceOfN(few, n, n).Draw(t, "y"), 5)
		want := slowSpearman(x, y)
		if got := spearman(x, y); math.Abs(got-want) > 1e-9 || math.Abs(got) > 1+1e-12 {
			t.Fatalf("%v, want %v", got, want)
		}
		for i := range x {
			x[i] = math.Exp(3 * x[i]) // what grows with x has its ranks
		}
		if got := spearman(x, y); math.Abs(got-want) > 1e-9 {
			t.Fatalf("of a growing function of x %v, want %v", got, want)
		}
	})
}

func vocabulary(t *testing.T, names string, dim int, vectors ...float32) *Vocabulary {
	t.Helper()
	v, err := NewVocabulary(strings.Fields(names), vectors, dim)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSimilarity(t *testing.T) {
	// cosines with "east": 1, cos 45° and 0; lengths do not count
	v := vocabulary(t, "East half north", 2, 3, 0, 0.5, 0.5, 0, 7)
	s, err := v.Similarity([]Pair{{"east", "EAST", 9}, {"east", "half", 5}, {"unknown", "east", 4}, {"east", "north", 1}})
	if err != nil || *s != (Similarity{1, 3, 4}) {
		t.Errorf("%+v, %v; want correlation 1 of 3 pairs of 4", s, err)
	}
	s, err = v.Similarity([]Pair{{"east", "east", 1}, {"east", "half", 5}, {"half", "north", 5}, {"east", "north", 8}})
	if err != nil || math.Abs(s.Spearman+1) > 1e-12 {
		t.Errorf("%+v, %v; want correlation −1", s, err)
	}
	for _, pairs := range [][]Pair{nil, {{"east", "half", 5}}, {{"no", "such", 1}, {"word", "here", 2}}, {{"east", "half", 5}, {"east", "north", 5}}} {
		if s, err := v.Similarity(pairs); err == nil {
			t.Errorf("of %v: %+v, want an error", pairs, s)
		}
	}
}

func TestOnly(t *testing.T) {
	v := vocabulary(t, "a b c d", 1, 1, -1, 1, 1)
	w := vocabulary(t, "d B x a", 2, 1, 0, 1, 0, 1, 0, 1, 0)
	shared := v.Only(w)
	if got := strings.Join(shared.names(), " "); got != "a b d" || shared.Len() != 3 {
		t.Errorf("shared words %q, want a b d", got)
	}
	if x := shared.rows.Row(1)[0]; x != -1 {
		t.Errorf("vector of b %g, want −1", x)
	}
	if all := v.Only(); all.Len() != 4 {
		t.Errorf("without others %d words, want 4", all.Len())
	}
}

func TestVocabularyRefuses(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		names   string
		dim     int
		vectors []float32
		says    string
	}{
		{"a b", 2, []float32{1, 2, 3}, "3 values"},
		{"a b", 0, nil, "0 each"},
		{"a b", 2, []float32{1, 2, 0, 0}, `"b"`},
		{"a b", 2, []float32{1, inf, 1, 0}, `"a"`},
		{"a b", 1, []float32{1, float32(math.NaN())}, `"b"`},
	} {
		if _, err := NewVocabulary(strings.Fields(c.names), c.vectors, c.dim); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v, want one with %q", c, err, c.says)
		}
	}
	v := vocabulary(t, "Us us", 1, 1, -1)
	if v.Len() != 1 || v.rows.Row(0)[0] != 1 {
		t.Errorf("of two cases of a word %d stay, want the first", v.Len())
	}
}
