package words

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/source/text"
)

// Shards that are collected apart, each by an encoder of its own, and carried as bytes make the model of a fit to
// the whole, byte for byte.
func TestShards(t *testing.T) {
	const cut = 77 // lines of the first shard
	whole := topics(4, 200, 30)
	vocabulary := read(t, whole, 2).Words
	lines := strings.SplitAfter(whole, "\n")
	var shards []cooccur.Statistics
	var e *Encoder
	for _, part := range [][]string{lines[:cut], lines[cut:]} {
		shard, err := text.Read(t.Context(), strings.NewReader(strings.Join(part, "")), text.Options{Vocabulary: vocabulary})
		if err != nil {
			t.Fatal(err)
		}
		if e, err = NewEncoder(shard, small()); err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(t.Context(), shard, nil)
		if err != nil {
			t.Fatal(err)
		}
		shards = append(shards, s)
	}
	sum := smttest.Sum(t, shards)
	m, err := e.Solve(t.Context(), sum, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := fit(t, read(t, whole, 2), small())
	if !bytes.Equal(saved(t, m), saved(t, want)) {
		t.Errorf("the model of two shards, of %+v, is not that of the whole, of %+v", m.Data(), want.Data())
	}
	rare := fit(t, read(t, whole+"hapax\nlegomenon\n", 2), small())
	if !slices.Equal(m.Vectors(), rare.Vectors()) || rare.Data().Read != want.Data().Read+2 || rare.Data().Lines != want.Data().Lines+2 {
		t.Errorf("words that are left out change vectors, or are not in %+v", rare.Data())
	}
}

// Statistics of too few lines, of another vocabulary and of another kind are refused.
func TestSolveRefuses(t *testing.T) {
	corpus := read(t, topics(4, 200, 30), 2)
	e, err := NewEncoder(corpus, small())
	if err != nil {
		t.Fatal(err)
	}
	few, err := text.Read(t.Context(), strings.NewReader(topics(4, 3, 30)), text.Options{Vocabulary: corpus.Words})
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Collect(t.Context(), few, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Solve(t.Context(), s, nil); err == nil || !strings.Contains(err.Error(), "comes up 0 times") {
		t.Errorf("of 3 lines: error %v", err)
	}
	if _, err := e.Collect(t.Context(), read(t, topics(5, 200, 30), 2), nil); err == nil {
		t.Error("a corpus of another vocabulary is counted")
	}
	c := small()
	c.Context.Radius++
	other, err := NewEncoder(corpus, c)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = other.Collect(t.Context(), corpus, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Solve(t.Context(), s, nil); err == nil || !strings.Contains(err.Error(), "radius 3") {
		t.Errorf("statistics of a larger radius: error %v", err)
	}
}
