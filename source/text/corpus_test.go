package text

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// rule is what a word is.
var rule = regexp.MustCompile(`\pL[\pL\pM]*(?:['’][\pL\pM]+)*`)

// defined are the lines of text that have a word, by the rule: words that come up often enough,
// "" for others.
func defined(text string, titles bool, least int) (lines [][]string, counts map[string]int64) {
	counts = map[string]int64{}
	var all [][]string
	for line := range strings.Lines(text) {
		if titles {
			_, line, _ = strings.Cut(line, "\t")
		}
		var words []string
		for _, w := range rule.FindAllString(line, -1) {
			w = strings.ReplaceAll(strings.Map(unicode.ToLower, w), "’", "'")
			if len(w) > mostBytes {
				continue
			}
			counts[w]++
			words = append(words, w)
		}
		all = append(all, words)
	}
	for _, words := range all {
		known := false
		for k, w := range words {
			if counts[w] < int64(least) {
				words[k] = ""
			}
			known = known || words[k] != ""
		}
		if known {
			lines = append(lines, words)
		}
	}
	for w, n := range counts {
		if n < int64(least) {
			delete(counts, w)
		}
	}
	return lines, counts
}

// linesOf are the words of a corpus, read as a source's.
func linesOf(t interface{ Fatal(...any) }, c *Corpus) (lines [][]string) {
	for i := range c.Len() {
		g, err := c.Open(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		n := c.Topology(i).Units()
		codes := new(sparse.Codes)
		codes.Reset()
		half := n / 2
		for _, span := range [][2]int{{0, half}, {half, n}} {
			if err := g.Read(span[0], span[1], &manifold.Units{Codes: codes}); err != nil {
				t.Fatal(err)
			}
		}
		words := make([]string, codes.N())
		for k := range words {
			if row := codes.Wide[codes.Start[k]:codes.Start[k+1]]; len(row) == 1 {
				words[k] = c.Words[row[0]]
			}
		}
		lines = append(lines, words)
	}
	return lines
}

// Words are those of the rule, whatever pieces the text comes in.
func TestReadAgreesWithTheRule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		titles, least := rapid.Bool().Draw(rt, "titles"), rapid.IntRange(1, 3).Draw(rt, "min count")
		part := rapid.SampledFrom([]string{"a", "b", "B", "é", "É", "שׁ", "́", "'", "’", " ", "\n", "-", "7", "\r", "中", "\ufeff", "\u2028", "xyz"})
		lines := rapid.SliceOf(rapid.SliceOfN(part, 0, 12)).Draw(rt, "lines")
		var b strings.Builder
		for i, line := range lines {
			text := strings.Join(line, "")
			if titles {
				text = fmt.Sprintf("the title, %d\t%s", i, strings.ReplaceAll(text, "\n", "\t"))
			}
			b.WriteString(text + "\n")
		}
		text := b.String()
		if rapid.Bool().Draw(rt, "no last line feed") {
			text = strings.TrimSuffix(text, "\n")
		}
		want, counts := defined(text, titles, least)
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "end with data": iotest.DataErrReader(strings.NewReader(text))} {
			c, err := Read(context.Background(), r, Options{MinCount: least, Titles: titles})
			if (err != nil) != (len(counts) == 0) {
				rt.Fatalf("%s: error %v of %q", name, err, text)
			}
			if err != nil {
				continue
			}
			if got := linesOf(rt, c); fmt.Sprint(got) != fmt.Sprint(want) {
				rt.Fatalf("%s: words %q of %q, want %q", name, got, text, want)
			}
			known := 0
			for i, w := range c.Words {
				known += int(c.Counts[i])
				if c.Counts[i] != counts[w] || i > 0 && (c.Counts[i] > c.Counts[i-1] || c.Counts[i] == c.Counts[i-1] && w < c.Words[i-1]) {
					rt.Fatalf("%s: word %d is %q with %d, want the most frequent first", name, i, w, c.Counts[i])
				}
			}
			if len(c.Words) != len(counts) || c.known != known {
				rt.Fatalf("%s: %d words, %d in all", name, len(c.Words), c.known)
			}
		}
	})
}

func TestReadLongWords(t *testing.T) {
	text := strings.Repeat("a", mostBytes) + " " + strings.Repeat("b", mostBytes+1) + " " + strings.Repeat("é", mostBytes) + " c" + strings.Repeat("'d", mostBytes) + " e"
	c, err := Read(t.Context(), strings.NewReader(text), Options{MinCount: 1})
	if err != nil || len(c.Words) != 2 || c.Words[1] != "e" {
		t.Errorf("%d words, error %v", len(c.Words), err)
	}
}

// Files are read by their endings, compressed or not.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	plain := "One two\nthree, three\n"
	var packed bytes.Buffer
	for _, part := range []string{"1\tone two\n2\t", "three three\n"} { // two members, as gzip files may have
		w := gzip.NewWriter(&packed)
		if _, err := io.WriteString(w, part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range map[string][]byte{"a.txt": []byte(plain), "b.tsv.gz": packed.Bytes(), "c.TSV.GZ": packed.Bytes(), "plain": []byte(plain)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var last [2]int64
		c, err := Open(t.Context(), path, Options{MinCount: 1, Progress: func(done, total int64) { last = [2]int64{done, total} }})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Words, []string{"three", "one", "two"}) || c.Len() != 2 || c.Read != 4 || c.Lines != 2 || c.Longest() != 2 {
			t.Errorf("%s: words %q of %d lines", name, c.Words, c.Len())
		}
		if n := int64(len(b)); last != [2]int64{n, n} {
			t.Errorf("%s: progress ends with %d", name, last)
		}
	}
	for name, c := range map[string]struct {
		text, says string
		opt        Options
	}{
		"empty.txt":    {"", "no word in it", Options{MinCount: 1}},
		"signs.txt":    {"1, 2\n\n3", "no word in it", Options{MinCount: 1}},
		"rare.txt":     {"a b a b c", "of its 3 different words none comes up 3 times, the most frequent 2 times", Options{MinCount: 3}},
		"latin.txt":    {"one\ncaf\xe9 two", "line 2 has the byte 0xe9", Options{MinCount: 1}},
		"cut.txt":      {"one\ntwo \xc3", "line 2 has the byte 0xc3", Options{MinCount: 1}},
		"no-tab.tsv":   {"1\tone\n\n3 three", "line 3 has no tab", Options{MinCount: 1}},
		"title.tsv":    {"\xff\tone", "line 1 has the byte 0xff", Options{MinCount: 1}},
		"other.txt.gz": {"one", "gzip", Options{MinCount: 1}},
		"short.txt.gz": {string(packed.Bytes()[:packed.Len()-9]), "EOF", Options{MinCount: 1}},
		"none.txt":     {"one", "MinCount is 0", Options{}},
		"known.txt":    {"one", `has 1 word, none of which is in the vocabulary`, Options{Vocabulary: []string{"two"}}},
		"twice.txt":    {"one", `"two" twice`, Options{Vocabulary: []string{"two", "two"}}},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), path, c.opt); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want %s and %q", err, path, c.says)
		}
	}
	if _, err := Open(t.Context(), dir, Options{MinCount: 1}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder: error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, filepath.Join(dir, "a.txt"), Options{MinCount: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Texts that are read with one vocabulary are of one kind, and others are told apart.
func TestDigests(t *testing.T) {
	read := func(text string, opt Options) *Corpus {
		t.Helper()
		c, err := Read(t.Context(), strings.NewReader(text), opt)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a := read("b a a\nx", Options{MinCount: 1})
	b := read("a b", Options{Vocabulary: a.Words})
	if a.Digest() != b.Digest() || a.Fingerprint() == b.Fingerprint() || !slices.Equal(b.Words, a.Words) || b.Len() != 1 {
		t.Errorf("%q and %q, digests %.9s and %.9s", a.Words, b.Words, a.Digest(), b.Digest())
	}
	if c := read("a b", Options{MinCount: 1}); c.Digest() == a.Digest() {
		t.Error("another vocabulary has the same digest")
	}
	if c := read("b a\na x", Options{MinCount: 1}); c.Digest() != a.Digest() || c.Fingerprint() == a.Fingerprint() {
		t.Error("the same words in other lines: want the same digest, another fingerprint")
	}
}

func TestLower(t *testing.T) {
	for word, want := range map[string]string{"Seattle": "seattle", "L’Eau": "l'eau", "ÉTÉ": "été"} {
		if got := Lower(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}

// Whatever a file holds, reading fails or gives the words of the rule.
func FuzzRead(f *testing.F) {
	f.Add([]byte("one two\nthree"), false)
	f.Add([]byte("title\tl’eau d'été\n\n"), true)
	f.Add([]byte("\xff"), false)
	f.Fuzz(func(t *testing.T, b []byte, titles bool) {
		c, err := Read(t.Context(), bytes.NewReader(b), Options{MinCount: 1, Titles: titles})
		if err != nil {
			return
		}
		if !utf8.Valid(b) {
			t.Fatalf("%q was read", b)
		}
		if want, _ := defined(string(b), titles, 1); fmt.Sprint(linesOf(t, c)) != fmt.Sprint(want) {
			t.Fatalf("words %q of %q, want %q", linesOf(t, c), b, want)
		}
	})
}
