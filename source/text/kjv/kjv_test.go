package kjv

import (
	"testing"

	"github.com/sparse-manifold/smt/source/text"
)

func TestRead(t *testing.T) {
	c, err := Read(t.Context(), text.Options{MinCount: 20})
	if err != nil {
		t.Fatal(err)
	}
	const lines, words, kept = 1189, 789_684, 2332
	if got := c.Lines; got != lines {
		t.Errorf("%d lines, want %d", got, lines)
	}
	if got := c.Read; got != words {
		t.Errorf("%d words, want %d", got, words)
	}
	if got := len(c.Words); got != kept {
		t.Errorf("%d different words that come up 20 times, want %d", got, kept)
	}
}
