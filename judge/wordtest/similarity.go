package wordtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Similarity is how vectors agree with people on pairs of words.
type Similarity struct {
	// Spearman is the correlation of the ranks of cosines with those of scores, −1 to 1.
	Spearman float64 `json:"spearman"`
	Asked    int     `json:"asked"` // pairs of which both words have a vector
	Pairs    int     `json:"pairs"` // of the test
}

// Similarity asks v for the cosines of all pairs of which it has both words. Of less than two,
// and where all cosines or all scores are equal, there is no correlation.
func (v *Vocabulary) Similarity(pairs []Pair) (*Similarity, error) {
	var cosines, scores []float64
	for _, p := range pairs {
		if rows, all := v.find(p.A, p.B); all {
			cosines = append(cosines, linalg.Dot(v.rows.Row(rows[0]), v.rows.Row(rows[1])))
			scores = append(scores, p.Score)
		}
	}
	s := &Similarity{Spearman: spearman(cosines, scores), Asked: len(cosines), Pairs: len(pairs)}
	if math.IsNaN(s.Spearman) {
		return nil, fmt.Errorf("wordtest: of %s %d have both words in the vocabulary of %d: want two at least, of different cosines and scores", plural.Of(s.Pairs, "pair"), s.Asked, v.Len())
	}
	return s, nil
}

// spearman is the correlation of the ranks of x and y, NaN where one of them is constant.
func spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	mean := float64(len(a)+1) / 2 // of either, ties or not
	var ab, aa, bb float64
	for i := range a {
		da, db := a[i]-mean, b[i]-mean
		ab, aa, bb = ab+da*db, aa+da*da, bb+db*db
	}
	return ab / math.Sqrt(aa*bb)
}

// ranks are the places of values in order, from 1. Equal values share the mean of theirs.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	ranks := make([]float64, len(x))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && x[order[to]] == x[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranks[i] = float64(from+1+to) / 2
		}
		from = to
	}
	return ranks
}
