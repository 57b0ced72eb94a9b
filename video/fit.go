package video

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// Fit learns a model from the frames of clips. It depends on the frames, cfg and cfg.Seed, not on
// the number of workers. run may name a checkpoint; its Groups are filled in.
func Fit(ctx context.Context, frames *videosource.Frames, cfg Config, run manifold.Run) (*Model, error) {
	return FitFewer(ctx, frames, cfg, nil, run)
}

// FitFewer is Fit which, where frames have too few atoms for cfg, goes on as fewer says. fewer may be nil.
func FitFewer(ctx context.Context, frames *videosource.Frames, cfg Config, fewer Fewer, run manifold.Run) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if name, n := longest(frames); cfg.Radius >= n {
		return nil, fmt.Errorf("video: radius is %s: want at most %d, as the longest clip, %s, has %s", plural.Of(cfg.Radius, "frame"), n-1, name, plural.Of(n, "frame"))
	}
	e, err := newFewer(ctx, frames, cfg, fewer, run.Progress)
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

// fingerprint is a digest of all frames, and where clips end.
func fingerprint(f *videosource.Frames) string {
	h := sha256.New() // writing to it cannot fail
	for i := range f.Clips() {
		_ = binary.Write(h, binary.LittleEndian, int64(f.ClipLen(i)))
		h.Write(f.ClipPixels(i))
	}
	return hex.EncodeToString(h.Sum(nil))
}
