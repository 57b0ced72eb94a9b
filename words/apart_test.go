package words

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/manifold"
)

// apartText has words that share no context with the others: one that is alone on its lines, and two that
// are only ever beside one another.
func apartText() string {
	return topics(3, 300, 20) + strings.Repeat("alone\n", 50) + strings.Repeat("pair twin\n", 7) + strings.Repeat("twin pair\n", 6)
}

// A few words apart do not stop a fit. They are named, have no vector, and say so; the others are as near one another
// as without them.
func TestWordsApart(t *testing.T) {
	m := fit(t, read(t, apartText(), 2), small())
	want := []Apart{{"alone", 50}, {"pair", 13}, {"twin", 13}}
	for _, m := range []*Model{m, reloaded(t, m)} {
		d := m.Data()
		if !slices.Equal(d.Apart, want) || d.Words != 40 || len(m.Words()) != 40 || d.Kept != 6000 || d.Read != 6076 {
			t.Errorf("data %+v, and %d words", d, len(m.Words()))
		}
		for _, a := range want {
			says := fmt.Sprintf("%q comes up %d times and shares no context with the 40 words of the model: it has no neighbours", a.Word, a.Count)
			if _, err := m.Nearest(strings.ToUpper(a.Word), 3); err == nil || !strings.Contains(strings.ToLower(err.Error()), says) {
				t.Errorf("neighbours of %s: error %v", a.Word, err)
			}
		}
	}
	without := fit(t, read(t, topics(3, 300, 20), 2), small())
	for _, w := range without.Words() {
		x, err := m.Nearest(w, 5)
		if err != nil {
			t.Fatal(err)
		}
		y, err := without.Nearest(w, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			if d := x[i].Cosine - y[i].Cosine; d > 1e-3 || d < -1e-3 {
				t.Errorf("neighbours of %s are %v, and %v without words apart", w, x, y)
				break
			}
		}
	}
}

func reloaded(t *testing.T, m *Model) *Model {
	t.Helper()
	m, err := loadBytes(saved(t, m))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Shards have the same words apart.
func TestWordsApartOfShards(t *testing.T) {
	corpus := read(t, apartText(), 2)
	e, err := NewEncoder(corpus, small())
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Collect(t.Context(), corpus, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Solve(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := fit(t, corpus, small()); !slices.Equal(m.Vectors(), want.Vectors()) || !slices.Equal(m.Data().Apart, want.Data().Apart) {
		t.Errorf("other vectors, or words apart: %v", m.Data().Apart)
	}
}

// Two languages that never meet are refused, with their sizes and some of their words.
func TestVocabularyInPieces(t *testing.T) {
	greek := strings.NewReplacer("common", "κοινό", "topic", "θέμα").Replace(topics(2, 300, 20))
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	run := manifold.Run{Checkpoint: filepath.Join(t.TempDir(), "m.partial")}
	_, err := Fit(t.Context(), read(t, topics(3, 300, 20)+greek, 2), small(), run)
	if files := manifold.CheckpointFiles(run.Checkpoint); files != nil {
		t.Errorf("%v is left, and obstructs a fit to another text", files)
	}
	var pieces *PiecesError
	if !errors.As(err, &pieces) || len(pieces.Pieces) != 2 || len(pieces.Pieces[0]) != 40 || len(pieces.Pieces[1]) != 28 {
		t.Fatalf("error %v", err)
	}
	for _, says := range []string{"in 2 pieces, of 40, 28 words, which share no context", "(common", "(κοινό", "10 coordinates want one piece"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

func TestAbsurdWordsApartAreRefused(t *testing.T) {
	corpus := read(t, apartText(), 2)
	for says, apart := range map[string][]Apart{
		`apart: word 0 is ""`:                           {{"", 5}},
		`apart: word 0 is "commona"`:                    {{"commona", 5}},
		`apart: word 1 is "alone"`:                      {{"alone", 5}, {"alone", 5}},
		`apart: "alone" is said to come up 1 time,`:     {{"alone", 1}},
		`apart: "alone" is said to come up 99999 times`: {{"alone", 99999}},
		"the variance of coordinate 0":                  {{"alone", 5000}},
	} {
		m := fit(t, corpus, small())
		m.data.Apart = apart
		if _, err := loadBytes(saved(t, m)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}
