package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
)

// source is the flags that say how DATA is read.
type source struct {
	opt     dataset.Options
	skipBad int // files that may be left out as they cannot be read, oneInAHundred for that
	app     *app
	cmd     *cobra.Command // whose context ends the reading of a folder
}

func (s *source) flags(a *app, c *cobra.Command) {
	s.formatFlags(a, c)
	f := c.Flags()
	f.Var(dimensions{&s.opt.Shape}, "size", "bring the images of a folder to this size (default: theirs, or a square as their smaller sides)")
	s.badFlag(f)
	f.IntVar(&s.opt.Depth, "depth", 0, "bits of the samples in 16-bit files of a folder that do not state it (default: decided from the files, or as MODEL was fitted)")
}

// formatFlags are those of a source whose images are read as other images were.
func (s *source) formatFlags(a *app, c *cobra.Command) {
	s.app, s.cmd = a, c
	f := c.Flags()
	f.Var(oneOf(&s.opt.Format, "idx", "cifar10", "cifar100", "list", "tar", "folder"), "format", "read DATA as this format (default: recognised)")
}

// keepPixels has the decoded images of DATA taken from the file of pixels beside a model or beside the output out, "" for none, and
// written to the latter if they do not fit in memory. It returns that file as an output.
func (s *source) keepPixels(model, out string) output.Output {
	p := dataset.Pixels{File: besideOutput(out, dataset.PixelsSuffix), Say: func(line string) { s.app.note("%s", line) }}
	if !output.Replaces(p.File) {
		p.File = ""
	}
	if model != "" {
		p.Found = []string{filepath.Clean(model) + dataset.PixelsSuffix}
	}
	s.opt.Pixels = p
	return output.Output{Flag: "the file of pixels", Path: p.File, Beside: []string{output.Partial}}
}

func (s *source) open(path string) (*dataset.Set, error) { return s.read(path, s.opt) }

// openToChoose opens path at a size to work at, where no flag says one.
func (s *source) openToChoose(path string) (*dataset.Set, error) {
	opt := s.opt
	opt.Working = choice.Size
	return s.read(path, opt)
}

// read opens DATA, and says what of it is not used and what was decided on the way. Files that cannot be read are left to
// check.
func (s *source) read(path string, opt dataset.Options) (*dataset.Set, error) {
	opt.BadLater = true
	set, err := dataset.OpenContext(s.cmd.Context(), path, opt)
	if wrong, ok := errors.AsType[dataset.OptionError](err); ok && s.cmd.Flags().Lookup(wrong.Option) != nil {
		return nil, usagef("%s: --%s %s", wrong.Path, wrong.Option, wrong.Wrong)
	}
	if err != nil {
		return nil, err
	}
	for _, n := range set.Notes {
		s.app.note("%s: %s", set.Path, n)
	}
	s.app.sayLeft(path, set.LeftOut())
	return set, nil
}

// sayLeft says what is left out of DATA, if anything is. That files are missing is no progress, which --quiet asks
// for none of.
func (a *app) sayLeft(path, left string) {
	if left != "" {
		fmt.Fprintf(visible{a.stderr, true}, "%s: %s\n", path, left)
	}
}

// openAs opens path for a model fitted on images of a shape, whose samples of 16 bits had
// so many bits. A folder has no shape of its own, so its images are brought to the
// model's, unless --size asks for another; and what their samples mean does not depend
// on what else is in the folder.
func (s *source) openAs(path string, want dataset.Shape, depth int) (*dataset.Set, error) {
	opt := s.opt
	opt.Fitted = want
	if opt.Depth == 0 {
		opt.Depth = cmp.Or(depth, 16)
	}
	set, err := s.read(path, opt)
	if err != nil {
		return nil, err
	}
	if s.opt.Depth == 0 && depth == 0 && dataset.Depth(set.Train) != 0 {
		s.app.note("%s: samples of 16 bits are taken as 16 bits, as the model was fitted on none that state less: --depth says otherwise", set.Path)
	}
	return set, nil
}

// openFor opens path for models: as images that the first was fitted on, in colour if one of
// them was. Images that the models cannot embed are an error.
func (s *source) openFor(models *smt.Ensemble, path string) (*dataset.Set, error) {
	members := models.Members()
	first := members[0].Model.Record().Data
	for _, m := range members {
		first.Shape.Channels = max(first.Shape.Channels, m.Model.Record().Data.Shape.Channels)
	}
	set, err := s.openAs(path, first.Shape, first.Depth)
	if err != nil {
		return nil, err
	}
	if _, err := models.Embeddings(set.Train); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), set.Close())
	}
	return set, nil
}

// flips reports whether all models were fitted with flips: those of embeddings can be told.
func flips(models *smt.Ensemble) bool {
	return !slices.ContainsFunc(models.Members(), func(m smt.Member) bool { return !m.Model.Config().Flips })
}

// openWith opens a model, and DATA for it.
func (s *source) openWith(model, data string) (*smt.Model, *dataset.Set, error) {
	m, err := smt.Load(model)
	if err != nil {
		return nil, nil, err
	}
	set, err := s.openAs(data, m.Record().Data.Shape, m.Record().Data.Depth)
	return m, set, err
}

// noteUnsummed says which of the models, read from path, are of files without checksums.
func (a *app) noteUnsummed(path string, models ...smt.Member) {
	for _, m := range models {
		if !m.Model.Record().Checksums {
			a.note("%s: the file of model %s has no checksums: whether it is as it was written cannot be told", path, m.Name)
		}
	}
}

// holdout splits n images chosen by the seed from src, and leaves at least one.
func holdout(flag string, src dataset.Source, n int, seed uint64) (rest, held dataset.Source, err error) {
	if n < 0 || n >= max(1, src.Len()) {
		return nil, nil, usagef("%s is %d: want 0 to %d, of %s", flag, n, src.Len()-1, plural.Of(src.Len(), "image"))
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
