package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
)

// chooses reports whether no configuration is named, so that it is chosen from the images.
func (s *settings) chooses() bool { return s.preset == "" && s.file == "" }

// toFit is what the flags ask for: how models are fitted, the images that are not held out, and, where the configuration was
// chosen from these, how.
func (a *app) toFit(ctx context.Context, s *settings, images dataset.Source, held int) ([]smt.Recipe, dataset.Source, *chosen, error) {
	if !s.chooses() {
		if s.explain {
			return nil, nil, nil, usagef("--explain-choice: %s says how to fit: want no --preset and no --config, or nothing is chosen", cmp.Or(s.preset, s.file))
		}
		recipes, err := s.recipes(ctx, images.Shape().Channels, a)
		if err != nil {
			return nil, nil, nil, err
		}
		images, _, err = holdout("--holdout", images, held, recipes[0].Config.Seed)
		return recipes, images, nil, err
	}
	film, err := choice.Film(ctx, images)
	if err != nil {
		return nil, nil, nil, err
	}
	if film {
		a.note("the images look like frames of film, as they are numbered in a row and each is near the next: --preset video learns what is slow in them")
	}
	images, _, err = holdout("--holdout", images, held, a.seedOr(choice.Seed))
	if err != nil {
		return nil, nil, nil, err
	}
	p := a.newProgress()
	defer p.close()
	given, v, room := s.given(), s.value, memory.Available()
	fixed := choice.Given{Patch: v.Patch, Atoms: v.Atoms, Dims: v.Dims, Skip: v.Skip, Pool: v.Pool, MaxCosine: v.MaxCosine}
	c, err := choice.Make(ctx, images, fixed, func(c smt.Config) (smt.Config, error) {
		c, err := s.override(c, given, a)
		if err != nil {
			return c, err
		}
		return c, enough(ctx, c, images, room) // before atoms are chosen
	}, p.report)
	if err != nil {
		return nil, nil, nil, withFlags(err, v.Dims, v.Skip)
	}
	p.close()
	for _, why := range c.Why {
		a.note("%s", why)
	}
	return []smt.Recipe{{Config: c.Config}}, images, &chosen{Choice: c, Settings: c.Table(), explain: s.explain}, nil
}

// chosen is a choice as a fit reports it.
type chosen struct {
	*choice.Choice
	Settings []choice.Row `json:"settings"`

	explain bool // --explain-choice
}

// print writes the table, where it is asked for.
func (c *chosen) print(w io.Writer) {
	if !c.explain {
		return
	}
	for _, r := range c.Settings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Setting, r.Value, r.Why)
	}
	fmt.Fprintln(w)
}
