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
	var text strings.Builder
	all.print(&text, []*method{stars, hash})
	for _, want := range []string{"precision         100.0   50.0", "recall            50.0    50.0", "  flip            0.0     0.0", "recall there      100.0   100.0"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &text)
		}
	}
}
