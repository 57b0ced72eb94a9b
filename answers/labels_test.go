package answers

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// numbersOf finds ids in a list of them.
func numbersOf(ids ...string) *Numbers {
	n, err := NumbersOf(context.Background(), &names{ids: ids})
	if err != nil {
		panic(err)
	}
	return n
}

func TestReadLabels(t *testing.T) {
	ids := numbersOf("a", "b", `"c", d`, "id")
	for text, want := range map[string]string{
		"a,x\nb,y\n":                      "[0 1 -1 -1] [x y]",
		"id,label\na,x\nb,y":              "[1 2 -1 0] [label x y]", // an item has the name id
		"a,y\n\"\"\"c\"\", d\", x \nb,\n": "[1 -1 0 -1] [x y]",
		"a,x\na,x\nb,y\n":                 "[0 1 -1 -1] [x y]",
		"a,x\na,y\n":                      `line 2: "a" has the label "y", and before "x"`,
		"e,x\n":                           `line 1: no item has the id "e"`,
		"a,x\nb\n":                        "want an id and a label in each line",
		"a,x\n":                           "the labels have 1 class: want two at least",
		"":                                "the labels have 0 classes",
	} {
		l, err := ReadLabels(strings.NewReader(text), ids)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(l.Of, l.Classes)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q gives %s, want %s", text, got, want)
		}
	}
	for _, heading := range []string{"ID,Label\n", "path,class\r\n", "\ufeffpath,class\n", "\ufeff"} {
		l, err := ReadLabels(strings.NewReader(heading+"a,x\nb,y\n"), ids)
		if err != nil || fmt.Sprint(l.Of, l.Classes) != "[0 1 -1 -1] [x y]" {
			t.Errorf("after %q: %v, %v", heading, l, err)
		}
	}
}

// Labels that were written are read.
func TestLabelsRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z",\n ]{1,6}`), 2, 12, rapid.ID).Draw(rt, "ids")
		classes := rapid.SliceOfN(rapid.SampledFrom([]string{"", "x", "y,", `"z"`}), len(ids), len(ids)).Draw(rt, "classes")
		var b strings.Builder
		w := csv.NewWriter(&b)
		kinds := map[string]bool{}
		for i, id := range ids {
			if err := w.Write([]string{id, classes[i]}); err != nil {
				rt.Fatal(err)
			}
			if kinds[classes[i]] = true; classes[i] == "" {
				delete(kinds, "")
			}
		}
		w.Flush()
		l, err := ReadLabels(strings.NewReader(b.String()), numbersOf(ids...))
		if (err != nil) != (len(kinds) < 2) {
			rt.Fatalf("%d classes: error %v", len(kinds), err)
		}
		if err != nil {
			return
		}
		open := 0
		for i, class := range l.Of {
			got := ""
			if class >= 0 {
				got = l.Classes[class]
			} else if open++; l.Open()[open-1] != i {
				rt.Fatalf("items without labels: %v, not %d", l.Open(), i)
			}
			if got != classes[i] {
				rt.Fatalf("%q has the label %q, want %q", ids[i], got, classes[i])
			}
		}
		if l.Count() != len(ids)-open {
			rt.Fatalf("%d labels, want %d", l.Count(), len(ids)-open)
		}
	})
}

// Whatever the bytes, labels are refused or one for each item.
func FuzzLabels(f *testing.F) {
	f.Add("id,label\na,x\nb,y\n")
	f.Add("a,\"x\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ReadLabels(strings.NewReader(text), numbersOf("a", "b", "c"))
		if err == nil && (len(l.Of) != 3 || len(l.Classes) < 2) {
			t.Errorf("%q gives %v of %q", text, l.Of, l.Classes)
		}
	})
}
