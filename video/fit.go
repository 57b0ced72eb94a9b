package video

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// Fit learns a model from the frames of clips. It depends on the frames, cfg and cfg.Seed, not on
// the number of workers. run may name a checkpoint; its Groups are filled in.
func Fit(ctx context.Context, frames *videosource.Frames, cfg Config, run manifold.Run) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if name, n := longest(frames); cfg.Radius >= n {
		return nil, fmt.Errorf("video: radius is %d frames: want at most %d, as the longest clip, %s, has %d frames", cfg.Radius, n-1, name, n)
	}
	e, err := learnEncoder(ctx, frames, cfg, run.Progress)
	if err != nil {
		return nil, err
	}
	source, err := e.places.Of(frames)
	if err != nil {
		return nil, err
	}
	run.Groups = fingerprint(frames)
	s, err := e.engine.Learn(ctx, source, run)
	if err != nil {
		return nil, err
	}
	return newModel(e, s, Data{Clips: frames.Clips(), Frames: frames.Len(), Units: s.Of.Coded, Fingerprint: run.Groups})
}

// longest is the name and the number of frames of the longest clip.
func longest(f *videosource.Frames) (name string, n int) {
	for i := range f.Clips() {
		if f.ClipLen(i) > n {
			name, n = f.Clip(i), f.ClipLen(i)
		}
	}
	return name, n
}

// encoder is what is settled before co-occurrence is counted.
type encoder struct {
	cfg    Config
	places videosource.Places
	dict   *dictionary.Dictionary
	engine *manifold.Encoder
}

// whitenUnits is about how many units whitening is learned from: those of all places, at stride 1, of frames that
// the seed chooses.
const whitenUnits = 1 << 18

// learnEncoder learns whitening and atoms from the frames.
func learnEncoder(ctx context.Context, frames *videosource.Frames, cfg Config, progress manifold.Progress) (*encoder, error) {
	report := func(stage string, done, total int) {
		if progress != nil {
			progress(stage, done, total)
		}
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
	sample := places.Sample(frames, cfg.Seed)
	var d *dictionary.Dictionary
	var err error
	if cfg.Dictionary == KMeans {
		d, err = dictionary.KMeans(ctx, sample, cfg.Atoms, func(round, rounds int) { report("dictionary", round, rounds) })
	} else {
		d, err = dictionary.Exemplars(ctx, sample, cfg.Atoms, cfg.MaxCosine, func(found int) { report("dictionary", found, cfg.Atoms) })
	}
	var few *dictionary.TooFewError
	if errors.As(err, &few) && few.Found == 0 {
		return nil, errors.New("video: every unit of every frame is blank: want frames in which something is to be seen")
	}
	if few != nil {
		few.Groups = "frames"
	}
	if err != nil {
		return nil, err
	}
	return newEncoder(cfg, places, d)
}

func newEncoder(cfg Config, places videosource.Places, d *dictionary.Dictionary) (*encoder, error) {
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
	return &encoder{cfg, places, d, engine}, nil
}

// fingerprint is a digest of all frames, and where clips end.
func fingerprint(f *videosource.Frames) string {
	h := sha256.New() // writing to it cannot fail
	for i := range f.Clips() {
		_ = binary.Write(h, binary.LittleEndian, int64(f.ClipLen(i)))
		h.Write(f.ClipPixels(i))
	}
	return hex.EncodeToString(h.Sum(nil))
}
