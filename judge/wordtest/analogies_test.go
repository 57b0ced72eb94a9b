package wordtest

import (
	"context"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestAnalogies(t *testing.T) {
	// rows and columns of a grid: man woman / king queen, and a word far from all
	v := vocabulary(t, "man woman king queen apple", 3,
		1, 0, 0.2, 1, 1, 0.2, 1, 0, 3, 1, 1, 3, -1, -1, -1)
	a, err := v.Analogies(t.Context(), []Question{
		{"family", "man", "woman", "king", "queen"},
		{"family", "Man", "King", "Woman", "Queen"},
		{"family", "man", "woman", "king", "apple"},   // answered queen
		{"family", "man", "woman", "king", "unknown"}, // not asked
		{"fruit", "apple", "pear", "man", "woman"},    // nor this
		{"family", "man", "man", "woman", "woman"},    // the answer is among the inputs: never right
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Score{2, 4, 6}); a.Score != want || a.Accuracy() != 0.5 {
		t.Errorf("score %+v, want %+v", a.Score, want)
	}
	if len(a.Sections) != 2 || a.Sections[0] != (Section{"family", Score{2, 4, 5}}) || a.Sections[1] != (Section{"fruit", Score{0, 0, 1}}) {
		t.Errorf("sections %+v", a.Sections)
	}
	if _, err := v.Analogies(t.Context(), []Question{{"x", "no", "such", "words", "here"}}); err == nil {
		t.Error("no question could be asked: want an error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Analogies(ctx, []Question{{"family", "man", "woman", "king", "queen"}}); err != context.Canceled {
		t.Errorf("cancelled: error %v", err)
	}
}

// slowAnswers are the words that the definition gives, in float64, one question at a time.
func slowAnswers(vectors [][]float64, gains []float64, questions [][4]int) (right int) {
	cosine := func(x, y []float64) float64 {
		var xy, xx, yy float64
		for i := range x {
			xy, xx, yy = xy+x[i]*y[i], xx+x[i]*x[i], yy+y[i]*y[i]
		}
		return xy / math.Sqrt(xx*yy)
	}
	unit := func(x []float64) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = x[i] / math.Sqrt(cosine(x, x)*dotOf(x))
		}
		return y
	}
	for _, q := range questions {
		a, b, c := unit(vectors[q[0]]), unit(vectors[q[1]]), unit(vectors[q[2]])
		wanted := make([]float64, len(a))
		for i := range a {
			wanted[i] = b[i] - a[i] + c[i]
		}
		best, most := -1, math.Inf(-1)
		for w, x := range vectors {
			if w == q[0] || w == q[1] || w == q[2] {
				continue
			}
			if s := cosine(wanted, x) + gains[w]; s > most {
				best, most = w, s
			}
		}
		if best == q[3] {
			right++
		}
	}
	return right
}

func dotOf(x []float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// Over a block of questions and under it: 300 of them, and few.
func TestAnalogiesAreThoseOfTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const dim = 5
		n := rapid.IntRange(4, 60).Draw(t, "words")
		seed := rapid.Uint64().Draw(t, "seed")
		next := func() uint64 { // splitmix64
			seed += 0x9e3779b97f4a7c15
			z := seed
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			return z ^ z>>31
		}
		var names []string
		var flat []float32
		vectors := make([][]float64, n)
		for i := range n {
			names = append(names, fmt.Sprint("w", i))
			for range dim {
				x := float32(next()>>40)/(1<<23) - 1
				flat, vectors[i] = append(flat, x), append(vectors[i], float64(x))
			}
		}
		var questions []Question
		var numbers [][4]int
		for range rapid.SampledFrom([]int{1, 7, 300}).Draw(t, "questions") {
			var q [4]int
			for j := range q {
				q[j] = int(next() % uint64(n))
			}
			numbers = append(numbers, q)
			questions = append(questions, Question{"s", names[q[0]], names[q[1]], names[q[2]], names[q[3]]})
		}
		v, err := NewVocabulary(names, flat, dim)
		if err != nil {
			t.Fatal(err)
		}
		gains, none := make([]float64, n), make([]float64, n)
		for i := range gains {
			gains[i] = float64(next()>>40) / (1 << 24)
		}
		for _, c := range []struct {
			v     *Vocabulary
			gains []float64
		}{{v, none}, {v.Favouring(names, gains), gains}} {
			a, err := c.v.Analogies(context.Background(), questions)
			if err != nil {
				t.Fatal(err)
			}
			if want := slowAnswers(vectors, c.gains, numbers); a.Right != want || a.Asked != len(questions) {
				t.Fatalf("gains %v: %d right of %d, want %d of %d", c.gains, a.Right, a.Asked, want, len(questions))
			}
		}
	})
}
