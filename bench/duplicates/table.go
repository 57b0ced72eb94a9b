package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"
)

// truth is what items are copies of.
type truth struct {
	of, kind    map[string]string
	kinds       []string // in the order of the table
	photographs int
	copies      int
}

const photograph = "photograph"

func (t *truth) add(id, kind, of string) {
	t.of[id], t.kind[id] = of, kind
	if kind == photograph {
		t.photographs++
		return
	}
	t.copies++
	if !slices.Contains(t.kinds, kind) {
		t.kinds = append(t.kinds, kind)
	}
}

// method is one way to find pairs.
type method struct {
	name      string
	threshold float64          // what it takes without being told
	pairs     map[pair]float64 // scores
	own       map[pair]bool    // the pairs that it finds, where they are not those of the threshold
}

// pair are two items, the lesser name first.
type pair struct{ a, b string }

func pairOf(a, b string) pair { return pair{min(a, b), max(a, b)} }

// counts are pairs that were found, and those of them that are right.
type counts struct{ found, right int }

// precision and recall of pairs, of so many that there are.
func (c counts) precision() float64       { return float64(c.right) / float64(max(1, c.found)) }
func (c counts) recall(there int) float64 { return float64(c.right) / float64(max(1, there)) }
func (c counts) agreement(there int) float64 {
	return 2 * float64(c.right) / float64(max(1, c.found+there))
}

// at counts the pairs of a method with a score of at least so much, and the right ones of each kind.
func (t *truth) at(m *method, threshold float64) (counts, map[string]int) {
	reached := map[pair]bool{}
	for p, score := range m.pairs {
		if score >= threshold {
			reached[p] = true
		}
	}
	return t.count(reached)
}

// itself counts the pairs that a method finds without being told a threshold.
func (t *truth) itself(m *method) (counts, map[string]int) {
	if m.own != nil {
		return t.count(m.own)
	}
	return t.at(m, m.threshold)
}

// count counts pairs, and the right ones of each kind.
func (t *truth) count(pairs map[pair]bool) (c counts, kinds map[string]int) {
	kinds = map[string]int{}
	for p := range pairs {
		c.found++
		if t.of[p.a] != t.of[p.b] {
			continue
		}
		c.right++
		kind := t.kind[p.a]
		if kind == photograph {
			kind = t.kind[p.b]
		}
		kinds[kind]++
	}
	return c, kinds
}

// best is the threshold at which precision and recall have the largest harmonic mean.
func (t *truth) best(m *method) float64 {
	scored := slices.SortedFunc(maps.Keys(m.pairs), func(a, b pair) int { return cmp.Compare(m.pairs[b], m.pairs[a]) })
	best, most := math.Inf(1), -1.0
	var c counts
	for i, p := range scored {
		c.found++
		if t.of[p.a] == t.of[p.b] {
			c.right++
		}
		last := i+1 == len(scored) || m.pairs[scored[i+1]] < m.pairs[p]
		if last && c.agreement(t.copies) > most {
			best, most = m.pairs[p], c.agreement(t.copies)
		}
	}
	return best
}

// print writes a column a method: at its own threshold, and the best there is.
func (t *truth) print(to io.Writer, methods []*method) {
	w := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	row := func(name string, value func(m *method) string) {
		fmt.Fprint(w, name)
		for _, m := range methods {
			fmt.Fprint(w, "\t", value(m))
		}
		fmt.Fprintln(w)
	}
	percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
	each := t.copies / max(1, len(t.kinds))
	row("", func(m *method) string { return m.name })
	row("threshold", func(m *method) string { return fmt.Sprintf("%.3g", m.threshold) })
	row("precision", func(m *method) string { c, _ := t.itself(m); return percent(c.precision()) })
	row("recall", func(m *method) string { c, _ := t.itself(m); return percent(c.recall(t.copies)) })
	for _, kind := range t.kinds {
		row("  "+kind, func(m *method) string { _, k := t.itself(m); return percent(float64(k[kind]) / float64(each)) })
	}
	row("best threshold", func(m *method) string { return fmt.Sprintf("%.3g", t.best(m)) })
	row("precision there", func(m *method) string { c, _ := t.at(m, t.best(m)); return percent(c.precision()) })
	row("recall there", func(m *method) string { c, _ := t.at(m, t.best(m)); return percent(c.recall(t.copies)) })
	_ = w.Flush() // of standard output
}
