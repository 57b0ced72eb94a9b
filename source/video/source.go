package video

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Places says what the units of a frame are: patches that stay at their places, or all of it.
type Places struct {
	Shape     dataset.Shape // of a frame
	Patch     int           // the side of a patch, 0 for a frame as a whole
	Stride    int           // the distance of places, in pixels
	Center    patch.Center
	Whitening []float32 // Dim × Dim, nil for none
}

// Check reports places that there cannot be.
func (p Places) Check() error {
	s := p.Shape
	switch {
	case s.Height < 1 || s.Width < 1 || int64(s.Height)*int64(s.Width) > mostPixels || s.Channels != 1 && s.Channels != 3:
		return fmt.Errorf("frames of %d × %d with %s: want at least 1 × 1, at most %d pixels, and 1 or 3 channels", s.Height, s.Width, plural.Of(s.Channels, "channel"), mostPixels)
	case p.Patch < 0 || p.Patch > min(s.Height, s.Width):
		return fmt.Errorf("patches of side %d in frames of %d × %d: want 1 to the smaller side, or 0 for whole frames", p.Patch, s.Height, s.Width)
	case p.Patch > 0 && p.Stride < 1 || p.Patch == 0 && p.Stride != 0:
		return fmt.Errorf("stride %d of patches of side %d: want at least 1, and 0 for whole frames", p.Stride, p.Patch)
	case p.Stride > max(s.Height, s.Width):
		return fmt.Errorf("stride %d in frames of %d × %d: want at most the larger side", p.Stride, s.Height, s.Width)
	case p.Dim() > mostValues:
		return fmt.Errorf("units of %s: want at most %d", plural.Of(p.Dim(), "value"), mostValues)
	case p.Center != patch.CenterPatch && p.Center != patch.CenterNone:
		return fmt.Errorf("center %q: want %q or %q", p.Center, patch.CenterPatch, patch.CenterNone)
	}
	return nil
}

// mostValues bounds a unit: the square of it is a whitening matrix.
const mostValues = 1 << 14

// Grid is the number of places along the height and the width of a frame, as far from one edge as from
// the other. A whole frame is one place.
func (p Places) Grid() (rows, cols int) {
	if p.Patch == 0 {
		return 1, 1
	}
	return (p.Shape.Height-p.Patch)/p.Stride + 1, (p.Shape.Width-p.Patch)/p.Stride + 1
}

// Len is the number of places.
func (p Places) Len() int {
	rows, cols := p.Grid()
	return rows * cols
}

// Transform extracts and whitens units. To it a whole frame is a patch of one pixel, with a
// channel for each of the frame's values: its patches are square, and frames need not be.
func (p Places) Transform() *patch.Transform {
	if p.Patch == 0 {
		return &patch.Transform{Size: 1, Channels: p.Shape.Len(), Center: p.Center, Whitening: p.Whitening}
	}
	return &patch.Transform{Size: p.Patch, Channels: p.Shape.Channels, Center: p.Center, Whitening: p.Whitening}
}

// stacked is the shape of so many frames to transform: an image of one frame below the other.
func (p Places) stacked(frames int) dataset.Shape {
	if p.Patch == 0 {
		return dataset.Shape{Height: frames, Width: 1, Channels: p.Shape.Len()}
	}
	return dataset.Shape{Height: frames * p.Shape.Height, Width: p.Shape.Width, Channels: p.Shape.Channels}
}

// below is how many patches, as transform numbers them, a frame is after the one above it.
func (p Places) below() int {
	if p.Patch == 0 {
		return 1
	}
	_, width := patch.Grid(p.Shape, p.Patch)
	return p.Shape.Height * width
}

// numbers are the places, as transform numbers patches.
func (p Places) numbers() []int {
	if p.Patch == 0 {
		return []int{0}
	}
	height, width := patch.Grid(p.Shape, p.Patch)
	var all []int
	for y := (height - 1) % p.Stride / 2; y < height; y += p.Stride {
		for x := (width - 1) % p.Stride / 2; x < width; x += p.Stride {
			all = append(all, y*width+x)
		}
	}
	return all
}

// Dim is the number of values of a unit.
func (p Places) Dim() int { return p.Transform().Dim() }

// Symmetry is none: what moves left is not what moves right.
func (p Places) Symmetry() []int { return nil }

// Digest is of the frames' shape, the places and the whitening.
func (p Places) Digest() string {
	about, err := json.Marshal(struct {
		Shape         dataset.Shape
		Patch, Stride int
		Center        patch.Center
	}{p.Shape, p.Patch, p.Stride, p.Center})
	if err != nil {
		panic(err) // numbers and a word always encode
	}
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "%s\n", about)
	_ = binary.Write(h, binary.LittleEndian, p.Whitening)
	return hex.EncodeToString(h.Sum(nil))
}

// Stills are the places of frames without their order in time, which is what whitening is learned from.
func (p Places) Stills(f *Frames) dataset.Source { return stills{f, p.stacked(1)} }

type stills struct {
	*Frames
	as dataset.Shape
}

func (s stills) Shape() dataset.Shape { return s.as }

// Sample are the units of frames, to choose atoms from. Its groups are frames in an order of the seed's,
// as atoms are to be of all clips and not of the first.
func (p Places) Sample(f *Frames, seed uint64) dictionary.Sample {
	order, numbers := shuffle.Order(f.Len(), seed), p.numbers()
	read := p.Transform().Reader(p.Stills(f))
	return dictionary.Sample{
		Dim: p.Dim(), Groups: f.Len(), Units: len(numbers), Seed: seed,
		Reader: func() func(int, []int) (*sparse.Vectors, error) {
			patches, places := read(), []int(nil)
			return func(group int, which []int) (*sparse.Vectors, error) {
				places = places[:0]
				for _, w := range which {
					places = append(places, numbers[w])
				}
				return patches(order[group], places)
			}
		},
	}
}

// Of are the places of frames as a source: group c·Len + k is place k of clip c.
func (p Places) Of(f *Frames) (*Source, error) {
	if f.shape != p.Shape {
		return nil, fmt.Errorf("video: frames are %v, the encoder was made from frames of %v", f.shape, p.Shape)
	}
	return &Source{p, f, p.Transform(), p.numbers()}, nil
}

// Source is places of clips, watched through time.
type Source struct {
	Places
	frames    *Frames
	whitened  *patch.Transform
	positions []int
}

var _ manifold.Source = (*Source)(nil)

// Len is the number of clips times that of places.
func (s *Source) Len() int { return s.frames.Clips() * len(s.positions) }

// Topology is a line: the frames of the clip.
func (s *Source) Topology(i int) cooccur.Topology {
	return cooccur.Grid{s.frames.ClipLen(i / len(s.positions))}
}

// Open begins to read a place of a clip: unit t is what frame t has there.
func (s *Source) Open(i int, last manifold.Group) (manifold.Group, error) {
	g, _ := last.(*Group)
	if g == nil {
		g = new(Group)
	}
	clip, at := i/len(s.positions), s.positions[i%len(s.positions)]
	n, below := s.frames.ClipLen(clip), s.below()
	g.which = g.which[:0]
	for t := range n {
		g.which = append(g.which, t*below+at)
	}
	g.cut = s.whitened.Cut(s.frames.ClipPixels(clip), s.stacked(n), g.which)
	return g, nil
}

// Pixels is what a group is made of, of values 0 to 255: Dim of them a frame. It writes to into where
// there is room.
func (s *Source) Pixels(i int, into []float32) []float32 {
	clip, at := i/len(s.positions), s.positions[i%len(s.positions)]
	n, size, line := s.frames.ClipLen(clip), s.Shape.Len(), s.Shape.Width*s.Shape.Channels
	from, rows, run := 0, 1, size // of a whole frame
	if s.Patch > 0 {
		_, width := patch.Grid(s.Shape, s.Patch)
		from, rows, run = at/width*line+at%width*s.Shape.Channels, s.Patch, s.Patch*s.Shape.Channels
	}
	into = into[:0]
	for t := range n {
		for r := range rows {
			for _, v := range s.frames.ClipPixels(clip)[t*size+from+r*line:][:run] {
				into = append(into, float32(v))
			}
		}
	}
	return into
}
