package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
)

const (
	toLearn  = 500 // images that are learned from, where the set does not say
	mostHeld = 500 // images that are voted on, half of them to find the best setting by
	toScore  = 100 // images of those learned from that scores are of
	combined = 3   // changes that a hand makes together, at the most
	twice    = 14  // side of the images, at the most, where two more models are fitted, each to one half of them
)

// record is one setting of one set.
type record struct {
	Set     string
	Setting string // "chosen", "pixels", or the changes
	Style   choice.Style
	Right   [2]string // of the images held out, half by half: 1 for those that are voted right
	Scores  map[string]float64
	Seconds float64 // of the fit
	Config  *smt.Config
}

// right is the share of half h that is right, 0 for a setting that cannot be fitted.
func (r record) right(h int) float64 {
	n := 0
	for _, b := range r.Right[h] {
		n += int(b - '0')
	}
	return float64(n) / float64(max(1, len(r.Right[h])))
}

// searches looks for better settings of each set, and writes records as they come.
func searches(ctx context.Context, sets []string, to io.Writer) error {
	for _, name := range sets {
		set, err := open(name)
		if err == nil {
			err = search(ctx, set, json.NewEncoder(to))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// a searcher tries settings on one set.
type searcher struct {
	set    images
	pick   func(dataset.Source) (learned dataset.Source, held [2]dataset.Source)
	to     *json.Encoder
	chosen plan
}

// search tries each change of the chosen setting by itself, and then, for either half of the images held out, the
// best ones by that half together.
func search(ctx context.Context, set images, to *json.Encoder) error {
	n := cmp.Or(set.learned, toLearn)
	if set.whole.Len() < n+100 {
		return fmt.Errorf("it has %d images: want 100 more than the %d learned from", set.whole.Len(), n)
	}
	s := searcher{set: set, to: to, pick: func(src dataset.Source) (dataset.Source, [2]dataset.Source) {
		_, some := dataset.Holdout(src, min(src.Len(), n+mostHeld), seed)
		learned, held := dataset.Holdout(some, some.Len()-n, seed)
		a, b := dataset.Holdout(held, held.Len()/2, seed)
		return learned, [2]dataset.Source{a, b}
	}}
	learned, held := s.pick(set.source())
	if err := s.pixels(ctx, learned, held); err != nil {
		return err
	}
	ch, err := choice.Make(ctx, learned, choice.Given{}, func(c smt.Config) (smt.Config, error) { return c, nil }, func(string, int, int) {})
	if err != nil {
		return err
	}
	s.chosen = plan{style: ch.Style, side: set.side}
	first, err := s.try(ctx, nil)
	if err != nil {
		return err
	}
	list := tried(s.chosen, shorter(learned), shorter(set.whole), n)
	alone := make([]record, len(list))
	for i, c := range list {
		if alone[i], err = s.try(ctx, []change{c}); err != nil {
			return err
		}
	}
	made := map[string]bool{}
	for h := range held {
		for _, changes := range together(list, alone, first, h) {
			if made[label(changes)] {
				continue
			}
			made[label(changes)] = true
			if _, err := s.try(ctx, changes); err != nil {
				return err
			}
		}
	}
	return nil
}

// together are the changes that are better than the first setting on half h, the best two, three and so on.
func together(list []change, alone []record, first record, h int) (sets [][]change) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(alone[j].right(h), alone[i].right(h)) })
	var taken []int
	for _, i := range order {
		if alone[i].right(h) <= first.right(h) || len(taken) == combined {
			break
		}
		if slices.ContainsFunc(taken, func(j int) bool { return list[i].field == list[j].field }) {
			continue
		}
		taken = append(taken, i)
		if len(taken) > 1 {
			var changes []change
			for _, j := range slices.Sorted(slices.Values(taken)) {
				changes = append(changes, list[j])
			}
			sets = append(sets, changes)
		}
	}
	return sets
}

// label names changes.
func label(changes []change) string {
	if len(changes) == 0 {
		return "chosen"
	}
	name := changes[0].name
	for _, c := range changes[1:] {
		name += ", " + c.name
	}
	return name
}

// try fits a model with these changes, and writes how good it is, and what the scores say. Of a change that no model can be
// fitted with nothing is written.
func (s *searcher) try(ctx context.Context, changes []change) (record, error) {
	r, err := s.trial(ctx, changes)
	if err != nil && ctx.Err() == nil && len(changes) > 0 {
		fmt.Fprintf(os.Stderr, "%s: %s: %v\n", r.Set, r.Setting, err)
		return record{}, nil
	}
	return r, err
}

func (s *searcher) trial(ctx context.Context, changes []change) (record, error) {
	p := s.chosen.with(changes)
	learned, held := s.pick(s.set.at(p.side))
	r := record{Set: s.set.name, Setting: label(changes), Style: p.style}
	began := time.Now()
	m, err := fitted(ctx, p, learned)
	if err != nil {
		return r, fmt.Errorf("%s: %w", r.Setting, err)
	}
	r.Seconds = time.Since(began).Seconds()
	c := m.Config()
	r.Config = &c
	for h := range held {
		right, err := modelVotes(ctx, m, learned, held[h], c.Flips)
		if err != nil {
			return r, err
		}
		r.Right[h] = bits(right)
	}
	_, some := dataset.Holdout(learned, min(toScore, learned.Len()), seed+1)
	if r.Scores, err = scores(ctx, m, some); err != nil {
		return r, err
	}
	if shorter(s.set.source()) <= twice {
		if r.Scores["two models"], err = agreement(ctx, p, learned, some); err != nil {
			return r, err
		}
	}
	fmt.Fprintf(os.Stderr, "%s: %s: %.1f %.1f, %.1f s\n", r.Set, r.Setting, 100*r.right(0), 100*r.right(1), r.Seconds)
	return r, s.to.Encode(r)
}

// agreement is the share of common neighbours of images of `some` in two models of a plan, each fitted to one half of src.
func agreement(ctx context.Context, p plan, src, some dataset.Source) (float64, error) {
	var halves [2]dataset.Source
	halves[0], halves[1] = dataset.Holdout(src, src.Len()/2, seed)
	var near [2][][]int
	for k, half := range halves {
		m, err := fitted(ctx, p, half)
		if err != nil {
			return 0, err
		}
		x, err := embedded(ctx, m, some)
		if err != nil {
			return 0, err
		}
		if near[k], err = neighbours(ctx, x); err != nil {
			return 0, err
		}
	}
	return common(near[0], near[1]), nil
}

// pixels writes the record of the cosines of pixels.
func (s *searcher) pixels(ctx context.Context, learned dataset.Source, held [2]dataset.Source) error {
	r := record{Set: s.set.name, Setting: "pixels"}
	for h := range held {
		right, err := pixelVotes(ctx, learned, held[h])
		if err != nil {
			return err
		}
		r.Right[h] = bits(right)
	}
	return s.to.Encode(r)
}

// fitted is the model of a plan, with as many of its atoms as the images hold.
func fitted(ctx context.Context, p plan, src dataset.Source) (*smt.Model, error) {
	return choice.Fit(ctx, src, p.config(known(src)))
}

// bits are votes as digits, 1 for those that are right.
func bits(right []bool) string {
	b := make([]byte, len(right))
	for i, r := range right {
		b[i] = '0'
		if r {
			b[i] = '1'
		}
	}
	return string(b)
}
