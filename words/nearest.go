package words

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Neighbour is a word and its cosine with what was asked for.
type Neighbour struct {
	Word   string  `json:"word"`
	Count  int64   `json:"count"`
	Cosine float64 `json:"cosine"`
}

// Nearest are the k words nearest to a word, the nearest first.
func (m *Model) Nearest(word string, k int) ([]Neighbour, error) {
	i, err := m.Number(word)
	if err != nil {
		return nil, err
	}
	return m.nearest(m.vector(i), nil, k, i)
}

// frequent is what an answer to an analogy gains by the logarithm of its count. Rare names are near to
// many words, and come before what is asked for. It was chosen on two sets of questions that judge
// nothing: 15.9 % are answered right with it, as their mean, and 13.5 % without ("Hubs" in docs/research/words.md).
const frequent = 0.02

// Gains are what Analogy adds to the cosine of each word: 0.02 times the logarithm of its count.
func (m *Model) Gains() []float64 {
	gains := make([]float64, len(m.counts))
	for i, c := range m.counts {
		gains[i] = frequent * math.Log(float64(c))
	}
	return gains
}

// Analogy are the k words that are to c as b is to a: those with the largest sums of their cosine with b − a + c and their
// gain (Gains), but for these three, which are different words. Their order need not be that of their cosines.
func (m *Model) Analogy(a, b, c string, k int) ([]Neighbour, error) {
	var of [3]int
	for n, word := range []string{a, b, c} {
		i, err := m.Number(word)
		if err != nil {
			return nil, err
		}
		of[n] = i
	}
	if of[0] == of[1] || of[0] == of[2] || of[1] == of[2] {
		return nil, fmt.Errorf("words: the question %s, %s, %s has a word twice: want three different words", a, b, c)
	}
	sum := make([]float32, m.cfg.Dims)
	for j := range sum {
		sum[j] = m.vector(of[1])[j] - m.vector(of[0])[j] + m.vector(of[2])[j]
	}
	toUnit(sum)
	return m.nearest(sum, m.Gains(), k, of[:]...)
}

// nearest are the k words nearest to x, a vector of length 1, but for some: those with the largest
// cosines, or sums of cosine and gain where gains are given.
func (m *Model) nearest(x []float32, gains []float64, k int, without ...int) ([]Neighbour, error) {
	if k < 1 {
		return nil, fmt.Errorf("words: neighbours wanted are %d: want 1 or more", k)
	}
	cosines := m.cosines(x)
	scores := cosines
	if gains != nil {
		scores = slices.Clone(cosines)
		for i, g := range gains {
			scores[i] += g
		}
	}
	order := make([]int, 0, len(cosines))
	for i := range cosines {
		if !slices.Contains(without, i) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(scores[j], scores[i]), i-j) })
	found := make([]Neighbour, 0, min(k, len(order)))
	for _, i := range order[:min(k, len(order))] {
		found = append(found, Neighbour{m.words[i], m.counts[i], cosines[i]})
	}
	return found, nil
}

// cosines are those of x, of length 1, with all words.
func (m *Model) cosines(x []float32) []float64 {
	cosines := make([]float64, len(m.words))
	const piece = 1024
	parallel.For((len(cosines)+piece-1)/piece, func(_, p int) {
		for i := p * piece; i < min((p+1)*piece, len(cosines)); i++ {
			cosines[i] = dot(m.vector(i), x)
		}
	})
	return cosines
}

func dot(x, y []float32) (sum float64) {
	y = y[:len(x)]
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

// Cosine is that of two words.
func (m *Model) Cosine(a, b string) (float64, error) {
	i, err := m.Number(a)
	if err != nil {
		return 0, err
	}
	j, err := m.Number(b)
	if err != nil {
		return 0, err
	}
	return dot(m.vector(i), m.vector(j)), nil
}

// alike are up to three words that are at most two edits from one that there is not: fewer
// edits first, then the more frequent.
func (m *Model) alike(word string) []string {
	const most, few = 2, 3
	letters := []rune(word)
	if len(letters) > 64 {
		return nil
	}
	var found [most + 1][]string
	for _, w := range m.words {
		if e := edits(letters, []rune(w), most); e <= most && e < len(letters) && len(found[e]) < few {
			found[e] = append(found[e], w)
		}
	}
	all := slices.Concat(found[:]...)
	return all[:min(few, len(all))]
}

// edits is how many letters are put in, left out or replaced to make b of a, or more than most.
func edits(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			same := diagonal
			if x != y {
				same++
			}
			diagonal = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func either(words []string) string { return strings.Join(words, " or ") }
