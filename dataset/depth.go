package dataset

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Files of 16 bits often hold samples of 10, 12 or 14: as cameras, scanners and
// microscopes count. Such samples are spread over the whole range, each to its share of
// the largest that its bits can hold, or little of it would be left in eight bits. How
// many bits there are is what the file states, or else one number for all files of a
// model, never what an image itself looks like: a dark one shall stay dark.

// depths are the bits that samples are taken to have where no file states them.
var depths = []int{8, 10, 12, 14, 16}

// depthOf is the least of the depths that has room for a sample.
func depthOf(sample uint16) int {
	for _, d := range depths {
		if int(sample) < 1<<d {
			return d
		}
	}
	return 16
}

// undecided reports samples of 16 bits of which nothing states how many count.
func (h header) undecided() bool { return h.deep && h.depth == 0 }

// Depth is how many bits the samples of 16 bits in src were taken to have: what the files
// of a folder, or Options, decided for those that do not state it. It is 0 for any other
// source.
func Depth(src Source) int {
	if f := folderOf(src); f != nil {
		return f.depth
	}
	return 0
}

// decideDepth is the bits of samples in those of the images that do not state them: want,
// or if that is 0 the least depth that has room for the largest of all. It is 0 where
// there are none. The note says what was found.
func decideDepth(ctx context.Context, m members, images []imageFile, want int) (depth int, note string, err error) {
	images = slices.DeleteFunc(images, func(img imageFile) bool { return !img.undecided() })
	if len(images) == 0 {
		return 0, "", nil
	}
	if want != 0 {
		return want, "", nil
	}
	// All of them are read, but for what comes after the first that needs all bits.
	var (
		wait sync.WaitGroup
		next atomic.Int64
		top  atomic.Uint32
	)
	for range min(runtime.GOMAXPROCS(0), len(images)) {
		wait.Go(func() {
			for top.Load() < 1<<14 && ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(images) {
					return
				}
				p, err := m.decode(ctx, images[i].path, 0)
				if err != nil {
					continue // it is bad, which shows where it is read for its pixels
				}
				if pix, stride := samples(p.img); pix != nil {
					largest, _ := measure(pix, stride)
					for old := top.Load(); uint32(largest) > old && !top.CompareAndSwap(old, uint32(largest)); old = top.Load() {
					}
				}
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return 0, "", err
	}
	if top.Load() >= 1<<14 {
		return 16, "", nil
	}
	depth = depthOf(uint16(top.Load()))
	return depth, fmt.Sprintf("samples of 16 bits are taken as %s: the largest in %s is %d", plural.Of(depth, "bit"), plural.Of(len(images), "image"), top.Load()), nil
}

// spread brings the samples of an image of 16 bits to the whole range. What has alpha
// stays as it is.
func (h header) spread(img image.Image, depth int) error {
	if !h.deep {
		return nil
	}
	pix, stride := samples(img)
	if pix == nil {
		return nil
	}
	top, low := measure(pix, stride)
	if h.depth > 0 {
		// The PNG specification has the writer spread samples: then they reach beyond
		// their bits, or, of an image that is dark all over, all end in zeros. Many
		// writers do not. A TIFF that states less than it holds states nothing.
		if h.depth >= 16 || int(top) >= 1<<h.depth || h.format == "png" && low >= 16-h.depth {
			return nil
		}
		depth = h.depth
	} else if depth > 0 && int(top) >= 1<<depth {
		return fmt.Errorf("a sample is %d: want at most %d, as samples of 16 bits are taken to be of %d", top, 1<<depth-1, depth)
	}
	if depth <= 0 || depth >= 16 {
		return nil
	}
	most := uint32(1)<<depth - 1
	for i := 0; i < len(pix); i += stride {
		for k := i; k < i+min(stride, 6); k += 2 {
			v := uint32(binary.BigEndian.Uint16(pix[k:]))
			binary.BigEndian.PutUint16(pix[k:], uint16((v*0xffff+most/2)/most))
		}
	}
	return nil
}

// samples are those of an image of 16 bits without alpha, and the bytes of a pixel.
func samples(img image.Image) (pix []uint8, stride int) {
	switch img := img.(type) {
	case *image.Gray16:
		return img.Pix, 2
	case *image.RGBA64:
		if img.Opaque() {
			return img.Pix, 8
		}
	}
	return nil, 0
}

// measure is the largest of the samples, and how many zeros all of them end in.
func measure(pix []uint8, stride int) (top uint16, low int) {
	var any uint16
	for i := 0; i < len(pix); i += stride {
		for k := i; k < i+min(stride, 6); k += 2 {
			v := binary.BigEndian.Uint16(pix[k:])
			any |= v
			top = max(top, v)
		}
	}
	for low < 16 && any>>low&1 == 0 {
		low++
	}
	return top, low
}
