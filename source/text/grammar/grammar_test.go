package grammar

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// No sentence has two words of a class, no word is of two classes or part of a pattern, and every word comes up.
func TestWrite(t *testing.T) {
	var text, again, other bytes.Buffer
	if err := errors.Join(Write(&text, 3000, 1), Write(&again, 3000, 1), Write(&other, 3000, 2)); err != nil {
		t.Fatal(err)
	}
	if text.String() != again.String() || text.String() == other.String() {
		t.Error("want the same text of a seed, another one of another")
	}
	class, seen := map[string]string{}, map[string]bool{}
	for name, words := range Classes {
		for _, w := range words {
			if class[w] != "" {
				t.Errorf("%s is a %s and a %s", w, name, class[w])
			}
			class[w] = name
			for _, p := range patterns {
				if slices.Contains(strings.Fields(p), w) {
					t.Errorf("%s is in %q", w, p)
				}
			}
		}
	}
	for line := range strings.Lines(text.String()) {
		found := map[string]bool{}
		for _, w := range strings.Fields(strings.Trim(line, ".\n")) {
			seen[w] = true
			if c := class[w]; c != "" {
				if found[c] {
					t.Errorf("two words of class %s in %q", c, line)
				}
				found[c] = true
			}
		}
		if strings.ContainsAny(line, "{}") || !strings.HasSuffix(line, ".\n") {
			t.Errorf("a line is %q", line)
		}
	}
	for w := range class {
		if !seen[w] {
			t.Errorf("%s does not come up", w)
		}
	}
	if n := strings.Count(text.String(), "\n"); n != 3000 {
		t.Errorf("%d lines, want 3000", n)
	}
	if err := Write(failing{}, 3, 1); err == nil {
		t.Error("a write that failed was not told")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }
