package toy

import (
	"context"
	"math"
	"testing"
)

// The coordinates of a circle are the constant, then the waves of frequency 1, 2,
// 3 and so on: pairs, cosine and sine, of near-equal eigenvalues.
func TestCircle(t *testing.T) {
	for seed := range uint64(3) {
		m, err := Circle(t.Context(), seed)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d atoms, values %.4g, harmonics %v", len(m.Atoms), m.Values, m.Harmonics)
		for j, h := range m.Harmonics {
			if want := (j + 1) / 2; h.Frequency[0] != want || h.Fit < 0.97 {
				t.Errorf("seed %d: coordinate %d has frequency %v, R² %.3f, want %d", seed, j, h.Frequency, h.Fit, want)
			}
		}
		for j, h := range m.Harmonics[1:] {
			// Atoms are not points: between two of a cell nothing seems to change, and from
			// one cell to the next too much.
			if ratio := m.Values[j+1] / h.Expected; ratio < 0.85 || ratio > 1.25 {
				t.Errorf("seed %d: coordinate %d has eigenvalue %g, in theory %g", seed, j+1, m.Values[j+1], h.Expected)
			}
		}
		for j := 1; j+1 < len(m.Values); j += 2 {
			if ratio := m.Values[j+1] / m.Values[j]; ratio > 1.15 {
				t.Errorf("seed %d: a pair has eigenvalues %g and %g", seed, m.Values[j], m.Values[j+1])
			}
		}
		if m.Values[0] > 0.05*m.Values[1] {
			t.Errorf("seed %d: the constant has eigenvalue %g, the first wave %g", seed, m.Values[0], m.Values[1])
		}
		// The first pair unrolls the curve: angles come in order around it.
		for a, angle := range m.Angles {
			for b, other := range m.Angles {
				apart := math.Abs(math.Remainder(angle[0]-other[0], 2*math.Pi))
				x, y := m.Rows[1][a]*m.Rows[1][b]+m.Rows[2][a]*m.Rows[2][b], math.Hypot(m.Rows[1][a], m.Rows[2][a])*math.Hypot(m.Rows[1][b], m.Rows[2][b])
				if found := math.Acos(min(1, max(-1, x/y))); math.Abs(found-apart) > 0.35 {
					t.Fatalf("seed %d: atoms %.2f apart are %.2f apart in the embedding", seed, apart, found)
				}
			}
		}
	}
}

// Those of a torus are the products of the waves around it, in the order of
// k²·step_α² + l²·step_β².
func TestTorus(t *testing.T) {
	m, err := Torus(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d atoms, values %.4g, harmonics %v", len(m.Atoms), m.Values, m.Harmonics)
	want := [][2]int{{0, 0}, {1, 0}, {1, 0}, {0, 1}, {0, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {2, 0}, {2, 0}}
	for j, w := range want {
		if h := m.Harmonics[j]; h.Frequency[0] != w[0] || h.Frequency[1] != w[1] || h.Fit < 0.9 {
			t.Errorf("coordinate %d has frequency %v, R² %.3f, want %v", j, h.Frequency, h.Fit, w)
		}
	}
}

// Symbols of a topic come to lie together, synonyms among them, which never stood
// in one text.
func TestCooccurrence(t *testing.T) {
	for seed := range uint64(3) {
		s, err := Cooccurrence(t.Context(), seed)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("values %.3g, within %.3f, across %.3f, synonyms %.3f", s.Values, s.Within, s.Across, s.Synonym)
		if s.Within < 0.95 || s.Across > 0 || s.Synonym < 0.95 {
			t.Errorf("seed %d: cosines are %.3f within topics, %.3f across, %.3f of synonyms", seed, s.Within, s.Across, s.Synonym)
		}
		for _, p := range s.Synonyms {
			if s.Near[p[0]][p[1]] != 0 {
				t.Errorf("seed %d: synonyms stood next to each other", seed)
			}
		}
		for a, of := range s.Topics {
			if len(of) != 2 {
				continue
			}
			// A symbol of two topics is nearer to both than to the third.
			var mean, n [topics]float64
			for b, other := range s.Topics {
				if len(other) == 1 {
					mean[other[0]] += s.cosine(a, b)
					n[other[0]]++
				}
			}
			for _, mine := range of {
				third := topics - of[0] - of[1]
				if mean[mine]/n[mine] < mean[third]/n[third]+0.5 {
					t.Errorf("seed %d: symbol %d of topics %v has mean cosine %.2f with topic %d, %.2f with topic %d",
						seed, a, of, mean[mine]/n[mine], mine, mean[third]/n[third], third)
				}
			}
		}
	}
}

func TestSeedDecides(t *testing.T) {
	a, err := Circle(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Circle(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Atoms) != len(b.Atoms) || a.Rows[3][7] != b.Rows[3][7] {
		t.Error("the same seed gave another circle")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Torus(done, 1); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}
