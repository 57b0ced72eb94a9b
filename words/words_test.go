package words

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
)

// topics is text of lines of one topic each, with 12 words of their own and 4 that all have. In
// each topic the first two words are synonyms, of which a line uses one or the other.
func topics(topics, lines, length int) string {
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range lines {
		topic, synonym := rng.IntN(topics), rng.IntN(2)
		for range length {
			switch w := rng.IntN(15); {
			case w < 4:
				fmt.Fprintf(&b, "common%c ", 'a'+w)
			case w == 4:
				fmt.Fprintf(&b, "topic%c%c ", 'a'+topic, 'a'+synonym)
			default:
				fmt.Fprintf(&b, "topic%c%c ", 'a'+topic, 'a'+w-3)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func read(t testing.TB, s string, least int) *text.Corpus {
	t.Helper()
	c, err := text.Read(t.Context(), strings.NewReader(s), text.Options{MinCount: least})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func small() Config {
	c := Default()
	c.MinCount, c.Dims, c.Context.Radius = 2, 9, 3
	return c
}

func fit(t testing.TB, corpus *text.Corpus, c Config) *Model {
	t.Helper()
	m, err := Fit(t.Context(), corpus, c, manifold.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func saved(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Words of a topic are near each other, and synonyms, which are never in one line, are nearest.
func TestFitFindsTopicsAndSynonyms(t *testing.T) {
	c := small()
	c.Dims = 8 // 9 topics, less the constant
	m := fit(t, read(t, topics(9, 3000, 30), 2), c)
	near := 0
	for topic := range 9 {
		a, b := fmt.Sprintf("topic%ca", 'a'+topic), fmt.Sprintf("topic%cb", 'a'+topic)
		found, err := m.Nearest(a, 11)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range found {
			if strings.HasPrefix(n.Word, a[:6]) {
				near++
			}
		}
		with, err := m.Cosine(a, b)
		if err != nil {
			t.Fatal(err)
		}
		other, err := m.Cosine(a, fmt.Sprintf("topic%ca", 'a'+(topic+1)%9))
		if err != nil {
			t.Fatal(err)
		}
		if with < 0.9 || other > 0.3 {
			t.Errorf("%s and %s have a cosine of %.2f, and another topic's of %.2f", a, b, with, other)
		}
	}
	if near < 90 {
		t.Errorf("of 99 neighbours %d are of the topic", near)
	}
	if v := m.VICReg(); math.Abs(v.Invariance-v.EigenvalueSum) > 1e-3*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-4 || v.Covariance > 1e-6 {
		t.Errorf("objective %+v", v)
	}
}

// The file is the same for any number of workers, and another one for another seed or corpus.
func TestFitSameBytesForAnyWorkers(t *testing.T) {
	corpus := read(t, topics(20, 2000, 30), 2) // 264 words: more than are solved in full
	var want []byte
	for workers := 1; workers <= 4; workers++ {
		before := runtime.GOMAXPROCS(workers)
		got := saved(t, fit(t, corpus, small()))
		runtime.GOMAXPROCS(before)
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%d workers: another model", workers)
		}
	}
	other := small()
	other.Seed++
	if bytes.Equal(saved(t, fit(t, corpus, other)), want) {
		t.Error("another seed leads to the same bytes")
	}
}

// A fit that was stopped goes on to the same model.
func TestFitGoesOn(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	corpus := read(t, topics(4, 1<<14+100, 6), 2)
	want := saved(t, fit(t, corpus, small()))
	run := manifold.Run{Checkpoint: filepath.Join(t.TempDir(), "kept")}
	ctx, cancel := context.WithCancel(t.Context())
	run.Progress = func(stage string, done, _ int) {
		if stage == "statistics" && done > 0 {
			cancel()
		}
	}
	if _, err := Fit(ctx, corpus, small(), run); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "lines") {
		t.Fatalf("error %v", err)
	}
	began := -1
	run.Progress = func(stage string, done, _ int) {
		if stage == "statistics" && began < 0 {
			began = done
		}
	}
	m, err := Fit(t.Context(), corpus, small(), run)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved(t, m), want) || began != 1<<14 {
		t.Errorf("it went on from line %d to another model", began)
	}
	run.Checkpoint = filepath.Join(t.TempDir(), "none")
	if _, err := Fit(t.Context(), read(t, topics(4, 100, 6), 2), small(), run); err != nil {
		t.Fatal(err)
	}
}

func TestFitRefuses(t *testing.T) {
	corpus := read(t, topics(3, 300, 9), 2)
	for says, change := range map[string]func(*Config){
		"min_count is 0":               func(c *Config) { c.MinCount = 0 },
		"dims is 0":                    func(c *Config) { c.Dims = 0 },
		"skip is -1":                   func(c *Config) { c.Skip = -1 },
		"share is NaN":                 func(c *Config) { c.Share = math.NaN() },
		"radius is 0: want 1":          func(c *Config) { c.Context.Radius = 0 },
		"radius is 201: want 1 to 200": func(c *Config) { c.Context.Radius = 201 },
		`context is "image"`:           func(c *Config) { c.Context.Kind = "image" },
		`weights "x"`:                  func(c *Config) { c.Context.Weights = "x" },
		"power of counts is 7":         func(c *Config) { c.Transform.Power = 7 },
		"reaches 9 words, and the longest of 300 lines has 9":                                      func(c *Config) { c.Context.Radius = 9 },
		"the vocabulary has 40 words that came up 2 times or more, and dims and skip are 40 and 1": func(c *Config) { c.Dims = 40 },
	} {
		c := small()
		change(&c)
		if _, err := Fit(t.Context(), corpus, c, manifold.Run{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
	if err := small().enough(corpus, memory.Room{Bytes: 1 << 20, By: "the test"}); err == nil || !strings.Contains(err.Error(), "the test allows 0.0") {
		t.Errorf("error %v", err)
	}
}

// What was learned says how often its words come up: a corpus has to be read with as much.
func TestFitWantsTheCorpusOfItsMinCount(t *testing.T) {
	c := small()
	c.MinCount = 500
	if _, err := Fit(t.Context(), read(t, topics(3, 300, 20), 2), c, manifold.Run{}); err == nil || !matches(`"topic[a-z]+" comes up \d+ times in the corpus, and min_count is 500`, err.Error()) {
		t.Errorf("error %v", err)
	}
	for _, empty := range []*text.Corpus{nil, {}} {
		if _, err := Fit(t.Context(), empty, small(), manifold.Run{}); err == nil || !strings.Contains(err.Error(), "no words") {
			t.Errorf("error %v of an empty corpus", err)
		}
	}
}
