package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
)

func (a *app) fit() *cobra.Command {
	var (
		src     source
		set     settings
		out     string
		held    int
		split   string
		profile string
	)
	kinds := a.kinds(&set, &src)
	c := &cobra.Command{
		Use:   "fit DATA -o MODEL",
		Short: "Learn a model from images, words, vectors or film",
		Long: `Learn a model from the images of DATA, without their labels, or from another kind of DATA,
which its preset names, or the ending of the file: words from text (.txt, .tsv, also .gz),
vectors from a NumPy array or a Parquet file (.npy, .parquet), a row a point, or what is slow
in film (.gif, .y4m and, where ffmpeg is installed, .mp4, .avi and others; with --preset
video a folder of frames or of clips).

DATA is a folder of IDX files (as MNIST), the binary CIFAR-10 or CIFAR-100, a
folder of image files, or a list of them: a .txt file with a path a line, and a label after a tab. A tar of image
files does as well, or a list of tars: name.jpg has its label in name.cls beside it, or none has one. The configuration is chosen from the images, without labels, by rules and
a small trial, and a line says how; --explain-choice prints all of it. Folders of images that are large are brought to
32 pixels; --size says otherwise. --preset and --config choose nothing. Flags override fields.

The preset best is several models that see different things in images: of colour images
one sees gray views; gray images are taken for digits or letters, and one straightens them.
MODEL is then a folder, which smt eval and smt embed take as they take a model: they set its models
side by side. Models that are done are not fitted again.

The statistics of images, words and film collected so far, and the neighbours of vectors
found so far, are kept in MODEL.partial, every few minutes and on Ctrl-C, until the model is
saved, and the same command goes on from them. Of more than 16,384 atoms the codes of images
are kept beside it as they are made. Decoded images of a folder that do not fit in memory are in
MODEL.pixels, which the next commands take up; it may be removed. The same seed gives the same file, byte for byte.`,
		Example: `  smt fit data/mnist -o mnist.safetensors
  smt fit data/cifar-10-batches-bin -o cifar.safetensors --atoms 16384
  smt fit data/cifar-10-batches-bin -o best --preset best
  smt fit data/cifar-10-batches-bin -o fast.safetensors --fast
  smt fit data/mnist -o digits --preset best
  smt fit photos -o photos.safetensors --explain-choice
  smt fit photos --size 64x64 -o photos.safetensors --holdout 1000
  smt fit points.npy -o points.safetensors --dims 2
  smt fit street.mp4 -o street.safetensors`,
		Args: args("DATA"),
	}
	c.RunE = a.run(func(ctx context.Context, args []string) (err error) {
		out, profile = output.Named(out), output.Named(profile)
		k := kindOf(kinds, &set, &src, args[0])
		if err := checkKind(c.Flags(), kinds, k, args[0]); err != nil {
			return err
		}
		if k != nil {
			if err := output.Check(set.outputs(out, profile), []output.Input{{Name: "DATA", Path: args[0]}, {Name: "--config", Path: set.file}}); err != nil {
				return err
			}
			return a.fitKind(ctx, k, args[0], out, profile)
		}
		if err := output.Check(append(set.outputs(out, profile), src.badList(out), src.keepPixels("", out)), append(dataInputs("DATA", args[0]), output.Input{Name: "--config", Path: set.file})); err != nil {
			return err
		}
		open := src.open
		if set.chooses() {
			open = src.openToChoose
		}
		data, err := open(args[0])
		if err != nil {
			return withPreset(ctx, err, args[0])
		}
		defer data.Close()
		if _, err := pick(data, split); err != nil {
			return err
		}
		if err := src.check(ctx, data, out); err != nil {
			return err
		}
		images, err := pick(data, split)
		if err != nil {
			return err
		}
		stop, err := a.startProfile(ctx, profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		recipes, images, chosen, err := a.toFit(ctx, &set, images, held)
		if err != nil {
			return err
		}
		if recipes[0].Name != "" {
			r, err := a.fitMembers(ctx, out, images, held, recipes)
			if err != nil {
				return err
			}
			if err := src.listBad(data, out); err != nil {
				return err
			}
			r.Bad = data.Bad
			return a.emit(r, profile)
		}
		var more []smt.Option
		if chosen != nil {
			more = append(more, smt.Encoded(chosen.Encoder))
		}
		r, err := a.fitTo(ctx, out, images, recipes[0].Config, more...)
		if err != nil {
			return err
		}
		if err := src.listBad(data, out); err != nil {
			return err
		}
		r.Holdout, r.Choice, r.Bad = held, chosen, data.Bad
		return a.emit(r, out, profile)
	})
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "`MODEL` to write, a safetensors file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	set.flags(f, kinds)
	f.IntVar(&held, "holdout", 0, "leave out this many images, chosen by the seed, 0 for none: smt eval --holdout tests on them")
	f.Var(oneOf(&split, "train", "test"), "split", "images to learn from (default: train)")
	src.flags(a, c)
	f.StringVar(&profile, "cpuprofile", "", "write a CPU profile to `FILE`")
	for _, k := range kinds {
		f.AddFlagSet(k.own)
	}
	return c
}

// partial follows a model's name in that of its statistics, until it is saved.
const partial = output.Partial

// fitTo fits a model and saves it. more says what of the work is done already.
func (a *app) fitTo(ctx context.Context, path string, images dataset.Source, cfg smt.Config, more ...smt.Option) (*fitted, error) {
	room := memory.Available()
	if err := enough(ctx, cfg, images, room); err != nil {
		return nil, err
	}
	if err := keepBeside(ctx, estimate.Fit(cfg, estimate.Of(images))+residing(images), images, room); err != nil {
		return nil, err
	}
	if err := a.roomToFit(path, images, cfg); err != nil {
		return nil, err
	}
	var spent time.Duration
	m, bytes, err := fitAndSave(ctx, a, path, func(p *progress, kept string) (*smt.Model, error) {
		began := time.Now()
		m, err := smt.Fit(ctx, images, cfg, append(more, smt.Progress(p.report), smt.Warn(p.warn), smt.Checkpoint(kept),
			smt.Active(func(perPatch float64) error {
				if err := keepBeside(ctx, needToCount(cfg, images, perPatch), images, room); err != nil {
					return err
				}
				return enoughToCount(cfg, images, perPatch, room)
			}))...)
		spent = time.Since(began)
		return m, withFlags(err, cfg.Dims, cfg.Skip)
	})
	if err != nil {
		return nil, err
	}
	return newFitted(path, m, bytes, spent), nil
}

// roomToFit finds out before the work whether there is room for a model, and says if
// there is none for what is kept of the work.
func (a *app) roomToFit(path string, images dataset.Source, cfg smt.Config) error {
	model, kept := estimate.ModelFile(cfg, images.Shape()), estimate.Checkpoint(cfg, images.Len())
	if err := roomFor(need{path: path, bytes: model}); err != nil {
		return err
	}
	files := 2 * kept // a checkpoint is written beside the former one
	if cfg.Packed() {
		files += kept / 2 // of codes
	}
	if err := roomFor(need{path: path, bytes: files, being: output.Target(path) + partial}); err != nil && output.Replaces(path) {
		a.note("little room on disk: the statistics take %s, and what is kept of them up to %s, and may not be kept", size(kept), size(files))
	}
	return nil
}

// withFlags says which flags ask for atoms that there are, where there are too few, and for no more coordinates
// than these have.
func withFlags(err error, dims, skip int) error {
	var few *dictionary.TooFewError
	if !errors.As(err, &few) {
		return err
	}
	var flags []string
	switch most := few.Found - skip; {
	case few.Found < 2: // which no configuration takes
	case most >= dims:
		flags = append(flags, fmt.Sprintf("--atoms %d", few.Found))
	case most > 0:
		flags = append(flags, fmt.Sprintf("--atoms %d with --dims %d, not %d", few.Found, most, dims))
	}
	if few.Enough > 0 {
		flags = append(flags, fmt.Sprintf("--max-cosine %g", few.Enough))
	}
	if flags == nil {
		return err
	}
	found, _, _ := strings.Cut(err.Error(), ": ask for ") // the same in the words of the package
	return fmt.Errorf("%s: %s would do, or give more %s", found, strings.Join(flags, " or "), cmp.Or(few.Groups, "images"))
}

// withPreset says how to learn from what was not recognised as images: of a folder with film that this is so, and of a
// file which presets there are.
func withPreset(ctx context.Context, err error, path string) error {
	info, e := os.Stat(path)
	switch {
	case e == nil && info.Mode().IsRegular():
		return fmt.Errorf("%w; of other files a preset says what they are: --preset words, vectors or video", err)
	case e != nil || !info.IsDir():
		return err
	}
	clips, _, e := videosource.Find(ctx, path)
	if e != nil {
		return err
	}
	for _, c := range clips {
		if videosource.IsFilm(c.Path) {
			return fmt.Errorf("%w; it holds film (%s), from which --preset video learns", err, c.Name)
		}
	}
	return err
}

// pick is the split of a set; without a name the images to learn from.
func pick(set *dataset.Set, split string) (dataset.Source, error) {
	if split != "test" {
		return set.Train, nil
	}
	if set.Test == nil {
		return nil, usagef("--split is test: %s has no test split", set.Path)
	}
	return set.Test, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// outputs are what fit writes: a model or, for the preset best, a folder of models.
func (s *settings) outputs(out, profile string) []output.Output {
	beside := []string{partial, partial + manifold.Codes}
	outs := []output.Output{{Flag: "-o", Path: out, Beside: beside}}
	if s.preset == best {
		var files []string
		for _, p := range slices.Concat(smt.Best(), smt.BestGray()) {
			files = append(files, filepath.Base(modelfile.Path(out, p.Name)))
		}
		outs = within("-o", out, beside, files...)
	}
	return append(outs, output.Output{Flag: "--cpuprofile", Path: profile})
}

// startProfile writes a CPU profile to path until stop is called. Without a
// path there is none.
func (a *app) startProfile(ctx context.Context, path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := a.create(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("cpuprofile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("cpuprofile: %w", err), f.Abort())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Commit()
	}, nil
}
