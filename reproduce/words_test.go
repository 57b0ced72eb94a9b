package reproduce

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/judge/wordtest"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/words"
)

// fakeWords is words.py with vectors that are nearly the same for all words.
func fakeWords(mode, dir string) {
	seen := map[string]bool{}
	var names []string
	f, err := os.Open(filepath.Join(dir, "corpus.txt"))
	if err != nil {
		panic(err)
	}
	for s := bufio.NewScanner(f); s.Scan(); {
		for w := range strings.FieldsSeq(s.Text()) {
			if !seen[w] && w != "hound" { // one that the peer has not
				seen[w] = true
				names = append(names, w)
			}
		}
	}
	var vectors []float32
	for i := range names {
		vectors = append(vectors, 1, float32(i))
	}
	leave(mode, filepath.Join(dir, "x.f32"), vectors)
	if err := os.WriteFile(filepath.Join(dir, "x.words"), []byte(strings.Join(names, "\n")+"\n"), 0o600); err != nil {
		panic(err)
	}
	fmt.Println(`{"name": "fake", "dims": 2, "seconds": 1.5, "file": "x"}`)
}

// writeWords writes a corpus of two kinds of words that are never beside each other, but for a word that is beside all, and tests.
func writeWords(t *testing.T) (data string) {
	data = t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := [][]string{
		strings.Fields("cat dog horse hound wolf fox lion tiger bear mouse rat cow sheep goat pig hen duck goose swan deer elk moose bison otter seal whale shark trout perch"),
		strings.Fields("iron steel copper tin lead zinc gold silver nickel brass bronze chrome cobalt mercury platinum titanium tungsten lithium sodium calcium barium radium cesium gallium indium thallium bismuth arsenic antimony"),
	}
	var b strings.Builder
	for range 300 {
		kind := kinds[rng.IntN(2)]
		for range 30 {
			fmt.Fprint(&b, kind[rng.IntN(len(kind))], " ")
		}
		b.WriteString("and\n")
	}
	var pairs, questions strings.Builder
	for i := range 20 {
		fmt.Fprintf(&pairs, "%s\t%s\t9\n%s\t%s\t1\n", kinds[0][i], kinds[0][i+1], kinds[0][i], kinds[1][i])
		fmt.Fprintf(&questions, ": s\n%s %s %s %s\n", kinds[0][i], kinds[0][i+1], kinds[1][i], kinds[1][i+1])
	}
	for name, text := range map[string]string{"corpus.txt": b.String(), "wordsim353.tsv": pairs.String(), "simlex999.txt": pairs.String(), "questions-words.txt": questions.String()} {
		if err := os.MkdirAll(filepath.Join(data, "words"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "words", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// directly is what smt comes to on WordSim-353 by itself, asked for all words but the hound.
func directly(t *testing.T, data string, cfg words.Config) *wordtest.Similarity {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := text.Open(t.Context(), filepath.Join(data, "words", "corpus.txt"), text.Options{MinCount: cfg.MinCount})
	fail(err)
	model, err := words.Fit(t.Context(), c, cfg, manifold.Run{})
	fail(err)
	v, err := wordtest.NewVocabulary(model.Words(), model.Vectors(), model.Dim())
	fail(err)
	test, err := wordtest.Open(filepath.Join(data, "words", "wordsim353.tsv"))
	fail(err)
	pairs := slices.DeleteFunc(test.Pairs, func(p wordtest.Pair) bool { return p.A == "hound" || p.B == "hound" })
	s, err := v.Similarity(pairs)
	fail(err)
	s.Pairs = len(test.Pairs)
	return s
}

func TestWords(t *testing.T) {
	with(t, "well")
	opt := Options{Seed: 1, Data: writeWords(t), Out: t.TempDir(), Rows: []string{"words"}, Quick: true}
	m, _ := runStudy[*Words](t, opt)
	if len(m.Methods) != 2 || m.Peers != "a fake" || m.Missing != "" || m.Shared != 58 {
		t.Fatalf("%+v: want smt, the fake peer, and the words that it has too, 58", m)
	}
	if want := directly(t, opt.Data, m.Config); *m.Methods[0].WordSim != *want || want.Asked != 37 {
		t.Errorf("smt's %+v: want what words.Fit comes to without the hound, %+v, of 37 pairs", m.Methods[0].WordSim, want)
	}
	if left := files(t, filepath.Join(opt.Out, "words")); !slices.Equal(left, []string{"log", "metrics.json"}) {
		t.Errorf("the folder has %v: want log and metrics.json", left)
	}
	if theirs := m.Methods[1]; theirs.Seconds != 1.5 || theirs.WordSim.Asked != m.Methods[0].WordSim.Asked {
		t.Errorf("the peer's %+v: want 1.5 s, of as many pairs as smt's", theirs)
	}
	var out strings.Builder
	studyText(&out, m)
	for _, want := range []string{"smt", "fake", "58 words", "Quick results"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("text has no %q:\n%s", want, out.String())
		}
	}
	checkKept(t, opt, "words: smt in")
}

// Where peers fail they are missing, and it is said why.
func TestWordsWithoutPeers(t *testing.T) {
	for mode, says := range map[string]string{"": "no Python here", "fail": "no such module", "short": "x.f32", "odd": "Traceback"} {
		with(t, mode)
		opt := Options{Seed: 1, Data: writeWords(t), Out: t.TempDir(), Rows: []string{"words"}, Quick: true}
		m, _ := runStudy[*Words](t, opt)
		if len(m.Methods) != 1 || !strings.Contains(m.Missing, says) || m.Shared != 59 {
			t.Errorf("mode %q: %d methods, %d words, missing %q: want smt alone, 59 words, and %q", mode, len(m.Methods), m.Shared, m.Missing, says)
		}
		if _, lines := runStudy[*Words](t, opt); lines.count("is done") != 0 {
			t.Errorf("mode %q: it is not run again", mode)
		}
	}
}

func TestWordsWantsOneCorpus(t *testing.T) {
	with(t, "well")
	data := writeWords(t)
	opt := Options{Seed: 1, Data: data, Out: t.TempDir(), Rows: []string{"words"}, Quick: true}
	fails := func(says string) {
		t.Helper()
		if _, err := run(t.Context(), opt, tiny()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v: want one with %q", err, says)
		}
	}
	if err := os.WriteFile(filepath.Join(data, "words", "second.tsv"), []byte("a\tb"), 0o644); err != nil {
		t.Fatal(err)
	}
	fails("2 files of text")
	opt.Data = t.TempDir()
	fails("words")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opt.Data = writeWords(t)
	if _, err := run(ctx, opt, tiny()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
