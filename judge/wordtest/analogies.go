package wordtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Analogies is how often vectors answer questions right.
type Analogies struct {
	Score
	Sections []Section `json:"sections"` // in the order of the test
}

// Score is a number of right answers.
type Score struct {
	Right int `json:"right"`
	Asked int `json:"asked"` // questions of which all four words have a vector
	Of    int `json:"of"`    // questions
}

// Accuracy is the part of the questions asked that is answered right, 0 if none is.
func (s Score) Accuracy() float64 { return float64(s.Right) / float64(max(1, s.Asked)) }

// Section is the score in one section.
type Section struct {
	Name string `json:"name"`
	Score
}

// Analogies asks v all questions of which it has the four words. The answer is the word, but for
// the three of the question, with the largest cosine to b − a + c, of vectors of length 1
// (3CosAdd), or sum of cosine and gain (Favouring); of equal ones the first.
func (v *Vocabulary) Analogies(ctx context.Context, questions []Question) (*Analogies, error) {
	result := &Analogies{}
	var asked [][]int // the rows of a, b, c and d
	var section []int // of each of them
	for _, q := range questions {
		i := slices.IndexFunc(result.Sections, func(s Section) bool { return s.Name == q.Section })
		if i < 0 {
			i = len(result.Sections)
			result.Sections = append(result.Sections, Section{Name: q.Section})
		}
		result.Sections[i].Of++
		if rows, all := v.find(q.A, q.B, q.C, q.D); all {
			result.Sections[i].Asked++
			asked, section = append(asked, rows), append(section, i)
		}
	}
	if len(asked) == 0 {
		return nil, fmt.Errorf("wordtest: of %s none has all its words in the vocabulary of %d", plural.Of(len(questions), "question"), v.Len())
	}
	const block = 256 // questions: their cosines with 100,000 words are 100 MB
	cosines := linalg.New(min(block, len(asked)), v.Len())
	for from := 0; from < len(asked); from += block {
		part := asked[from:min(from+block, len(asked))]
		right, err := v.answer(ctx, part, cosines.Block(0, len(part), 0, v.Len()))
		if err != nil {
			return nil, err
		}
		for i, is := range right {
			if is {
				result.Sections[section[from+i]].Right++
			}
		}
	}
	for _, s := range result.Sections {
		result.Right, result.Asked, result.Of = result.Right+s.Right, result.Asked+s.Asked, result.Of+s.Of
	}
	return result, nil
}

// answer says which questions are answered right. Cosines, len(questions) × words, is to work in.
func (v *Vocabulary) answer(ctx context.Context, questions [][]int, cosines linalg.Matrix) ([]bool, error) {
	wanted := linalg.New(len(questions), v.rows.Cols) // b − a + c, whose length changes no order without gains
	for i, q := range questions {
		a, b, c := v.rows.Row(q[0]), v.rows.Row(q[1]), v.rows.Row(q[2])
		for j := range a {
			wanted.Row(i)[j] = b[j] - a[j] + c[j]
		}
		if v.gains != nil {
			linalg.Unit(wanted.Row(i))
		}
		clear(cosines.Row(i))
	}
	if err := linalg.AddMulUntil(ctx, cosines, 1, wanted, v.rows.T()); err != nil {
		return nil, err
	}
	right := make([]bool, len(questions))
	parallel.For(len(questions), func(_, i int) {
		q, best := questions[i], -1
		row := cosines.Row(i)
		for w, gain := range v.gains {
			row[w] += gain
		}
		for w, cosine := range row {
			if (best < 0 || cosine > row[best]) && !slices.Contains(q[:3], w) {
				best = w
			}
		}
		right[i] = best == q[3]
	})
	return right, nil
}
