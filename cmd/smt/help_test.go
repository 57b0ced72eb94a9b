package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"pgregory.net/rapid"
)

// commands are smt and all commands below it.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, below := range c.Commands() {
		all = append(all, commands(below)...)
	}
	return all
}

// helpOf is the help of a command in a terminal of some width.
func helpOf(t *testing.T, width int, c *cobra.Command) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := newApp(&stdout, &stderr)
	a.columns = func() int { return width }
	if code := a.main(t.Context(), append(strings.Fields(c.CommandPath())[1:], "--help")); code != 0 || stderr.Len() > 0 {
		t.Fatalf("%s --help: exit code %d, %s", c.CommandPath(), code, &stderr)
	}
	return stdout.String()
}

func TestHelpIsWrapped(t *testing.T) {
	for _, c := range commands(newApp(nil, nil).root()) {
		lines := map[int]int{}
		for _, width := range []int{40, 80, 120} {
			examples := false
			for line := range strings.Lines(helpOf(t, width, c)) {
				line = strings.TrimSuffix(line, "\n")
				lines[width]++
				switch {
				case line == "Examples:":
					examples = true
				case line == "":
					examples = false
				}
				if copied := examples || strings.HasPrefix(line, "\t"); !copied && utf8.RuneCountInString(line) > width {
					t.Errorf("%s, at %d columns: %q has %d", c.CommandPath(), width, line, utf8.RuneCountInString(line))
				}
				if strings.HasSuffix(line, " ") {
					t.Errorf("%s, at %d columns: %q ends with spaces", c.CommandPath(), width, line)
				}
			}
		}
		if lines[40] <= lines[80] || lines[80] <= lines[120] {
			t.Errorf("%s: help has %d, %d and %d lines at 40, 80 and 120 columns, want fewer the wider", c.CommandPath(), lines[40], lines[80], lines[120])
		}
	}
}

func TestTerminalWidth(t *testing.T) {
	for columns, want := range map[string]int{"": 80, "100": 100, "0": 80, "-3": 80, "wide": 80} {
		t.Setenv("COLUMNS", columns)
		if got := terminal(new(bytes.Buffer)); got != want {
			t.Errorf("COLUMNS=%s: %d columns where no terminal is, want %d", columns, got, want)
		}
	}
}

var flagLine = regexp.MustCompile(`^  (?:-.,|   ) --([a-z-]+)\b`)

// Every flag of every command stands once in its help, below a heading of its own kind, and
// the list of headings names no flag that there is not.
func TestFlagsAreGrouped(t *testing.T) {
	root := newApp(nil, nil).root()
	used := map[string]bool{"help": true}
	for _, c := range commands(root) {
		text := helpOf(t, 80, c)
		at := -1
		for _, g := range headings {
			if i := strings.Index(text, "\n"+g.title+" flags:\n"); i >= 0 {
				if i < at {
					t.Errorf("%s: %s flags stand before those they come after", c.CommandPath(), g.title)
				}
				at = i
			}
		}
		for _, set := range []*pflag.FlagSet{c.LocalFlags(), c.InheritedFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				used[f.Name], used[c.Name()+" "+f.Name] = true, true
				if groupOf(c, f) == other {
					t.Errorf("%s: --%s has no heading", c.CommandPath(), f.Name)
				}
				n := 0
				for line := range strings.Lines(text) {
					if head := flagLine.FindStringSubmatch(line); head != nil && head[1] == f.Name {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%s: --%s stands %d times in\n%s", c.CommandPath(), f.Name, n, text)
				}
			})
		}
	}
	for _, g := range headings {
		for _, name := range g.flags {
			if !used[name] {
				t.Errorf("%s flags: there is no %s", g.title, name)
			}
		}
	}
}

// -k is a flag of fits to vectors in one command, and of questions about words in others.
func TestNeighboursAreGroupedByCommand(t *testing.T) {
	for _, c := range commands(newApp(nil, nil).root()) {
		if text := helpOf(t, 80, c); c.Name() != "fit" && strings.Contains(text, "Vectors flags:") {
			t.Errorf("%s has flags of vectors:\n%s", c.CommandPath(), text)
		}
	}
}

// Wrapped text is the words of the text, in lines that are short enough or one word, and
// none of which could take the next word.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-zε…]{1,12}`)).Draw(t, "words")
		indent, width := rapid.IntRange(0, 10).Draw(t, "indent"), rapid.IntRange(1, 40).Draw(t, "width")
		text := strings.Repeat(" ", indent) + wrap(strings.Join(words, " \n"), indent, width)
		if got := strings.Fields(text); !slices.Equal(got, words) && len(words) > 0 {
			t.Fatalf("words %q, want %q", got, words)
		}
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			n := utf8.RuneCountInString(line)
			if n > width && len(strings.Fields(line)) > 1 {
				t.Errorf("%q is longer than %d", line, width)
			}
			if !strings.HasPrefix(line, strings.Repeat(" ", indent)) {
				t.Errorf("%q is not indented by %d", line, indent)
			}
			if i+1 < len(lines) && n+1+utf8.RuneCountInString(strings.Fields(lines[i+1])[0]) <= width {
				t.Errorf("the first word of %q would be at home in %q", lines[i+1], line)
			}
		}
	})
}
