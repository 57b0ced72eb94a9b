package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/spf13/cobra"
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
	c := &cobra.Command{
		Use:   "fit DATA -o MODEL",
		Short: "Learn a model from images",
		Long: `Learn a model from the images of DATA, without their labels.

DATA is a folder of IDX files (as MNIST), the binary CIFAR-10 or CIFAR-100, or a
folder of image files. The configuration is a preset, made for gray or for colour
images, or a file, and the flags given override its fields.

The preset best is several models that see different things in colour images. MODEL is
then a folder, which smt eval and smt embed take as they take a model: they set its models
side by side. Models that are done are not fitted again.

The statistics collected so far are kept in MODEL.partial, every few minutes and on
Ctrl-C, until the model is saved, and the same command goes on from them. The same seed
gives the same file, byte for byte.`,
		Example: `  smt fit data/mnist -o mnist.safetensors
  smt fit data/cifar-10-batches-bin -o cifar.safetensors --atoms 16384
  smt fit data/cifar-10-batches-bin -o best --preset best
  smt fit photos --size 64x64 -o photos.safetensors --holdout 1000`,
		Args: args("DATA"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			data, err := src.open(args[0])
			if err != nil {
				return err
			}
			defer data.Close()
			images, err := pick(data, split)
			if err != nil {
				return err
			}
			parts, err := set.parts(images.Shape().Channels, a)
			if err != nil {
				return err
			}
			if images, _, err = holdout("--holdout", images, held, parts[0].Config.Seed); err != nil {
				return err
			}
			stop, err := startProfile(profile)
			if err != nil {
				return err
			}
			defer stop()
			if parts[0].Name != "" {
				r, err := a.fitParts(ctx, out, images, held, parts)
				if err != nil {
					return err
				}
				return a.emit(r)
			}
			r, err := a.fitTo(ctx, out, images, parts[0].Config)
			if err != nil {
				return err
			}
			r.Holdout = held
			return a.emit(r)
		}),
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "`MODEL` to write, a safetensors file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	set.flags(f)
	f.IntVar(&held, "holdout", 0, "leave out this many images, chosen by the seed, 0 for none: smt eval --holdout tests on them")
	f.Var(oneOf(&split, "train", "test"), "split", "images to learn from (default: train)")
	src.flags(a, c)
	f.StringVar(&profile, "cpuprofile", "", "write a CPU profile to `FILE`")
	return c
}

type fitted struct {
	Model      string `json:"model"`
	ModelBytes int64  `json:"model_bytes"`
	fitImages
	Holdout    int        `json:"holdout"`
	FitSeconds float64    `json:"fit_seconds"`
	Peak       int64      `json:"peak_rss_bytes"`
	Config     smt.Config `json:"config"`
	smt.VICReg

	model *smt.Model
}

// partial follows a model's name in that of its statistics, until it is saved.
const partial = ".partial"

// fitTo fits a model and saves it.
func (a *app) fitTo(ctx context.Context, path string, images dataset.Source, cfg smt.Config) (*fitted, error) {
	if err := writable(path); err != nil {
		return nil, err
	}
	if err := enough(cfg, images.Shape(), images.Len(), memory.Available()); err != nil {
		return nil, err
	}
	kept := path + partial
	if exists(kept) {
		a.note("going on from the statistics in %s", kept)
	}
	goesOn := func(err error) error {
		if exists(kept) {
			return fmt.Errorf("%w; the same command goes on from %s", err, kept)
		}
		return err
	}
	p := a.newProgress()
	defer p.close()
	began := time.Now()
	m, err := smt.Fit(ctx, images, cfg, smt.Progress(p.report), smt.Warn(p.warn), smt.Checkpoint(kept))
	if err != nil {
		if ctx.Err() != nil {
			err = goesOn(err)
		}
		return nil, err
	}
	spent := time.Since(began)
	if err := m.Save(path); err != nil {
		return nil, goesOn(err)
	}
	if err := remove(kept); err != nil { // the model is on disk
		return nil, err
	}
	return newFitted(path, m, spent)
}

// remove removes a file that may not be there.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// newFitted is the report of a model that was saved.
func newFitted(path string, m *smt.Model, spent time.Duration) (*fitted, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return &fitted{
		Model: path, ModelBytes: info.Size(), fitImages: fitImagesOf(m),
		FitSeconds: spent.Seconds(), Peak: memory.Peak(), Config: m.Config(), VICReg: m.VICReg(), model: m,
	}, nil
}

func (r *fitted) print(w io.Writer) {
	r.describe(w)
	printPeak(w, r.Peak)
}

func (r *fitted) describe(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s\n", r.Model, size(r.ModelBytes))
	images := r.fitImages.String()
	if r.Holdout > 0 {
		images += fmt.Sprintf("; %s others held out", count(r.Holdout))
	}
	fmt.Fprintf(w, "fitted on\t%s\n", images)
	fmt.Fprintf(w, "atoms, dimensions\t%s, %s\n", count(r.Config.Atoms), count(r.Config.Dims))
	printVICReg(w, r.VICReg)
	if r.FitSeconds == 0 {
		fmt.Fprintf(w, "time\tit was there\n")
		return
	}
	fmt.Fprintf(w, "time\tfit %s\n", seconds(r.FitSeconds))
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

// writable finds out before the work whether its result can be written to path.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder: want the name of a file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".smt-*")
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err // not the name of the trial file
		}
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Remove(f.Name())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// startProfile writes a CPU profile to path until stop is called. Without a
// path there is none.
func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("cpuprofile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("cpuprofile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
