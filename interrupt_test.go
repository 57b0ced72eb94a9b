package smt_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

// looks is a context that counts how often it is looked at, and is done once it was so
// many times: a measure of how much work is done between two looks that no clock enters.
type looks struct {
	context.Context
	n    atomic.Int64
	most int64 // negative: never done
}

func (l *looks) Err() error {
	if n := l.n.Add(1); l.most >= 0 && n > l.most {
		return context.Canceled
	}
	return nil
}

// reads counts the images that are read.
type reads struct {
	dataset.Source
	n *atomic.Int64
}

func (r reads) Image(i int, pix []uint8) error {
	r.n.Add(1)
	return r.Source.Image(i, pix)
}

// Work looks at its context at least once for so many patches, however large images
// are, and does next to nothing once that is done.
func TestWorkOnLargeImagesIsInterruptedWithinThem(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute or more on the generic tier")
	}
	const perLook = 2048
	shape := dataset.Shape{Height: 290, Width: 300, Channels: 3}
	patches := int64(287 * 297)
	src := ofSize(2, shape, 1)
	cfg := small()
	cfg.MaxCosine, cfg.Sample = 0.99, 0
	e, err := smt.NewEncoder(context.Background(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	windows := cfg
	windows.Context = cooccur.Context{Kind: cooccur.Window, Radius: 2, Difference: 1}
	w, err := smt.NewEncoder(context.Background(), src, windows)
	if err != nil {
		t.Fatal(err)
	}
	m, err := smt.Fit(context.Background(), colour(100), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for name, work := range map[string]func(ctx context.Context) error{
		"learning atoms": func(ctx context.Context) error { _, err := smt.NewEncoder(ctx, src, cfg); return err },
		"counting":       func(ctx context.Context) error { _, err := e.Collect(ctx, src); return err },
		"windows":        func(ctx context.Context) error { _, err := w.Collect(ctx, src); return err },
		"embedding": func(ctx context.Context) error {
			for _, err := range m.EmbedAll(ctx, src) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		whole := &looks{Context: context.Background(), most: -1}
		if err := work(whole); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := whole.n.Load(); n < 2*patches/perLook {
			t.Errorf("%s: %d looks at the context for %d patches: want one for %d at least", name, n, 2*patches, perLook)
		}
		for _, part := range []int64{1, 2, 3} {
			stopped := &looks{Context: context.Background(), most: part * whole.n.Load() / 4}
			if err := work(stopped); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: stopped after %d of 4 parts: error %v", name, part, err)
			}
			// Each worker sees it, and those that it works for.
			if more := stopped.n.Load() - stopped.most; more > int64(3*runtime.GOMAXPROCS(0)+3) {
				t.Errorf("%s: went on for %d looks after its context was done", name, more)
			}
		}
	}
}

// A fit that is cancelled reads no more images than its workers have begun, in any stage.
func TestCancelledFitReadsNoMoreImages(t *testing.T) {
	for _, stage := range []string{"reading images", "whitening", "dictionary", "statistics", "solving"} {
		ctx, cancel := context.WithCancel(context.Background())
		var n, then atomic.Int64
		cfg := small()
		cfg.Context = cooccur.Context{Kind: cooccur.Window, Radius: 2, Difference: 1}
		_, err := smt.Fit(ctx, reads{colour(2000), &n}, cfg, smt.Progress(func(at string, done, total int) {
			if at == stage && ctx.Err() == nil {
				cancel()
				then.Store(n.Load())
			}
		}))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", stage, err)
		}
		if more := n.Load() - then.Load(); more > int64(runtime.GOMAXPROCS(0)) {
			t.Errorf("%s: %d images were read after it was cancelled", stage, more)
		}
	}
}
