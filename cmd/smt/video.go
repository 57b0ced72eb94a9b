package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/video"
)

// fitVideo is how smt fit learns from film.
func (a *app) fitVideo(s *settings, src *source) kind {
	own := pflag.NewFlagSet("video", pflag.ContinueOnError)
	own.SortFlags = false
	var colour bool
	own.BoolVar(&colour, "colour", false, "learn from the colours of frames, not from their gray levels")
	return kind{
		name: "video", endings: videosource.Films(), own: own,
		also: []string{"size", "atoms", "dictionary", "max-cosine", "patch", "center", "epsilon", "code", "threshold",
			"radius", "difference", "dims", "skip", "pool", "stride", "ridge", "config"},
		fit: func(ctx context.Context, data, out string) (result, error) {
			clips, left, err := videosource.Find(ctx, data)
			if err != nil {
				return nil, err
			}
			if err := output.Check([]output.Output{{Flag: "-o", Path: out, Beside: []string{partial}}}, clipInputs(clips)); err != nil {
				return nil, err
			}
			a.sayLeft(data, dataset.LeftFiles(left))
			start, err := startVideo(ctx, clips, s.file, src.opt.Shape)
			if err != nil {
				return nil, err
			}
			if own.Changed("colour") {
				start.Shape.Channels = 1
				if colour {
					start.Shape.Channels = 3
				}
			}
			cfg := a.videoConfig(s, start)
			if err := cfg.Validate(); err != nil {
				return nil, s.flagged(own, "video: config", err)
			}
			// A file says how many atoms and dimensions, as flags do.
			return a.fitVideoTo(ctx, out, clips, cfg, func(flag string) bool { return s.file != "" || s.fields.Changed(flag) })
		},
	}
}

// clipInputs are the files that clips are read from.
func clipInputs(clips []videosource.Clip) (ins []output.Input) {
	for _, c := range clips {
		for _, file := range c.Files() {
			ins = append(ins, output.Input{Name: "DATA", Path: file})
		}
	}
	return ins
}

// clipShape is the size of the frames of clips, which is one, unless another is wanted.
func clipShape(ctx context.Context, clips []videosource.Clip, want dataset.Shape) (dataset.Shape, error) {
	if want.Height > 0 {
		return want, nil
	}
	var first dataset.Shape
	for i, c := range clips {
		s, err := videosource.Size(ctx, c)
		if err != nil {
			return s, err
		}
		if i == 0 {
			first = s
		}
		if s.Height != first.Height || s.Width != first.Width {
			return s, fmt.Errorf("clip %s has frames of %d × %d, clip %s of %d × %d: want one size, or --size to bring them to",
				c.Name, s.Height, s.Width, clips[0].Name, first.Height, first.Width)
		}
	}
	return first, nil
}

// startVideo is what flags override: the configuration in a file or, without one, the preset for the frames of clips,
// in gray. A size that is wanted is taken as it is.
func startVideo(ctx context.Context, clips []videosource.Clip, file string, want dataset.Shape) (c video.Config, err error) {
	if file != "" {
		c, err = readConfig[video.Config](ctx, file)
	} else {
		var shape dataset.Shape
		shape, err = clipShape(ctx, clips, want)
		shape.Channels = 1
		c = video.Preset(shape)
	}
	if want.Height > 0 {
		c.Shape.Height, c.Shape.Width = want.Height, want.Width
	}
	return c, err
}

// videoConfig is the configuration to start from, with what flags say.
func (a *app) videoConfig(s *settings, c video.Config) video.Config {
	v := &s.value
	for name, set := range map[string]func(){
		"atoms": func() { c.Atoms = v.Atoms }, "dictionary": func() { c.Dictionary = video.Dictionary(v.Dictionary) },
		"max-cosine": func() { c.MaxCosine = v.MaxCosine }, "center": func() { c.Center = v.Center },
		"epsilon": func() { c.Whiten, c.Epsilon = v.Epsilon > 0, v.Epsilon },
		"code":    func() { c.Code = v.Code }, "threshold": func() { c.Threshold = v.Threshold },
		"radius": func() { c.Radius = v.Context.Radius }, "difference": func() { c.Difference = v.Context.Difference },
		"dims": func() { c.Dims = v.Dims }, "skip": func() { c.Skip = v.Skip }, "pool": func() { c.Pool = v.Pool },
		"ridge": func() { c.Ridge = v.Ridge },
		"patch": func() {
			if c.Patch = v.Patch; c.Patch == 0 {
				c.Stride = 0
			} else if c.Stride == 0 {
				c.Stride = max(1, c.Patch/2)
			}
		},
	} {
		if s.fields.Lookup(name).Changed {
			set()
		}
	}
	if s.fields.Lookup("stride").Changed { // after the patch, whose places it sets apart
		c.Stride = v.Stride
	}
	c.Seed = a.seedOr(c.Seed)
	return c
}

// fitVideoTo reads clips, fits a model to them and saves it. given tells the flags of cfg that were given.
func (a *app) fitVideoTo(ctx context.Context, path string, clips []videosource.Clip, cfg video.Config, given func(flag string) bool) (*fittedVideo, error) {
	if need, room := cfg.FitMemory(0), memory.Available(); room.Bytes > 0 && need > room.Bytes {
		return nil, fmt.Errorf("fitting %s to frames of %d × %d takes about %s of memory, and %s allows %s: want fewer --atoms, or a smaller --patch or --size",
			numberOf(cfg.Atoms, "atom"), cfg.Shape.Height, cfg.Shape.Width, size(need), room.By, size(room.Bytes))
	}
	r := &fittedVideo{}
	r.Model = path
	m, bytes, err := fitAndSave(ctx, a, path, func(p *progress, kept string) (*video.Model, error) {
		began := time.Now()
		frames, err := videosource.Load(ctx, clips, cfg.Shape, p.frames)
		if err != nil {
			return nil, err
		}
		r.ReadSeconds = time.Since(began).Seconds()
		run := manifold.Run{Progress: p.report, Warn: p.warn, Checkpoint: kept}
		m, err := video.FitFewer(ctx, frames, cfg, func(few *dictionary.TooFewError) (video.Config, bool) {
			fewer, ok := withFewer(cfg, given, few)
			if ok {
				p.close()
				apart := fmt.Sprintf("that are apart by --max-cosine %g", cfg.MaxCosine)
				if few.Centres {
					apart = "of two units each at least"
				}
				a.note("the frames have %s %s, not %s: these are taken, with %s", numberOf(fewer.Atoms, "atom"), apart, count(cfg.Atoms), numberOf(fewer.Dims, "dimension"))
			}
			return fewer, ok
		}, run)
		r.FitSeconds = time.Since(began).Seconds()
		if err == nil && m.VICReg().EigenvalueSum <= manifold.SumFloor {
			p.warn(errors.New("no coordinate changes from frame to frame: all frames of a clip have the same embedding; want more --dims, or --skip 1"))
		}
		return m, withFlags(err, cfg.Dims, cfg.Skip)
	})
	if err != nil {
		return nil, err
	}
	r.take(m, bytes)
	return r, nil
}

// withFewer is cfg with the atoms that frames have, which are fewer, where how many was not given. It
// has dimensions of half as many at the most, unless these were given.
func withFewer(cfg video.Config, given func(flag string) bool, few *dictionary.TooFewError) (video.Config, bool) {
	if given("atoms") {
		return cfg, false
	}
	cfg.Atoms = few.Found
	if !given("dims") {
		cfg.Dims = min(cfg.Dims, max(1, (cfg.Atoms-cfg.Skip)/2))
	}
	return cfg, cfg.Validate() == nil
}

// fittedVideo is what a fit to film came to.
type fittedVideo struct {
	fittedModel[video.Config, video.Data]
}

func (r *fittedVideo) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s\n", r.Model, size(r.ModelBytes))
	printFilm(w, r.Data, r.Config)
	fmt.Fprintf(w, "atoms, dimensions\t%s, %s\n", count(r.Config.Atoms), count(r.Config.Dims))
	r.printTail(w)
}

// printFilm says what a model was fitted on, and what its units are.
func printFilm(w io.Writer, d video.Data, c video.Config) {
	clips := "1 clip"
	if d.Clips > 1 {
		clips = numberOf(d.Clips, "clip")
	}
	fmt.Fprintf(w, "fitted on\t%s of %s, brought to %v\n", numberOf(d.Frames, "frame"), clips, c.Shape)
	if c.Patch == 0 {
		fmt.Fprintf(w, "units\tframes as a whole; %s have a code\n", count(int(d.Units)))
		return
	}
	fmt.Fprintf(w, "units\tpatches of %d × %d pixels, %d apart; %s have a code\n", c.Patch, c.Patch, c.Stride, count(int(d.Units)))
}
