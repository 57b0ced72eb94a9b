package smt

import (
	"context"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// fingerprint is dataset.Fingerprint of src, which takes images one after the other:
// here they are read ahead on all workers, as to decode a photograph takes longer than
// to digest it.
func fingerprint(ctx context.Context, src dataset.Source, o options) (string, error) {
	size := src.Shape().Len()
	n := max(parallel.Workers(src.Len()), min(aheadBytes/size, src.Len()))
	a := &ahead{Source: src, ctx: ctx, o: o, size: size, pix: make([]uint8, n*size)}
	images, err := dataset.Fingerprint(ctx, a)
	if err == nil {
		o.report("reading images", src.Len(), src.Len())
	}
	return images, err
}

// aheadBytes bounds the images that are read ahead, unless they are large.
const aheadBytes = 4 << 20

// ahead is a source that is read once, in order.
type ahead struct {
	dataset.Source
	ctx         context.Context
	o           options
	size        int
	pix         []uint8 // of images first to last-1
	first, last int
}

func (a *ahead) Image(i int, pix []uint8) error {
	if i == a.last {
		a.o.report("reading images", i, a.Len())
		a.first, a.last = i, min(i+len(a.pix)/a.size, a.Len())
		err := parallel.ForErr(a.ctx, a.last-i, func(_, k int) error {
			return a.Source.Image(i+k, a.pix[k*a.size:(k+1)*a.size])
		})
		if err != nil {
			return err
		}
	}
	copy(pix, a.pix[(i-a.first)*a.size:][:a.size])
	return nil
}
