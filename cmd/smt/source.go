package main

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/spf13/pflag"
)

// source is the flags that say how DATA is read.
type source struct{ opt dataset.Options }

func (s *source) flags(f *pflag.FlagSet) {
	f.Var(oneOf(&s.opt.Format, "idx", "cifar10", "cifar100", "folder"), "format", "read DATA as this format (default: recognised)")
	f.Var(dimensions{&s.opt.Shape}, "size", "bring the images of a folder to this size (default: theirs, or their smallest side)")
}

func (s *source) open(path string) (*dataset.Set, error) { return dataset.Open(path, s.opt) }

// openAs opens path for a model fitted on images of a shape. A folder has no
// shape of its own, so its images are brought to the model's, unless --size asks
// for another.
func (s *source) openAs(path string, want dataset.Shape) (*dataset.Set, error) {
	opt := s.opt
	set, err := dataset.Open(path, opt)
	if err != nil || set.Format != "folder" {
		return set, err
	}
	if opt.Shape.Height == 0 {
		opt.Shape = want
	}
	opt.Shape.Channels = want.Channels
	if set.Train.Shape() == opt.Shape {
		return set, nil
	}
	if err := set.Close(); err != nil {
		return nil, err
	}
	return dataset.Open(path, opt)
}

// openWith opens a model, and DATA for it.
func (s *source) openWith(model, data string) (*smt.Model, *dataset.Set, error) {
	m, err := smt.Load(model)
	if err != nil {
		return nil, nil, err
	}
	set, err := s.openAs(data, m.Data().Shape)
	return m, set, err
}

// holdout splits n images chosen by the seed from src, and leaves at least one.
func holdout(flag string, src dataset.Source, n int, seed uint64) (rest, held dataset.Source, err error) {
	if n < 0 || n >= max(1, src.Len()) {
		return nil, nil, usagef("%s is %d: want 0 to %d, of %d images", flag, n, src.Len()-1, src.Len())
	}
	rest, held = dataset.Holdout(src, n, seed)
	return rest, held, nil
}

// bound is src, or n of its images chosen by the seed if n is not 0.
func bound(flag string, src dataset.Source, n int, seed uint64) (dataset.Source, error) {
	if n < 0 || n > src.Len() {
		return nil, usagef("%s is %d: want 1 to %d, or 0 for all", flag, n, src.Len())
	}
	if n == 0 {
		return src, nil
	}
	_, held := dataset.Holdout(src, n, seed)
	return held, nil
}
