package wordtest

import (
	"strings"
	"testing"
)

func TestReadPairs(t *testing.T) {
	got, err := Read(strings.NewReader("# a comment\n\nold\tnew\t1.58\r\nice cream\tsweet\t 7\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Pair{{"old", "new", 1.58}, {"ice cream", "sweet", 7}}
	if len(got.Pairs) != 2 || got.Pairs[0] != want[0] || got.Pairs[1] != want[1] || got.Questions != nil {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestReadQuestions(t *testing.T) {
	got, err := Read(strings.NewReader(": family\nboy girl  king queen\n:gram1 adverbs\namazing amazingly calm calmly"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Question{{"family", "boy", "girl", "king", "queen"}, {"gram1 adverbs", "amazing", "amazingly", "calm", "calmly"}}
	if len(got.Questions) != 2 || got.Questions[0] != want[0] || got.Questions[1] != want[1] || got.Pairs != nil {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"", "neither pairs nor questions"},
		{"# only\n\n", "neither pairs nor questions"},
		{": family\n", "neither pairs nor questions"},
		{"old\tnew\n", "line 1 has 2 fields"},
		{"a\tb\t1\nold new 3\n", "line 2 has 1 field"},
		{"old\tnew\tmuch\n", `"much"`},
		{"old\tnew\tNaN\n", `"NaN"`},
		{"old\tnew\t1e999\n", `"1e999"`},
		{"old\t \t3\n", "field 2"},
		{"a\tb\t1\n: family\n", "line 2 begins with a colon"},
		{":\na b c d\n", "line 1 has a section without"},
		{": s\na b c\n", "line 2 has 3 words"},
		{": s\na b c d\na b c d e\n", "line 3 has 5 words"},
		{"a\tb\t1\n\xff\tb\t1\n", "line 2 is no UTF-8"},
		{"a\tb\t1\n" + strings.Repeat("x", 5000), "line 2 has more than"},
	} {
		if got, err := Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40q: %+v, error %v, want one with %q", c.text, got, err, c.says)
		}
	}
}

// endless is a text again and again.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (n int, err error) {
	for n < len(b) {
		k := copy(b[n:], e.text[e.at:])
		n, e.at = n+k, (e.at+k)%len(e.text)
	}
	return n, nil
}

// What is no test is not held whole before that is found out.
func TestReadIsBounded(t *testing.T) {
	for text, says := range map[string]string{
		"a\tb\t1\n":                           "line 1000001 is one more than 1000000 pairs",
		"#" + strings.Repeat("-", 999) + "\n": "has more than 67108864 bytes",
	} {
		if _, err := Read(&endless{text: text}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.9q: error %v, want %q", text, err, says)
		}
	}
}

// Whatever is read is whole: words where words are wanted, of one kind only.
func FuzzRead(f *testing.F) {
	f.Add("love\tsex\t6.77\n")
	f.Add(": family\nboy girl king queen\n")
	f.Add("# x\n:s\na b c d\n\n: t\na b c d\r\n")
	f.Add("a\tb\t-1e-300\n:")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read(strings.NewReader(text))
		if err != nil {
			if got != nil {
				t.Error("a test beside an error")
			}
			return
		}
		if (got.Pairs == nil) == (got.Questions == nil) {
			t.Errorf("%d pairs and %d questions: want one kind", len(got.Pairs), len(got.Questions))
		}
		for _, p := range got.Pairs {
			if p.A == "" || p.B == "" || p.Score != p.Score {
				t.Errorf("pair %+v", p)
			}
		}
		for _, q := range got.Questions {
			if q.Section == "" || q.A == "" || q.B == "" || q.C == "" || q.D == "" {
				t.Errorf("question %+v", q)
			}
		}
		if lines := strings.Count(text, "\n") + 1; len(got.Pairs)+len(got.Questions) > lines {
			t.Errorf("%d pairs or questions of %d lines", len(got.Pairs)+len(got.Questions), lines)
		}
	})
}
