package words

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
)

// Data is what a model was fitted on.
type Data struct {
	Lines int   `json:"lines"` // that were read
	Read  int64 `json:"read"`  // words of them
	Kept  int64 `json:"kept"`  // of these, those of the vocabulary
	Words int   `json:"words"` // of the vocabulary
	// Apart are words that are not of the vocabulary, though they come up often enough, since they share no
	// context with it.
	Apart []Apart `json:"apart,omitempty"`
}

// Model is what was learned. It does not change, and may be used by many goroutines.
type Model struct {
	cfg    Config
	data   Data
	vicreg manifold.VICReg
	words  []string
	counts []int64
	values []float64 // eigenvalues of the coordinates
	rows   []float32 // Pᵀ, a row of cfg.Dims values a word

	numbers map[string]int
	units   []float32 // rows of length 1
}

// newModel is the model of a solution. Of data it takes what was read.
func newModel(e *Encoder, s *manifold.Solution, counts []int64, data Data) *Model {
	m := &Model{cfg: e.cfg, words: e.words, counts: counts, vicreg: s.VICReg, data: data}
	if s.Atoms != nil {
		m.leaveOut(s.Atoms)
	}
	m.data.Words, m.data.Kept = len(m.words), 0
	for _, c := range m.counts {
		m.data.Kept += c
	}
	m.rows = make([]float32, len(m.words)*e.cfg.Dims)
	for j, k := range s.Kept {
		m.values = append(m.values, k.Eigenvalue)
		for i := range m.words {
			a := i
			if s.Atoms != nil {
				a = int(s.Atoms[i])
			}
			m.rows[i*e.cfg.Dims+j] = k.Atoms[a]
		}
	}
	m.finish()
	return m
}

// finish makes what follows from the rest.
func (m *Model) finish() {
	m.numbers = make(map[string]int, len(m.words))
	for i, w := range m.words {
		m.numbers[w] = i
	}
	weights := make([]float64, m.cfg.Dims)
	for j, v := range m.values {
		weights[j] = math.Pow(max(0, 1-v/2), m.cfg.Share)
	}
	m.units = make([]float32, len(m.rows))
	for i := range m.words {
		row := m.vector(i)
		for j, x := range m.rows[i*m.cfg.Dims:][:m.cfg.Dims] {
			row[j] = float32(float64(x) * weights[j])
		}
		toUnit(row)
	}
}

// toUnit makes x of length 1, unless it is 0.
func toUnit(x []float32) {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return
	}
	scale := 1 / math.Sqrt(sum)
	for i, v := range x {
		x[i] = float32(float64(v) * scale)
	}
}

// Config is how m was fitted.
func (m *Model) Config() Config { return m.cfg }

// Data is what m was fitted on.
func (m *Model) Data() Data { return m.data }

// VICReg is the objective that was reached.
func (m *Model) VICReg() manifold.VICReg { return m.vicreg }

// Eigenvalues are those of the coordinates, smallest first.
func (m *Model) Eigenvalues() []float64 { return slices.Clone(m.values) }

// Words is the vocabulary: the most frequent first or, if one was given, as it was. It is shared.
func (m *Model) Words() []string { return m.words }

// Count is how often word i came up. It panics, as an index does, unless i is one of Words.
func (m *Model) Count(i int) int64 { return m.counts[i] }

// Dim is the number of values of a vector.
func (m *Model) Dim() int { return m.cfg.Dims }

// Vectors are those of all words, of length 1, Dim values each. They are shared.
func (m *Model) Vectors() []float32 { return m.units }

// vector is that of word i.
func (m *Model) vector(i int) []float32 { return m.units[i*m.cfg.Dims:][:m.cfg.Dims] }

// Number is where a word is in the vocabulary, whatever the case of its letters. The error
// suggests words that are written alike.
func (m *Model) Number(word string) (int, error) {
	w := text.Lower(word)
	if i, is := m.numbers[w]; is {
		return i, nil
	}
	for _, a := range m.data.Apart {
		if a.Word == w {
			return 0, fmt.Errorf("words: %q comes up %s and shares no context with the %s of the model: it has no neighbours", word, plural.Of(a.Count, "time"), plural.Of(len(m.words), "word"))
		}
	}
	err := fmt.Errorf("words: %q is not among the %s of the model, which came up %s or more", word, plural.Of(len(m.words), "word"), plural.Of(m.cfg.MinCount, "time"))
	if alike := m.alike(w); len(alike) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, either(alike))
	}
	return 0, err
}
