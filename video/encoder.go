package video

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// Encoder is what is settled before co-occurrence is counted: whitening and atoms. It is immutable and safe for
// concurrent use.
//
// Fit is NewEncoder, Collect and Solve in a row. Shards of clips are collected apart with the same encoder, which the
// same frames, configuration and seed lead to, and their statistics added.
type Encoder struct {
	cfg    Config
	places videosource.Places
	dict   *dictionary.Dictionary
	engine *manifold.Encoder
}

// whitenUnits is about how many units whitening is learned from: those of all places, at stride 1, of frames that
// the seed chooses.
const whitenUnits = 1 << 18

// NewEncoder learns whitening and atoms from frames. progress may be nil.
func NewEncoder(ctx context.Context, frames *videosource.Frames, cfg Config, progress manifold.Progress) (*Encoder, error) {
	return newFewer(ctx, frames, cfg, nil, progress)
}

// A Fewer is the configuration to go on with where frames have too few atoms for another, and whether there is one.
type Fewer func(few *dictionary.TooFewError) (Config, bool)

// newFewer is NewEncoder which, if fewer is not nil, goes on with fewer atoms. The whitening is learned once.
func newFewer(ctx context.Context, frames *videosource.Frames, cfg Config, fewer Fewer, progress manifold.Progress) (*Encoder, error) {
	report := func(stage string, done, total int) {
		if progress != nil {
			progress(stage, done, total)
		}
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	places := cfg.places()
	if frames.Shape() != places.Shape {
		return nil, fmt.Errorf("video: frames are %v, the configuration says %v", frames.Shape(), places.Shape)
	}
	if cfg.Whiten {
		report("whitening", 0, 1)
		stills := places.Stills(frames)
		rows, cols := places.Transform().Grid(stills.Shape())
		if n := max(1, whitenUnits/(rows*cols)); stills.Len() > n {
			_, stills = dataset.Holdout(stills, n, cfg.Seed)
		}
		t, err := places.Transform().Whiten(ctx, stills, cfg.Epsilon, false)
		if err != nil {
			return nil, err
		}
		places.Whitening = t.Whitening
		report("whitening", 1, 1)
	}
	d, err := cfg.atoms(ctx, frames, places, report)
	var few *dictionary.TooFewError
	if errors.As(err, &few) && fewer != nil {
		if less, ok := fewer(few); ok {
			cfg = less
			d, err = cfg.atoms(ctx, frames, places, report)
		}
	}
	if err != nil {
		return nil, err
	}
	return newEncoder(cfg, places, d)
}

// atoms are those of frames. The error is a *dictionary.TooFewError if there are fewer than wanted, but some.
func (c Config) atoms(ctx context.Context, frames *videosource.Frames, places videosource.Places, report manifold.Progress) (d *dictionary.Dictionary, err error) {
	sample := places.Sample(frames, c.Seed)
	if c.Dictionary == KMeans {
		d, err = dictionary.KMeans(ctx, sample, c.Atoms, func(round, rounds int) { report("dictionary", round, rounds) })
	} else {
		d, err = dictionary.Exemplars(ctx, sample, c.Atoms, c.MaxCosine, func(found int) { report("dictionary", found, c.Atoms) })
	}
	var few *dictionary.TooFewError
	if !errors.As(err, &few) {
		return d, err
	}
	few.Groups = "frames"
	switch {
	case few.Tried == 0:
		return nil, errors.New("video: every unit of every frame is blank: want frames in which something is to be seen")
	case few.Found < 2 && few.Centres:
		return nil, fmt.Errorf("video: %s of %s not blank: want at least 4", plural.Of(few.Tried, "unit"), plural.Of(frames.Len(), "frame"))
	case few.Found < 2:
		larger := ""
		if few.Enough > 0 {
			larger = fmt.Sprintf(", or a larger max_cosine: at %g there are %s", few.Enough, plural.Of(c.Atoms, "atom"))
		}
		return nil, fmt.Errorf("video: all %s look the same: no two of their units have a cosine below %g (max_cosine): want frames that change%s", plural.Of(frames.Len(), "frame"), c.MaxCosine, larger)
	}
	return nil, few
}

func newEncoder(cfg Config, places videosource.Places, d *dictionary.Dictionary) (*Encoder, error) {
	about, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("video: config: %w", err)
	}
	engine, err := manifold.New(manifold.Config{
		Code: cfg.Code, Threshold: cfg.Threshold, Context: cfg.context(),
		Dims: cfg.Dims, Skip: cfg.Skip, Ridge: cfg.Ridge, Seed: cfg.Seed,
		Names: manifold.Names{Unit: "unit", Units: "units of frames", Groups: "places of clips"}, About: string(about),
	}, places, d)
	if err != nil {
		return nil, err
	}
	return &Encoder{cfg, places, d, engine}, nil
}

// Collect returns the statistics of clips, until ctx is done. progress may be nil.
func (e *Encoder) Collect(ctx context.Context, frames *videosource.Frames, progress manifold.Progress) (cooccur.Statistics, error) {
	source, err := e.places.Of(frames)
	if err != nil {
		return nil, err
	}
	return e.engine.Collect(ctx, source, progress)
}

// Solve makes a model of statistics. of says how many clips and frames they are of, and may have a fingerprint; its
// Units are set here. Clips are held against those counted, and frames against their units: of frames without a
// code statistics do not know. progress may be nil.
func (e *Encoder) Solve(ctx context.Context, s cooccur.Statistics, of Data, progress manifold.Progress) (*Model, error) {
	if err := e.engine.Check(s); err != nil {
		return nil, fmt.Errorf("video: %w", err)
	}
	places := int64(e.places.Len())
	if counted := s.Of().Groups; counted/places != int64(of.Clips) || counted%places != 0 {
		return nil, fmt.Errorf("video: data: clips is %d: want %d, as %s were counted, %d of each clip", of.Clips, counted/places, plural.Of(counted, "place"), places)
	}
	of.Units = s.Of().Coded
	if err := of.check(e.places.Len()); err != nil {
		return nil, fmt.Errorf("video: %w", err)
	}
	solution, err := e.engine.Solve(ctx, s, progress)
	if err != nil {
		return nil, err
	}
	return newModel(e, solution, of)
}
