package words

import (
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
)

// A file of the right sums and sizes is refused where no fit leads to its values.
func TestAbsurdModelsAreRefused(t *testing.T) {
	corpus := read(t, topics(3, 300, 20), 2)
	for says, change := range map[string]func(m *Model){
		"tensor eigenvalues: element 8 is 2.5, want":            func(m *Model) { m.setEigenvalue(8, 2.5) },
		"tensor eigenvalues: element 8 is 1e+300, want":         func(m *Model) { m.setEigenvalue(8, 1e300) },
		"tensor eigenvalues: element 0 is -1e+300, want":        func(m *Model) { m.setEigenvalue(0, -1e300) },
		"tensor projection: the value of word 2, coordinate 4":  func(m *Model) { m.rows[2*9+4] = 1e20 },
		"tensor projection: the value of word 39, coordinate 8": func(m *Model) { m.rows[39*9+8] = -1e30 },
		"tensor projection: the variance of coordinate 0 is 0,": func(m *Model) { clear(m.rows) },
		"tensor projection: the variance of coordinate 3 is 0.25, want 1": func(m *Model) {
			for a := range m.words {
				m.rows[a*9+3] /= 2
			}
		},
		"header: objective: variance is 3, want 1":        func(m *Model) { m.vicreg.Variance = 3 },
		"header: objective: covariance is -1, want 0":     func(m *Model) { m.vicreg.Covariance = -1 },
		"header: objective: covariance is 1e+300, want 0": func(m *Model) { m.vicreg.Covariance = 1e300 },
		"header: objective: invariance is -5, want":       func(m *Model) { m.vicreg.Invariance = -5 },
		"header: objective: invariance is 1e+300, want":   func(m *Model) { m.vicreg.Invariance = 1e300 },
		"header: data: lines is 0, want 1":                func(m *Model) { m.data.Lines = 0 },
		"header: data: lines is 4611686018427387904":      func(m *Model) { m.data.Lines = 1 << 62 },
		"header: data: read is 4611686018427387904":       func(m *Model) { m.data.Read = 1 << 62 },
		"header: data: kept is 6000, want 1 to the 5999":  func(m *Model) { m.data.Read = 5999 },
		"kept is 7000, the tensor counts has 6000":        func(m *Model) { m.data.Read, m.data.Kept = 7000, 7000 },
		"tensor counts: element 0 is 1, want 2":           func(m *Model) { m.counts[0] = 1 },
	} {
		m := fit(t, corpus, small())
		m.counts = append([]int64(nil), m.counts...) // they are the corpus's
		change(m)
		if _, err := loadBytes(saved(t, m)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
}

// setEigenvalue leaves the sum what it has to be.
func (m *Model) setEigenvalue(j int, v float64) {
	m.values[j] = v
	m.vicreg.EigenvalueSum = 0
	for _, x := range m.values {
		m.vicreg.EigenvalueSum += x
	}
}

// What a fit leads to is read, of any counts: also where lines of one word have V and L apart, and words
// of a vocabulary are not in order of their counts.
func TestBoundsLeaveRoomForFits(t *testing.T) {
	apart := topics(3, 60, 20) + strings.Repeat("commona\n", 5000)
	given := read(t, apart, 2).Words
	vocabulary := append([]string{given[len(given)-1]}, given[:len(given)-1]...)
	ordered, err := text.Read(t.Context(), strings.NewReader(apart), text.Options{MinCount: 2, Vocabulary: vocabulary})
	if err != nil {
		t.Fatal(err)
	}
	for _, corpus := range []*text.Corpus{read(t, topics(3, 300, 20), 2), read(t, apart, 2), ordered} {
		for _, power := range []float64{0, 0.1, 0.5, 1} {
			for _, slots := range []bool{true, false} {
				c := small()
				c.Transform, c.Context.Slots, c.Skip = cooccur.Transform{Power: power}, slots, 0
				c.Dims = len(corpus.Words) // all there are: the largest eigenvalue too
				m, err := Fit(t.Context(), corpus, c, manifold.Run{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := loadBytes(saved(t, m)); err != nil {
					t.Errorf("power %g, slots %t: %v; eigenvalues %g to %g", power, slots, err, m.values[0], m.values[c.Dims-1])
				}
			}
		}
	}
}
