package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// obeyed is a character of text that a terminal would obey, other than tabs and line breaks.
func obeyed(text string) (rune, bool) {
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return r, true
		}
	}
	return 0, false
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain, é 1 × 2\tx\n":            "plain, é 1 × 2\tx\n",
		"\x1b[31mred\x07":                `\u001b[31mred\u0007`,
		"\u009b2J \u202eback\u2066 \r\n": `\u009b2J \u202eback\u2066 \u000d` + "\n",
		"\U000e0041 \xff\x9b":            `\udb40\udc41 ` + "\ufffd\ufffd",
		"two\nlines\n":                   "two\nlines\n",
	} {
		var b bytes.Buffer
		if n, err := fmt.Fprint(visible{w: &b}, text); n != len(text) || err != nil || b.String() != want {
			t.Errorf("%q became %q, %d of %d, %v; want %q", text, b.String(), n, len(text), err, want)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(visible{&b, true}, "name\t%s\n", "a\nb")
	if b.String() != "name\ta\\u000ab\n" {
		t.Errorf("a name of two lines became %q", b.String())
	}
}

// Nothing that a terminal obeys comes through, and JSON is the same value as before.
func TestVisibleJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text")
		var b bytes.Buffer
		fmt.Fprint(visible{w: &b}, text+string(rapid.SliceOf(rapid.Byte()).Draw(rt, "bytes")))
		if r, is := obeyed(b.String()); is {
			rt.Fatalf("%q has %U", b.String(), r)
		}
		b.Reset()
		if err := json.NewEncoder(visible{w: &b}).Encode(text); err != nil {
			rt.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back != text {
			rt.Fatalf("%q became %q, %v", text, back, err)
		}
		if r, is := obeyed(b.String()); is {
			rt.Fatalf("JSON %q has %U", b.String(), r)
		}
	})
}

// What eval and info say of the objective is what the fit noted, and they do not call it a
// check; fit does, which computed it.
func TestRecordedIsNoCheck(t *testing.T) {
	data := idxData(t, 60, 10)
	model := fitSmall(t, data)
	for _, args := range [][]string{{"eval", model, data}, {"info", model}} {
		out := must(t, args...)
		if strings.Contains(out, "must") || strings.Count(out, "invariance") != 1 || !strings.Contains(out, "at the fit ") {
			t.Errorf("%s prints\n%s", args[0], out)
		}
	}
	if out := must(t, "fit", data, "-o", model, "--atoms", "64", "--dims", "8"); !strings.Contains(out, "within 1 part in 1,000)") || !strings.Contains(out, "(must be 1, within 0.001)") || !strings.Contains(out, "(must be 0, within 0.00001)") {
		t.Errorf("fit prints\n%s", out)
	}
}
