package wordtest

import (
	"fmt"
	"math"
	"strings"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Vocabulary is vectors by name.
type Vocabulary struct {
	number map[string]int // of names in lower case
	rows   linalg.Matrix  // len(number) × dim, of length 1
	gains  []float32      // of answers to analogies, nil for none
}

// Favouring is v with a gain for each name, which an answer to an analogy has beside its cosine. Names of v that
// are not given have none.
func (v *Vocabulary) Favouring(names []string, gains []float64) *Vocabulary {
	favouring := *v
	favouring.gains = make([]float32, v.Len())
	for i, name := range names {
		if row, is := v.number[strings.ToLower(name)]; is {
			favouring.gains[row] = float32(gains[i])
		}
	}
	return &favouring
}

// NewVocabulary takes the vector of each name, dim values after dim values, of any length but
// 0. They are copied. Case does not count: of names that differ in nothing else the first stays.
func NewVocabulary(names []string, vectors []float32, dim int) (*Vocabulary, error) {
	if dim < 1 || len(vectors) != dim*len(names) {
		return nil, fmt.Errorf("wordtest: %s are of %s with %d each: want as many", plural.Of(len(vectors), "value"), plural.Of(len(names), "word"), dim)
	}
	v := &Vocabulary{number: make(map[string]int, len(names))}
	var rows []float32
	for i, name := range names {
		name = strings.ToLower(name)
		if _, is := v.number[name]; is {
			continue
		}
		row := vectors[i*dim:][:dim]
		if length := linalg.Dot(row, row); !(length > 0) || math.IsInf(length, 1) {
			return nil, fmt.Errorf("wordtest: the vector of %q has the square %g: want a positive number", name, length)
		}
		v.number[name] = len(v.number)
		rows = append(rows, row...)
		linalg.Unit(rows[len(rows)-dim:])
	}
	v.rows = linalg.Wrap(len(v.number), dim, rows)
	return v, nil
}

// Only is what v has of the words that all of the others have too, so that all can be asked the
// same.
func (v *Vocabulary) Only(others ...*Vocabulary) *Vocabulary {
	shared := &Vocabulary{number: map[string]int{}}
	var rows []float32
	for _, name := range v.names() {
		common := true
		for _, o := range others {
			_, is := o.number[name]
			common = common && is
		}
		if common {
			shared.number[name] = len(shared.number)
			rows = append(rows, v.rows.Row(v.number[name])...)
		}
	}
	shared.rows = linalg.Wrap(len(shared.number), v.rows.Cols, rows)
	return shared
}

// names are those of the rows, in order.
func (v *Vocabulary) names() []string {
	names := make([]string, len(v.number))
	for name, i := range v.number {
		names[i] = name
	}
	return names
}

// find is where words are, if all are there.
func (v *Vocabulary) find(words ...string) (rows []int, all bool) {
	for _, w := range words {
		i, is := v.number[strings.ToLower(w)]
		if !is {
			return nil, false
		}
		rows = append(rows, i)
	}
	return rows, true
}

// Len is the number of words.
func (v *Vocabulary) Len() int { return len(v.number) }
