// Package smttest has what tests of several packages share: small configurations and images, and shards that are added.
package smttest

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Small is a configuration that fits in well under a second.
func Small() smt.Config {
	return smt.Config{
		Patch: 4, Center: patch.CenterImage, Whiten: true, Epsilon: 1e-3,
		Atoms: 60, Dictionary: smt.Exemplars, MaxCosine: 0.9,
		Code: sparse.General, Threshold: 0.3,
		Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2},
		Flips:   true, Dims: 12, Skip: 2, Ridge: 1e-6, Pool: 3, Stride: 2, Sample: 50, Seed: 1,
	}
}

// Variants are base and what other choices of codes, contexts and pooling make of it.
func Variants(base smt.Config) map[string]smt.Config {
	all := map[string]smt.Config{"photographs": base}
	for name, change := range map[string]func(*smt.Config){
		"no flips":   func(c *smt.Config) { c.Flips = false },
		"gray views": func(c *smt.Config) { c.Grayscale = true },
		"soft":       func(c *smt.Config) { c.Code = sparse.Soft },
		"l1":         func(c *smt.Config) { c.Code, c.Threshold = sparse.L1, 0.2 },
		"nearest":    func(c *smt.Config) { c.Code = sparse.Nearest },
		"window":     func(c *smt.Config) { c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 2, Difference: 1} },
		"window, second difference": func(c *smt.Config) {
			c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 2}
		},
		"patch mean, not whitened": func(c *smt.Config) {
			c.Center, c.Whiten, c.MaxCosine, c.Threshold, c.Dims = patch.CenterPatch, false, 0.95, 0.6, 6
		},
		"spectrum":           func(c *smt.Config) { c.Spectrum = 99 },
		"low frequencies":    func(c *smt.Config) { c.Spectrum = 2 },
		"spectrum, no flips": func(c *smt.Config) { c.Spectrum, c.Flips = 2, false },
		"components":         func(c *smt.Config) { c.Spectrum, c.Components, c.Power = 2, 20, 0.4 },
		"components of cells": func(c *smt.Config) {
			c.Components, c.Power = 24, 0.7
		},
		"half the patches":         func(c *smt.Config) { c.Spectrum, c.Thin, c.Stride = 2, 2, 1 },
		"a quarter, cells":         func(c *smt.Config) { c.Thin = 4 },
		"a quarter of the patches": func(c *smt.Config) { c.Thin, c.Spectrum, c.Components, c.Power = 4, 2, 20, 0.4 },
		"components, no flips":     func(c *smt.Config) { c.Components, c.Power, c.Flips = 15, 0.4, false },
	} {
		c := base
		change(&c)
		all[name] = c
	}
	return all
}
