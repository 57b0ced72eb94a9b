package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// block is the number of images that are embedded at a time, of each split. Rows are
// kept in whole blocks.
const block = embedding.Block

// pixels is the digest of the images of splits, one after the other, as far as their
// rows are done. It is taken as the images are read to be embedded, so that it is of
// what was embedded.
type pixels struct {
	splits []*watched
	roll   hash.Hash
	taken  int
}

func newPixels(splits []dataset.Source) *pixels {
	p := &pixels{roll: sha256.New()}
	for _, s := range splits {
		p.splits = append(p.splits, &watched{Source: s, digests: map[int][sha256.Size]byte{}})
	}
	return p
}

// sources are the splits, whose images are to be read from them.
func (p *pixels) sources() (all []dataset.Source) {
	for _, s := range p.splits {
		all = append(all, s)
	}
	return all
}

func (p *pixels) noun() string { return "images" }

func (p *pixels) len() (n int) {
	for _, s := range p.splits {
		n += s.Len()
	}
	return n
}

// whole reports whether so many images are all but the last blocks of the splits.
func (p *pixels) whole(images int) bool {
	for _, s := range p.splits {
		if images <= s.Len() {
			return images >= 0 && (images%block == 0 || images == s.Len())
		}
		images -= s.Len()
	}
	return false
}

// until takes the digests of the images up to this one, which were read.
func (p *pixels) until(image int) error {
	for ; p.taken < image; p.taken++ {
		s, i := p.at(p.taken)
		d, err := s.take(i)
		if err != nil {
			return err
		}
		p.roll.Write(d[:])
	}
	return nil
}

func (p *pixels) at(image int) (*watched, int) {
	for _, s := range p.splits {
		if image < s.Len() {
			return s, image
		}
		image -= s.Len()
	}
	panic("smt: an image that no split has")
}

// read takes the digests of the first images, which it reads.
func (p *pixels) read(ctx context.Context, images int, report func(stage string, done, total int)) error {
	pix := make([][]uint8, parallel.Workers(block))
	for p.taken < images {
		first := p.taken
		report("comparing images", first, images)
		n := min(block, images-first)
		err := parallel.ForErr(ctx, n, func(w, i int) error {
			s, at := p.at(first + i)
			if pix[w] == nil {
				pix[w] = make([]uint8, s.Shape().Len())
			}
			return s.Image(at, pix[w])
		})
		if err != nil {
			return err
		}
		if err := p.until(first + n); err != nil {
			return err
		}
	}
	report("comparing images", images, images)
	return nil
}

func (p *pixels) reset() {
	p.roll.Reset()
	p.taken = 0
}

func (p *pixels) sum() string { return hex.EncodeToString(p.roll.Sum(nil)) }

// watched is a source that has the digests of the images that were read.
type watched struct {
	dataset.Source
	mu      sync.Mutex
	digests map[int][sha256.Size]byte
}

func (w *watched) Image(i int, pix []uint8) error {
	if err := w.Source.Image(i, pix); err != nil {
		return err
	}
	d := sha256.Sum256(pix[:w.Shape().Len()])
	w.mu.Lock()
	w.digests[i] = d
	w.mu.Unlock()
	return nil
}

// take is the digest of an image, and forgets it.
func (w *watched) take(i int) ([sha256.Size]byte, error) {
	w.mu.Lock()
	d, read := w.digests[i]
	delete(w.digests, i)
	w.mu.Unlock()
	if !read {
		pix := make([]uint8, w.Shape().Len())
		if err := w.Source.Image(i, pix); err != nil {
			return d, err
		}
		d = sha256.Sum256(pix)
	}
	return d, nil
}
