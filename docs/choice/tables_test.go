package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, []float64{10, 20, 30, 1000}, 1},
		{[]float64{1, 2, 3, 4}, []float64{4, 3, 2, 1}, -1},
		{[]float64{1, 2, 3}, []float64{5, 5, 5}, 0},
		{[]float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 4.5 / math.Sqrt(4.5*5)}, // ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3
	} {
		if got := spearman(c.x, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("of %v and %v it is %g, want %g", c.x, c.y, got, c.want)
		}
	}
}

func TestMean(t *testing.T) {
	if m, d := mean([]float64{1, 2, 3, 6}); m != 3 || math.Abs(d-math.Sqrt(14./3/4)) > 1e-12 {
		t.Errorf("%g ± %g", m, d)
	}
}

// What is best on one half by luck counts by the other half.
func TestLuckChoosesNothing(t *testing.T) {
	const lines = `
{"Set": "a", "Setting": "pixels", "Right": ["00", "11"]}
{"Set": "a", "Setting": "chosen", "Style": "shapes", "Right": ["1000", "0001"], "Scores": {"s": 1}}
{"Set": "a", "Setting": "lucky", "Style": "shapes", "Right": ["1111", "0000"], "Scores": {"s": 3}}
{"Set": "a", "Setting": "lucky, other", "Style": "shapes", "Right": ["0000", "1111"], "Scores": {"s": 2}}
{"Set": "a", "Setting": "other style", "Style": "scenes", "Right": ["1111", "1111"], "Scores": {"s": -1}}
`
	path := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tables(path, &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		// The first best of half 0 is "lucky", and that of half 1 "lucky, other"; each is of no use on the other half.
		"| a | shapes | 50.0 | 25.0 | 0.0 | -25.0 ± 16.4 | lucky; lucky, other |",
		"| shapes: other style | 1 | +75.0",
		"| s | 1 | +0.87 ",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for name, wrong := range map[string]string{
		"a record without a set": `{"Set": "a", "Setting": "chosen"}`,
		"a set in between":       strings.Replace(lines, `{"Set": "a", "Setting": "lucky"`, `{"Set": "b", "Setting": "lucky"`, 1),
		"no JSON":                `{"Set": `,
	} {
		if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tables(path, &b); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Changes are put together in the order of their list, best first, and no two of one field.
func TestTogether(t *testing.T) {
	list := []change{{name: "a", field: "f"}, {name: "b", field: "g"}, {name: "c", field: "f"}, {name: "d", field: "h"}, {name: "e", field: "i"}}
	alone := make([]record, len(list))
	for i, right := range []string{"1110", "1111", "1111", "0000", "1000"} {
		alone[i] = record{Right: [2]string{right, right}}
	}
	var got []string
	for _, changes := range together(list, alone, record{Right: [2]string{"0000", ""}}, 0) {
		got = append(got, label(changes))
	}
	if s := strings.Join(got, "; "); s != "b, c; b, c, e" {
		t.Errorf("put together: %s", s)
	}
}
