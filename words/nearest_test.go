package words

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
)

// Neighbours are those of the largest cosines, from the definition in float64.
func TestNearestAgreesWithTheDefinition(t *testing.T) {
	m := fit(t, read(t, topics(9, 500, 20), 2), small())
	vector := func(i int) []float64 { // of P and the eigenvalues
		x := make([]float64, m.Dim())
		for j, v := range m.rows[i*m.Dim():][:m.Dim()] {
			x[j] = float64(v) * math.Pow(max(0, 1-m.values[j]/2), m.cfg.Share)
		}
		return unit(x)
	}
	number := func(word string) int { return slices.Index(m.words, word) }
	order := func(x []float64, gain float64, without ...int) (words []string, cosines []float64) {
		var all []int
		all64 := make([]float64, len(m.words))
		for i := range m.words {
			for j, v := range vector(i) {
				all64[i] += v * x[j]
			}
			if !slices.Contains(without, i) {
				all = append(all, i)
			}
		}
		slices.SortFunc(all, func(i, j int) int {
			score := func(i int) float64 { return all64[i] + gain*math.Log(float64(m.counts[i])) }
			return cmp.Compare(score(j), score(i))
		})
		for _, i := range all {
			words, cosines = append(words, m.words[i]), append(cosines, all64[i])
		}
		return words, cosines
	}
	check := func(got []Neighbour, words []string, cosines []float64) {
		t.Helper()
		for i, n := range got {
			if n.Word != words[i] && math.Abs(n.Cosine-cosines[i]) > 1e-6 || math.Abs(n.Cosine-cosines[i]) > 1e-6 || n.Count != m.Count(number(n.Word)) {
				t.Errorf("neighbour %d is %+v, want %s with %g", i, n, words[i], cosines[i])
			}
		}
	}
	for _, word := range []string{"topicaa", "commonb", "TopicAa"} {
		got, err := m.Nearest(word, 1000)
		if err != nil || len(got) != len(m.words)-1 {
			t.Fatalf("%d neighbours, error %v", len(got), err)
		}
		i := number(strings.ToLower(word))
		words, cosines := order(vector(i), 0, i)
		check(got, words, cosines)
	}
	got, err := m.Analogy("topicac", "topicbc", "topicad", 20)
	if err != nil || len(got) != 20 {
		t.Fatalf("%d words, error %v", len(got), err)
	}
	a, b, c := number("topicac"), number("topicbc"), number("topicad")
	sum := vector(b)
	for j := range sum {
		sum[j] += vector(c)[j] - vector(a)[j]
	}
	words, cosines := order(unit(sum), 0.02, a, b, c)
	check(got, words, cosines)
}

func unit(x []float64) []float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	for j := range x {
		x[j] /= math.Sqrt(sum)
	}
	return x
}

// A word that there is not is told with those written alike.
func TestUnknownWords(t *testing.T) {
	m := fit(t, read(t, topics(3, 300, 20), 2), small())
	for word, want := range map[string]string{
		"topicae": "", "comon": "did you mean common", "comn": "of the model, which came up 2 times or more$", "topicaaa": "did you mean topica. or topica. or topica.", "commona.": "did you mean common", "x": "more$", "": "more$",
		strings.Repeat("long", 40): "more$",
	} {
		_, err := m.Nearest(word, 3)
		if want == "" {
			if err != nil {
				t.Errorf("%s: error %v", word, err)
			}
			continue
		}
		if err == nil || !matches(want, err.Error()) {
			t.Errorf("%s: error %v, want %s", word, err, want)
		}
	}
	for _, three := range [][3]string{{"x", "topicaa", "topicaa"}, {"topicaa", "x", "topicaa"}, {"topicaa", "topicaa", "x"}} {
		if _, err := m.Analogy(three[0], three[1], three[2], 3); err == nil || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%q: error %v", three, err)
		}
	}
	if _, err := m.Nearest("topicaa", 0); err == nil || !strings.Contains(err.Error(), "neighbours wanted are 0: want 1") {
		t.Errorf("error %v", err)
	}
}
