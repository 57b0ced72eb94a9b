package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
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

	seconds, processor float64 // that all items took to be indexed: by the clock, and of all processors
	search             float64 // seconds of a search for one item
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

// row is a measure of each method.
type row struct {
	name   string
	digits int // behind the point
	values []float64
}

// rows measure the methods at their own thresholds, and the best there are.
func (t *truth) rows(methods []*method) (all []row) {
	add := func(name string, digits int, value func(m *method) float64) {
		r := row{name, digits, make([]float64, len(methods))}
		for i, m := range methods {
			r.values[i] = value(m)
		}
		all = append(all, r)
	}
	percent := func(name string, value func(m *method) float64) {
		add(name, 1, func(m *method) float64 { return 100 * value(m) })
	}
	each := float64(t.copies) / float64(max(1, len(t.kinds)))
	add("threshold", 3, func(m *method) float64 { return m.threshold })
	percent("precision", func(m *method) float64 { c, _ := t.itself(m); return c.precision() })
	percent("recall", func(m *method) float64 { c, _ := t.itself(m); return c.recall(t.copies) })
	for _, kind := range t.kinds {
		percent("  "+kind, func(m *method) float64 { _, k := t.itself(m); return float64(k[kind]) / each })
	}
	add("best threshold", 3, t.best)
	percent("precision there", func(m *method) float64 { c, _ := t.at(m, t.best(m)); return c.precision() })
	percent("recall there", func(m *method) float64 { c, _ := t.at(m, t.best(m)); return c.recall(t.copies) })
	items := float64(t.photographs + t.copies)
	add("images a second", 0, func(m *method) float64 { return items / m.seconds })
	add("  of a processor", 0, func(m *method) float64 { return items / m.processor })
	add("search, ms", 2, func(m *method) float64 { return 1000 * m.search })
	return all
}

// printTable writes a column a method: of one draw what it measured, of several the mean and its standard error.
func printTable(to io.Writer, names []string, draws [][]row) {
	w := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "\t"+strings.Join(names, "\t"))
	for r, first := range draws[0] {
		fmt.Fprint(w, first.name)
		for m := range names {
			var values []float64
			for _, rows := range draws {
				values = append(values, rows[r].values[m])
			}
			mean, off := meanOf(values)
			fmt.Fprintf(w, "\t%.*f", first.digits, mean)
			if len(draws) > 1 {
				fmt.Fprintf(w, " ± %.*f", first.digits, off)
			}
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // of standard output or error
}

// meanOf is the mean of values, and its standard error.
func meanOf(values []float64) (mean, off float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		off += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(off / max(1, n-1) / n)
}
