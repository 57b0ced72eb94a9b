package smt

import (
	"context"
	"strconv"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// blots are colour images without labels, of noise.
type blots struct{ n int }

func (s blots) Len() int             { return s.n }
func (s blots) Shape() dataset.Shape { return dataset.Shape{Height: 8, Width: 8, Channels: 3} }
func (s blots) Label(int) int        { return -1 }
func (s blots) Classes() []string    { return nil }
func (blots) ID(i int) string        { return strconv.Itoa(i) }

func (s blots) Image(i int, pix []uint8) error {
	x := uint32(i + 1)
	for k := range pix[:s.Shape().Len()] {
		x = x*1664525 + 1013904223
		pix[k] = uint8(x >> 24)
	}
	return nil
}

// A model says how many images it is of, how many its statistics are of and how many its
// atoms; and a file of a version that did not say so leads to the same numbers.
func TestDataCountsImages(t *testing.T) {
	ctx, src := context.Background(), blots{30}
	for _, c := range []struct {
		images, sample   int
		gray             bool
		counted, sampled int
	}{
		{0, 0, false, 30, 30},
		{12, 0, false, 12, 30},
		{0, 7, false, 30, 7},
		{12, 7, true, 12, 7},
		{99, 99, true, 30, 30},
	} {
		cfg, err := Preset("mnist")
		if err != nil {
			t.Fatal(err)
		}
		cfg.Patch, cfg.Pool, cfg.Stride, cfg.Atoms, cfg.Dims, cfg.MaxCosine = 4, 2, 2, 24, 4, 1
		cfg.Images, cfg.Sample, cfg.Grayscale = c.images, c.sample, c.gray
		m, err := Fit(ctx, src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		d := m.Record().Data
		if d.Images != 30 || d.Counted != c.counted || d.Sampled != c.sampled {
			t.Errorf("%+v: fitted on %d images, counted %d, sampled %d", c, d.Images, d.Counted, d.Sampled)
		}
		old := d
		old.Counted, old.Sampled = 0, 0
		if got := old.completed(cfg); got != d {
			t.Errorf("%+v: an older file leads to %+v, want %+v", c, got, d)
		}
		if got := d.completed(cfg); got != d {
			t.Errorf("%+v: a file leads to %+v, want %+v", c, got, d)
		}

		e, err := NewEncoder(ctx, src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := e.Collect(ctx, dataset.Slice(src, 0, 11))
		if err != nil {
			t.Fatal(err)
		}
		if m, err = e.Solve(ctx, sum); err != nil {
			t.Fatal(err)
		}
		d = m.Record().Data
		if d.Images != 11 || d.Counted != 11 || d.Sampled != c.sampled {
			t.Errorf("%+v: of statistics of 11 images it says %d, counted %d, sampled %d", c, d.Images, d.Counted, d.Sampled)
		}
		old = d
		old.Images, old.Counted, old.Sampled = int(sum.Of().Groups), 0, 0
		if got := old.completed(cfg); got.Images != 11 || got.Counted != 11 || got.Sampled != 0 {
			t.Errorf("%+v: an older file of statistics of 11 images leads to %+v", c, got)
		}
	}
}
