package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
	"github.com/spf13/pflag"
)

// settings are the flags that make a Config: a preset or a file to start from,
// and single fields that override it.
type settings struct {
	preset, file string

	fields *pflag.FlagSet
	value  smt.Config // what the flags of fields set
}

func (s *settings) flags(f *pflag.FlagSet) {
	f.Var(oneOf(&s.preset, smt.Presets()...), "preset", "configuration to start from (default: mnist for gray images, cifar for colour)")
	f.StringVar(&s.file, "config", "", "`FILE` with a whole configuration to start from, as JSON: config of smt info --json")

	v := &s.value
	s.fields = pflag.NewFlagSet("fields", pflag.ContinueOnError)
	s.fields.SortFlags = false
	s.fields.IntVar(&v.Atoms, "atoms", 0, "size D of the dictionary")
	s.fields.Var(oneOf(&v.Dictionary, smt.Exemplars, smt.KMeans), "dictionary", "how atoms are chosen")
	s.fields.Float64Var(&v.MaxCosine, "max-cosine", 0, "exemplars are kept apart: their cosines are below this")
	s.fields.IntVar(&v.Patch, "patch", 0, "side of a patch, in pixels")
	s.fields.Var(oneOf(&v.Center, patch.CenterImage, patch.CenterPatch, patch.CenterNone), "center", "what the mean is taken over that is subtracted from a patch")
	s.fields.Float64Var(&v.Epsilon, "epsilon", 0, "turn whitening on, with this ε added to the eigenvalues of the covariance")
	s.fields.Var(oneOf(&v.Code, sparse.General, sparse.Nearest, sparse.Soft), "code", "sparse code")
	s.fields.Float64Var(&v.Threshold, "threshold", 0, "cosine t from which on an atom is active")
	s.fields.Var(oneOf(&v.Context.Kind, cooccur.Image, cooccur.Window), "context", "patches that co-occur: all of an image, or those near each other")
	s.fields.IntVar(&v.Context.Radius, "radius", 0, "radius of the window, in patches")
	s.fields.IntVar(&v.Context.Difference, "difference", 0, "1 for pairs of patches, 2 for a patch and the mean of its context")
	s.fields.IntVar(&v.Step, "step", 0, "distance of the patches that statistics are made of, 1 for every patch")
	s.fields.BoolVar(&v.Flips, "flips", false, "add the left-right flip of every image")
	s.fields.BoolVar(&v.Grayscale, "grayscale", false, "add the gray view of every image")
	s.fields.IntVar(&v.Dims, "dims", 0, "coordinates kept")
	s.fields.IntVar(&v.Skip, "skip", 0, "coordinates dropped before the first one kept")
	s.fields.IntVar(&v.Pool, "pool", 0, "side of a pooling window, in patches")
	s.fields.IntVar(&v.Stride, "stride", 0, "distance between pooling windows, in patches")
	s.fields.Float64Var(&v.Ridge, "ridge", 0, "added to the diagonal of V, times its mean")
	s.fields.IntVar(&v.Images, "images", 0, "at most this many images in the statistics, 0 for all")
	f.AddFlagSet(s.fields)
}

// config is the configuration the flags ask for, for images of so many channels.
func (s *settings) config(channels int, a *app) (smt.Config, error) {
	given := map[*pflag.Flag]string{}
	s.fields.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			given[f] = f.Value.String()
		}
	})
	// The flags write to s.value: put the start there and set them once more.
	var err error
	if s.value, err = s.start(channels); err != nil {
		return smt.Config{}, err
	}
	for f, value := range given {
		if err := f.Value.Set(value); err != nil {
			return smt.Config{}, usagef("--%s: %w", f.Name, err)
		}
	}
	c := s.value
	c.Seed = a.seedOr(c.Seed)
	c.Whiten = c.Whiten || s.fields.Lookup("epsilon").Changed
	if s.fields.Lookup("context").Changed && !s.fields.Lookup("radius").Changed && c.Context.Kind == cooccur.Image {
		c.Context.Radius = 0 // the preset's was of a window
	}
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}

func (s *settings) start(channels int) (smt.Config, error) {
	switch {
	case s.file != "":
		return readConfig(s.file)
	case s.preset != "":
		return smt.Preset(s.preset)
	case channels == 1:
		return smt.Preset("mnist")
	default:
		return smt.Preset("cifar")
	}
}

func readConfig(path string) (c smt.Config, err error) {
	f, err := os.Open(path)
	if err != nil {
		return c, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, usagef("config %s: %w", path, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, usagef("config %s: more than one JSON value", path)
	}
	return c, nil
}
