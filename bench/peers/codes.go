package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// patchwork is whitened patches of real images and a coder for them.
type patchwork struct {
	dim       int
	x, atoms  []float32 // patches and atoms, unit vectors of dim values
	threshold float32

	coder   *sparse.Coder
	images  []sparse.Vectors
	scratch []sparse.Scratch
	codes   []sparse.Codes
}

// newPatchwork lays out patches, so many an image, as the coder reads them. flip
// says where a patch's values are in its flip; nil has them coded without.
func newPatchwork(x, atoms []float32, flip []int, threshold float32, dim, perImage int) (*patchwork, error) {
	coder, err := sparse.NewCoder(sparse.General, float64(threshold), atoms, dim, flip)
	if err != nil {
		return nil, err
	}
	n := len(x) / dim / perImage
	w := &patchwork{dim: dim, x: x, atoms: atoms, threshold: threshold, coder: coder,
		images: make([]sparse.Vectors, n), codes: make([]sparse.Codes, n), scratch: make([]sparse.Scratch, parallel.Workers(n))}
	for i := range w.images {
		w.images[i].Pack(x[i*perImage*dim:][:perImage*dim], dim, coder.Stride())
	}
	return w, nil
}

// encode codes all patches, an image at a time, on all workers.
func (w *patchwork) encode() {
	parallel.For(len(w.images), func(worker, i int) {
		if err := w.coder.Encode(&w.images[i], false, &w.scratch[worker], &w.codes[i]); err != nil {
			panic(err) // images are small
		}
	})
}

// operations are those of the product of all patches with all atoms.
func (w *patchwork) operations() float64 {
	return 2 * float64(len(w.x)) * float64(len(w.atoms)/w.dim)
}

// savePatchwork saves whitened patches of the first images to dir.
func (b *bench) savePatchwork(ctx context.Context, dir string) (*patchwork, error) {
	c, err := b.needCoding(ctx)
	if err != nil {
		return nil, err
	}
	shape, dim := b.images.Test.Shape(), c.Transform.Dim()
	rows, cols := c.Transform.Grid(shape)
	perImage, pix := rows*cols, make([]uint8, shape.Len())
	var x []float32
	var p patch.Patches
	for i := range b.coded {
		if err := b.images.Test.Image(i, pix); err != nil {
			return nil, err
		}
		c.Transform.Apply(pix, shape, dim, &p)
		x = append(x, p.X[:perImage*dim]...)
	}
	threshold := float32(c.Config.Threshold)
	flip := c.Transform.Flip()
	places := make([]int64, dim)
	for i, at := range flip {
		places[i] = int64(at)
	}
	err = errors.Join(
		save(dir, "sizes", []int64{int64(b.coded), int64(perImage), int64(dim), int64(b.atoms)}, 4),
		save(dir, "threshold", []float32{threshold}, 1),
		save(dir, "flip", places, dim),
		save(dir, "x", x, len(x)/dim, dim),
		save(dir, "atoms", c.Atoms, b.atoms, dim))
	if err != nil {
		return nil, err
	}
	return newPatchwork(x, c.Atoms, flip, threshold, dim, perImage)
}

// loadPatchwork is what savePatchwork saved, to be coded with flips or without.
func loadPatchwork(dir string, flips bool) (*patchwork, error) {
	sizes, err := load[int64](dir, "sizes", 4)
	if err != nil {
		return nil, err
	}
	images, perImage, dim, atoms := int(sizes[0]), int(sizes[1]), int(sizes[2]), int(sizes[3])
	threshold, err := load[float32](dir, "threshold", 1)
	if err != nil {
		return nil, err
	}
	x, err := load[float32](dir, "x", images*perImage*dim)
	if err != nil {
		return nil, err
	}
	a, err := load[float32](dir, "atoms", atoms*dim)
	if err != nil {
		return nil, err
	}
	places, err := load[int64](dir, "flip", dim)
	if err != nil {
		return nil, err
	}
	var flip []int
	for i := 0; flips && i < dim; i++ {
		flip = append(flip, int(places[i]))
	}
	return newPatchwork(x, a, flip, threshold[0], dim, perImage)
}

// codes compares codes by the fastest kernel with numpy's product and comparison.
// We list the active atoms, numpy sets a byte for each atom.
func codes(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("codes")
	if err != nil {
		return nil, err
	}
	defer remove()
	w, err := b.savePatchwork(ctx, dir)
	if err != nil {
		return nil, err
	}
	best, note, err := b.against(ctx, "codes", dir, b.rounds, timed(func() error { w.encode(); return nil }))
	if err != nil {
		return nil, err
	}
	active, err := load[uint8](dir, "active", len(w.x)/w.dim*b.atoms/8)
	if err != nil {
		return nil, err
	}
	if err := w.check(active); err != nil {
		return nil, err
	}
	return []Result{seconds("codes", best[0], best[1], 4, fmt.Sprintf("%d patches, %d atoms, tier %s; numpy in %s",
		len(w.x)/w.dim, b.atoms, simd.Tier(), note))}, nil
}

// nearThreshold is how close to the threshold a cosine is that float32 may put
// on either side.
const nearThreshold = 1e-5

// check compares the codes with a peer's, a bit for each patch and atom.
func (w *patchwork) check(active []uint8) error {
	atoms := len(w.atoms) / w.dim
	mine := make([]uint8, atoms/8)
	patches, disputed := 0, 0
	for i := range w.codes {
		for p := range w.codes[i].N() {
			clear(mine)
			for _, a := range w.codes[i].Row(p) {
				mine[a/8] |= 1 << (a % 8)
			}
			theirs := active[patches*atoms/8:][:atoms/8]
			x := w.x[patches*w.dim:][:w.dim]
			for at, m := range mine {
				for d := m ^ theirs[at]; d != 0; d &= d - 1 {
					a := 8*at + bits.TrailingZeros8(d)
					disputed++
					if cos := linalg.Dot(x, w.atoms[a*w.dim:]); math.Abs(cos-float64(w.threshold)) > nearThreshold {
						return fmt.Errorf("patch %d, atom %d: cosine %.7f, threshold %g: one side has it active, the other not", patches, a, cos, w.threshold)
					}
				}
			}
			patches++
		}
	}
	progress("codes: %d patches agree, but for %d of their atoms within %g of the threshold", patches, disputed, nearThreshold)
	return nil
}
