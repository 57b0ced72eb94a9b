package text

import (
	"io"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// repeated is a text again and again, of so many bytes in all.
type repeated struct {
	text string
	left int
}

func (r *repeated) Read(b []byte) (n int, err error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	b = b[:min(len(b)-len(b)%len(r.text), r.left)]
	for n < len(b) {
		n += copy(b[n:], r.text)
	}
	r.left -= n
	return n, nil
}

// Lines without a word of the vocabulary take no memory, however many there are.
func TestReadKeepsNothingOfLinesWithoutWords(t *testing.T) {
	const lines = 10_000_000
	for _, c := range []struct {
		line       string
		vocabulary []string
		read       int64
	}{{"\n", nil, 1}, {"b\n", []string{"a"}, lines + 1}} {
		r := io.MultiReader(strings.NewReader("a\n"), &repeated{c.line, lines * len(c.line)})
		var corpus *Corpus
		var err error
		took := memorytest.Allocated(func() { corpus, err = Read(t.Context(), r, Options{MinCount: 1, Vocabulary: c.vocabulary}) })
		if err != nil {
			t.Fatal(err)
		}
		if corpus.Lines != lines+1 || corpus.Len() != 1 || corpus.Read != c.read || corpus.Size() != 1 {
			t.Errorf("%d lines, %d with words, %d words read", corpus.Lines, corpus.Len(), corpus.Read)
		}
		if took > 4<<20 {
			t.Errorf("%d lines of %q took %d bytes: want none", lines, c.line, took)
		}
	}
}

// A text that is too large is refused while it is read, and not after.
func TestReadLooksAtMemory(t *testing.T) {
	r := &repeated{"a b\n", 1 << 30}
	room := func() memory.Room { return memory.Room{Bytes: 40 << 20, By: "this test"} }
	_, err := read(t.Context(), r, Options{MinCount: 1}, room)
	if err == nil || !strings.Contains(err.Error(), "this test leaves 0.042") || !strings.Contains(err.Error(), "words take 0.0") {
		t.Errorf("error %v", err)
	}
	if done := 1<<30 - r.left; done > 64<<20 {
		t.Errorf("%d bytes were read before that", done)
	}
	room = func() memory.Room { return memory.Room{} } // a system that does not tell
	if _, err := read(t.Context(), &repeated{"a b\n", 32 << 20}, Options{MinCount: 1}, room); err != nil {
		t.Error(err)
	}
}
