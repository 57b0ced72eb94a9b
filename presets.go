package smt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

var presets = map[string]Config{
	// Digits: small windows, few dimensions, no whitening ("Which choices suit which images" in docs/method.md). Patches of 8,
	// pooling over 6 and 128 dimensions did better than 6, 4 and 32 on training
	// images held out.
	"mnist": {
		Patch: 8, Center: patch.CenterPatch,
		Atoms: 8192, Dictionary: Exemplars, MaxCosine: 0.95,
		Code: sparse.General, Threshold: 0.7,
		Context: cooccur.Context{Kind: cooccur.Window, Radius: 3, Difference: 1}, Step: 1,
		Dims: 128, Ridge: 1e-6, Pool: 6, Stride: 2, Components: 320, Power: 0.5, Sample: 4096, Images: 1000, Seed: 1,
	},
	// Photographs: the paper's values ("The image pipeline" in docs/method.md), but for what did better on
	// training images held out: the mean of the patch, not of the image, is
	// subtracted, windows of 6 patches, 3 apart, are pooled, not 4 and 2, and the low
	// spatial frequencies of the cells are compared, not the cells. 5,000 images are counted, as more
	// did no better ("Half the time" in docs/research).
	"cifar": {
		Patch: 6, Center: patch.CenterPatch, Whiten: true, Epsilon: 1e-3,
		Atoms: 8192, Dictionary: Exemplars, MaxCosine: 0.4,
		Code: sparse.General, Threshold: 0.3,
		Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Step: 1,
		Flips: true, Dims: 384, Skip: 16, Ridge: 1e-6, Pool: 6, Stride: 3, Spectrum: 4, Components: 2000, Power: 0.5,
		Sample: 4096, Images: 5000, Seed: 1,
	},
}

// fastImages are counted by a configuration for speed.
const fastImages = 2500

// Fast is c for speed: no more than 2,500 images are counted, and embeddings are made of a quarter of the
// patches, unless patches or pooling windows are so small that these leave gaps. What that costs is in
// "Half the time" in docs/research.
func (c Config) Fast() Config {
	if min(c.Patch, c.Pool) >= leastThinned {
		c.Thin = 4
	}
	if c.Images == 0 || c.Images > fastImages {
		c.Images = fastImages
	}
	return c
}

// Presets lists the names that Preset knows.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// Preset returns a configuration by name: "mnist" for digits and other drawings,
// "cifar" for photographs.
func Preset(name string) (Config, error) {
	c, ok := presets[name]
	if !ok {
		return Config{}, fmt.Errorf("smt: preset %q: want one of %s", name, strings.Join(Presets(), ", "))
	}
	return c, nil
}
