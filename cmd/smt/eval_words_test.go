package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// wordFiles are tests of the words of corpus: pairs of one topic and of two, and questions.
func wordFiles(t testing.TB) (pairs, questions string) {
	t.Helper()
	var p, q strings.Builder
	p.WriteString("# two words, a number\n")
	q.WriteString(": topics\n")
	for i := 'd'; i < 'k'; i++ {
		fmt.Fprintf(&p, "a%c\ta%c\t9.5\nB%c\tb%c\t8\na%c\tc%c\t1\n", i, i+1, i, i+1, i, i+1)
		fmt.Fprintf(&q, "a%c a%c b%c b%c\n", i, i+1, i, i+1)
	}
	p.WriteString("ad\tunknown\t3\n")
	q.WriteString(": strangers\nno such words here\n")
	dir := t.TempDir()
	pairs, questions = filepath.Join(dir, "pairs.tsv"), filepath.Join(dir, "questions.txt")
	write(t, pairs, []byte(p.String()))
	write(t, questions, []byte(q.String()))
	return pairs, questions
}

func TestEvalWords(t *testing.T) {
	model := fitWordsSmall(t)
	pairs, questions := wordFiles(t)
	r := mustJSON(t, []string{"words", "dims", "tests"}, "eval", model, pairs, questions)
	tests := r["tests"].([]any)
	of := func(i int, name, kind string) map[string]any {
		found := tests[i].(map[string]any)
		if found["test"] != name || len(found) != map[string]int{"similarity": 2, "analogies": 3}[kind] {
			t.Errorf("test %v: want %s of %s", found, kind, name)
		}
		return found[kind].(map[string]any)
	}
	p, q := of(0, "pairs.tsv", "similarity"), of(1, "questions.txt", "analogies")
	// Words of one topic are near each other, those of two are not. There are few ranks of
	// scores, so that the correlation stays below 1.
	if s := p["spearman"].(float64); p["asked"] != 21.0 || p["pairs"] != 22.0 || s < 0.4 || s > 1 {
		t.Errorf("pairs: %v; want a correlation above 0.4 of 21 pairs of 22", p)
	}
	sections := q["sections"].([]any)
	if q["asked"] != 7.0 || q["of"] != 8.0 || len(sections) != 2 {
		t.Errorf("questions: %v; want 7 asked of 8, in two sections", q)
	}
	if ranked := tests[1].(map[string]any)["ranked"].(map[string]any); ranked["asked"] != 7.0 || ranked["of"] != 8.0 {
		t.Errorf("questions, as smt analogy ranks: %v; want 7 asked of 8", ranked)
	}
	out := must(t, "eval", model, questions, pairs)
	for _, want := range []string{"correlation of ranks", "21 of 22 pairs", "the model has the words of no question", "topics", "as smt analogy ranks"} {
		if !strings.Contains(out, want) {
			t.Errorf("output has no %q:\n%s", want, out)
		}
	}
}

func TestEvalWordsFails(t *testing.T) {
	model := fitWordsSmall(t)
	pairs, questions := wordFiles(t)
	odd := filepath.Join(t.TempDir(), "odd.tsv")
	write(t, odd, []byte("a\tb\tmuch\n"))
	strange := filepath.Join(t.TempDir(), "strange.tsv")
	write(t, strange, []byte("x\ty\t1\nz\tw\t2\n"))
	mustFail(t, exitUsage, []string{"DATA is missing"}, "eval", model)
	mustFail(t, exitUsage, []string{"--k", "words"}, "eval", model, pairs, "--k", "3")
	mustFail(t, exitUsage, []string{"--holdout", "words"}, "eval", model, pairs, "--holdout", "3")
	mustFail(t, exitFailure, []string{"odd.tsv", "line 1", "much"}, "eval", model, pairs, odd)
	mustFail(t, exitFailure, []string{"strange.tsv", "2 pairs 0"}, "eval", model, questions, strange)
	mustFail(t, exitFailure, []string{"none.tsv"}, "eval", model, filepath.Join(t.TempDir(), "none.tsv"))
}
