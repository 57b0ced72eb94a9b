package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	var all truth
	all.of, all.kind = map[string]string{}, map[string]string{}
	for _, item := range [][3]string{{"a", photograph, "a"}, {"b", photograph, "b"}, {"c", "crop", "a"}, {"d", "flip", "b"}} {
		all.add(item[0], item[1], item[2])
	}
	hash := &method{name: "hash", threshold: -10, pairs: map[pair]float64{pairOf("c", "a"): -4, pairOf("a", "b"): -9, pairOf("d", "b"): -12}}
	if c, kinds := all.itself(hash); c != (counts{2, 1}) || kinds["crop"] != 1 || kinds["flip"] != 0 {
		t.Errorf("at its threshold: %+v %v", c, kinds)
	}
	if got := all.best(hash); got != -12 { // 2 of 3 right, and all there are; at -4 it is 1 of 1, and half of all
		t.Errorf("best threshold %g, want -12", got)
	}
	stars := &method{name: "smt", threshold: 0.2, pairs: hash.pairs, own: map[pair]bool{pairOf("a", "c"): true}}
	if c, _ := all.itself(stars); c != (counts{1, 1}) {
		t.Errorf("of its groups: %+v", c)
	}
	for i, m := range []*method{stars, hash} {
		m.seconds, m.processor, m.search = float64(i+1), 0.5, 0.001
	}
	rows := all.rows([]*method{stars, hash})
	wantLines(t, [][]row{rows}, "precision 100.0 50.0", "recall 50.0 50.0", "flip 0.0 0.0", "recall there 100.0 100.0",
		"images a second 4 2", "of a processor 8 8", "search, ms 1.00 1.00")
	worse := all.rows([]*method{stars, hash})
	for _, r := range worse {
		r.values[0] -= 2
	}
	wantLines(t, [][]row{rows, worse}, "precision 99.0 ± 1.0 50.0 ± 0.0") // 100 and 98: their deviation is √2, that of the mean of two 1
}

// wantLines checks that a table has lines, with whatever space between columns.
func wantLines(t *testing.T, draws [][]row, lines ...string) {
	t.Helper()
	var text strings.Builder
	printTable(&text, []string{"smt", "hash"}, draws)
	got := strings.Join(strings.Fields(text.String()), " ")
	for _, want := range lines {
		if !strings.Contains(got, want) {
			t.Errorf("the table lacks %q:\n%s", want, &text)
		}
	}
}
