package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"iter"

	"github.com/sparse-manifold/smt/dataset"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// film is the frames of clips, one clip after the other, as they are read. How many there are shows at the end.
type film struct {
	clips  []videosource.Clip
	shape  dataset.Shape // that frames are brought to
	frames []int         // of each clip that was begun
	total  int           // of all, -1 if that is not known

	next   func() ([]uint8, error, bool) // of the pixels of some frames; nil before the first
	stop   func()
	unread []uint8 // frames that next gave and block has not
	last   []uint8 // frames that block gave and are not in the digest
	roll   hash.Hash
	taken  int // frames in the digest
}

func newFilm(clips []videosource.Clip, shape dataset.Shape) *film {
	return &film{clips: clips, shape: shape, total: -1, roll: sha256.New(), stop: func() {}}
}

// blocks yields the pixels of some frames at a time, and counts the frames of clips.
func (f *film) blocks(ctx context.Context) iter.Seq2[[]uint8, error] {
	return func(yield func([]uint8, error) bool) {
		f.frames = f.frames[:0]
		for i, c := range f.clips {
			f.frames = append(f.frames, 0)
			for pix, err := range videosource.Blocks(ctx, c, f.shape) {
				f.frames[i] += len(pix) / f.shape.Len()
				if !yield(pix, err) || err != nil {
					return
				}
			}
		}
	}
}

// block is the next frames that are not in the digest; none at the end.
func (f *film) block(ctx context.Context) ([]uint8, error) {
	if f.last, f.unread = f.unread, nil; len(f.last) > 0 {
		return f.last, nil
	}
	if f.next == nil {
		f.next, f.stop = iter.Pull2(f.blocks(ctx))
	}
	var err error
	f.last, err, _ = f.next()
	return f.last, err
}

// count finds out how many frames there are, by reading them.
func (f *film) count(ctx context.Context, p *progress) error {
	n := 0
	for pix, err := range f.blocks(ctx) {
		if err != nil {
			return err
		}
		n += len(pix) / f.shape.Len()
		p.report("counting frames", n, (n/1000+1)*1000)
	}
	f.total = n
	return nil
}

func (f *film) close() { f.stop() }

// names yields what the frames that were read are called: CLIP#INDEX.
func (f *film) names(yield func(string) bool) {
	for i, n := range f.frames {
		for k := range n {
			if !yield(fmt.Sprintf("%s#%d", f.clips[i].Name, k)) {
				return
			}
		}
	}
}

func (f *film) noun() string     { return "frames" }
func (f *film) len() int         { return f.total }
func (f *film) whole(n int) bool { return n >= 0 }
func (f *film) sum() string      { return hex.EncodeToString(f.roll.Sum(nil)) }

func (f *film) until(n int) error {
	if frames := len(f.last) / f.shape.Len(); f.taken+frames != n {
		panic("smt: rows of other frames than those that were read")
	}
	f.roll.Write(f.last)
	f.last, f.taken = nil, n
	return nil
}

func (f *film) read(ctx context.Context, n int, report func(stage string, done, total int)) error {
	for f.taken < n {
		report("comparing frames", f.taken, n)
		pix, err := f.block(ctx)
		if err != nil {
			return err
		}
		if len(pix) == 0 {
			return nil // fewer frames than there were: the digest is another
		}
		some := min(len(pix)/f.shape.Len(), n-f.taken)
		f.last, f.unread = pix[:some*f.shape.Len()], pix[some*f.shape.Len():]
		if err := f.until(f.taken + some); err != nil {
			return err
		}
	}
	report("comparing frames", n, n)
	return nil
}

func (f *film) reset() {
	f.stop()
	f.roll.Reset()
	f.next, f.stop, f.unread, f.last, f.taken = nil, func() {}, nil, nil, 0
}
