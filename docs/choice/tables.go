package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
)

// tables prints what the records in the file at path come to.
func tables(path string, to io.Writer) error {
	sets, err := read(path)
	if err != nil {
		return err
	}
	w := &printer{w: to}
	byHand(sets, w)
	byChange(sets, w)
	byScore(sets, w)
	return w.err
}

// printer writes until there is an error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// trials are the records of one set.
type trials struct {
	set            string
	pixels, chosen record
	all            []record // but of pixels; the chosen is the first
}

// read reads records, set by set.
func read(path string) ([]trials, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var sets []trials
	for d := json.NewDecoder(f); ; {
		var r record
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) {
			return sets, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if r.Setting == "pixels" {
			sets = append(sets, trials{set: r.Set, pixels: r})
			continue
		}
		if len(sets) == 0 || sets[len(sets)-1].set != r.Set {
			return nil, fmt.Errorf("%s: a record of %s is not among those of its set", path, r.Set)
		}
		s := &sets[len(sets)-1]
		if r.Setting == "chosen" {
			s.chosen = r
		}
		s.all = append(s.all, r)
	}
}

// byHand prints how far chosen settings are from the best: the best on one half of the images held out is measured on the
// other, and the other way round, so that luck chooses nothing.
func byHand(sets []trials, w *printer) {
	w.line("| set | style | pixels | chosen | best by hand | by hand less chosen | the best, by either half |")
	w.line("| --- | --- | --- | --- | --- | --- | --- |")
	var gaps []float64
	for _, s := range sets {
		var each []float64 // of the images held out
		var names []string
		for h := range 2 {
			best := s.chosen
			for _, r := range s.all {
				if r.right(h) > best.right(h) {
					best = r
				}
			}
			each = append(each, differences(best.Right[1-h], s.chosen.Right[1-h])...)
			if !slices.Contains(names, best.Setting) {
				names = append(names, best.Setting)
			}
		}
		gap, deviation := mean(each)
		gaps = append(gaps, gap)
		w.line("| %s | %s | %.1f | %.1f | %.1f | %+.1f ± %.1f | %s |", s.set, s.chosen.Style, 100*s.pixels.top1(), 100*s.chosen.top1(),
			100*(s.chosen.top1()+gap), 100*gap, 100*deviation, strings.Join(names, "; "))
	}
	gap, deviation := mean(gaps)
	w.line("| mean | | | | | %+.1f ± %.1f | |\n", 100*gap, 100*deviation)
}

// byChange prints what each change alone is worth, in the mean over sets.
func byChange(sets []trials, w *printer) {
	gains := map[string][]float64{}
	for _, s := range sets {
		for _, r := range s.all {
			if r.Setting != "chosen" && !strings.Contains(r.Setting, ", ") {
				name := string(s.chosen.Style) + ": " + r.Setting
				gains[name] = append(gains[name], r.top1()-s.chosen.top1())
			}
		}
	}
	w.line("| change alone | sets | worth, in points | least | most |")
	w.line("| --- | --- | --- | --- | --- |")
	for _, name := range slices.Sorted(maps.Keys(gains)) {
		g := gains[name]
		worth, deviation := mean(g)
		w.line("| %s | %d | %+.1f ± %.1f | %+.1f | %+.1f |", name, len(g), 100*worth, 100*deviation, 100*slices.Min(g), 100*slices.Max(g))
	}
	w.line("")
}

// byScore prints how well scores order the settings of one style, and what it is worth to choose by them.
func byScore(sets []trials, w *printer) {
	w.line("| score | sets | rank correlation with accuracy | least | most | what it chooses, less the chosen |")
	w.line("| --- | --- | --- | --- | --- | --- |")
	names := map[string]bool{}
	for _, s := range sets {
		for name := range s.chosen.Scores {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		var rho, gain []float64
		for _, s := range sets {
			if _, has := s.chosen.Scores[name]; !has {
				continue
			}
			var score, top1 []float64
			best := s.chosen
			for _, r := range s.all {
				if r.Style != s.chosen.Style {
					continue
				}
				score, top1 = append(score, r.Scores[name]), append(top1, r.top1())
				if r.Scores[name] > best.Scores[name] {
					best = r
				}
			}
			rho, gain = append(rho, spearman(score, top1)), append(gain, best.top1()-s.chosen.top1())
		}
		r, dr := mean(rho)
		g, dg := mean(gain)
		w.line("| %s | %d | %+.2f ± %.2f | %+.2f | %+.2f | %+.1f ± %.1f |", name, len(rho), r, dr, slices.Min(rho), slices.Max(rho), 100*g, 100*dg)
	}
}

// top1 is the share of all images held out that is right.
func (r record) top1() float64 {
	a, b := float64(len(r.Right[0])), float64(len(r.Right[1]))
	return (a*r.right(0) + b*r.right(1)) / (a + b)
}

// differences are those of votes, image by image.
func differences(a, b string) []float64 {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = float64(a[i]) - float64(b[i])
	}
	return d
}

// mean is the mean of x and its standard error.
func mean(x []float64) (mean, deviation float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / (n - 1) / n)
}

// spearman is the rank correlation of x and y; equal values share their ranks.
func spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	middle := float64(len(x)-1) / 2
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - middle) * (b[i] - middle)
		aa += (a[i] - middle) * (a[i] - middle)
		bb += (b[i] - middle) * (b[i] - middle)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// ranks are the numbers of smaller values, and half of the equal others.
func ranks(x []float64) []float64 {
	r := make([]float64, len(x))
	for i, v := range x {
		for j, u := range x {
			switch {
			case u < v:
				r[i]++
			case u == v && j != i:
				r[i] += 0.5
			}
		}
	}
	return r
}
