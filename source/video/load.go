package video

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Frames are the frames of clips, brought to one shape and kept. They are a dataset.Source, whose
// images are the frames of one clip after those of another.
type Frames struct {
	shape dataset.Shape
	clips []string // their names
	first []int    // the first frame of each clip, and the number of all
	pix   []uint8
}

var _ dataset.Source = (*Frames)(nil)

// NewFrames are the frames of clips that are in memory: pixels of frame after frame. They are
// shared.
func NewFrames(shape dataset.Shape, clips ...[]uint8) (*Frames, error) {
	f := &Frames{shape: shape, first: []int{0}}
	for i, pix := range clips {
		if n := shape.Len(); len(pix) == 0 || len(pix)%n != 0 {
			return nil, fmt.Errorf("video: clip %d has %s: want frames of %d", i, plural.Of(len(pix), "byte"), n)
		}
		f.pix = append(f.pix, pix...)
		f.end(strconv.Itoa(i))
	}
	return f, f.check()
}

// end ends a clip.
func (f *Frames) end(name string) {
	f.clips = append(f.clips, name)
	f.first = append(f.first, len(f.pix)/f.shape.Len())
}

// check reports clips without time.
func (f *Frames) check() error {
	if len(f.clips) == 0 {
		return fmt.Errorf("video: no clips")
	}
	for i, name := range f.clips {
		if n := f.ClipLen(i); n < 2 {
			return fmt.Errorf("video: clip %s has %d frame: want at least 2, as units are compared in time", name, n)
		}
	}
	return nil
}

// Load reads clips and keeps their frames, brought to a shape. progress is told of frames.
func Load(ctx context.Context, clips []Clip, shape dataset.Shape, progress func(frames int)) (*Frames, error) {
	f := &Frames{shape: shape, first: []int{0}}
	for _, c := range clips {
		for block, err := range Blocks(ctx, c, shape) {
			if err != nil {
				return nil, err
			}
			if room := memory.Left(); room.Bytes > 0 && int64(len(f.pix)+len(block)) > room.Bytes/2 {
				return nil, fmt.Errorf("video: %s: more than %s of %d × %d do not fit in half the memory that %s leaves: want smaller frames (--size), or fewer",
					c.Path, plural.Of(len(f.pix)/shape.Len(), "frame"), shape.Height, shape.Width, room.By)
			}
			f.pix = append(f.pix, block...)
			if progress != nil {
				progress(len(f.pix) / shape.Len())
			}
		}
		f.end(c.Name)
	}
	return f, f.check()
}

// Blocks yields the pixels of the frames of a clip, brought to a shape on all workers, some frames at a
// time: never are all of them held. A slice is not used again. After an error, which an empty
// one comes with, it ends.
func Blocks(ctx context.Context, c Clip, shape dataset.Shape) iter.Seq2[[]uint8, error] {
	return func(yield func([]uint8, error) bool) {
		r, err := c.Open(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		var size dataset.Shape // of the first frame
		for end := false; !end; {
			some := make([]Frame, 0, parallel.Workers(16))
			for len(some) < cap(some) {
				f, err := r.Next()
				if end = err == io.EOF; end {
					break
				}
				if err == nil {
					err = sameSize(c, &size, f.Shape())
				}
				if err != nil {
					yield(nil, err)
					return
				}
				some = append(some, f)
			}
			block := make([]uint8, len(some)*shape.Len())
			err := parallel.ForErr(ctx, len(some), func(_, i int) error {
				copy(block[i*shape.Len():], some[i].Pixels(shape))
				return nil
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if len(block) > 0 && !yield(block, nil) {
				return
			}
		}
	}
}

// sameSize reports a frame of another size than the first one of its clip, which was none yet if it
// is empty.
func sameSize(c Clip, first *dataset.Shape, s dataset.Shape) error {
	if *first == (dataset.Shape{}) {
		*first = s
	}
	if s.Height != first.Height || s.Width != first.Width {
		return fmt.Errorf("video: %s: a frame of %d × %d follows frames of %d × %d: want one size in a clip", c.Path, s.Width, s.Height, first.Width, first.Height)
	}
	return nil
}

// Size is the shape of the first frame of a clip, as it is in its file.
func Size(ctx context.Context, c Clip) (dataset.Shape, error) {
	r, err := c.Open(ctx)
	if err != nil {
		return dataset.Shape{}, err
	}
	defer r.Close()
	f, err := r.Next()
	if err == io.EOF {
		return dataset.Shape{}, fmt.Errorf("video: %s: holds no frame", c.Path)
	}
	if err != nil {
		return dataset.Shape{}, err
	}
	return f.Shape(), nil
}

// Clips is the number of clips.
func (f *Frames) Clips() int { return len(f.clips) }

// Clip is the name of a clip.
func (f *Frames) Clip(i int) string { return f.clips[i] }

// ClipLen is the number of frames of a clip.
func (f *Frames) ClipLen(i int) int { return f.first[i+1] - f.first[i] }

// ClipPixels is the frames of a clip. They are shared.
func (f *Frames) ClipPixels(i int) []uint8 {
	return f.pix[f.first[i]*f.shape.Len() : f.first[i+1]*f.shape.Len()]
}

// Len is the number of frames of all clips.
func (f *Frames) Len() int { return f.first[len(f.first)-1] }

// Shape is that of every frame.
func (f *Frames) Shape() dataset.Shape { return f.shape }

// Image copies a frame.
func (f *Frames) Image(i int, pix []uint8) error {
	n := f.shape.Len()
	copy(pix[:n], f.pix[i*n:(i+1)*n])
	return nil
}

// Label is none.
func (f *Frames) Label(int) int { return -1 }

// Classes are none.
func (f *Frames) Classes() []string { return nil }

// ID is the name of the clip and the number of the frame in it, from 0.
func (f *Frames) ID(i int) string {
	c := 0
	for f.first[c+1] <= i {
		c++
	}
	return fmt.Sprintf("%s#%d", f.clips[c], i-f.first[c])
}
