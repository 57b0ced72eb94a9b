package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/video/shapes"
)

// However many frames are compared first, those that follow are the rest, each once, and the digest is that of all.
func TestFilmIsReadOnce(t *testing.T) {
	dir := t.TempDir()
	filmed(t, dir, "a.y4m", 23, 1)
	filmed(t, dir, "b.y4m", 10, 2)
	clips, _, err := videosource.Find(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	quiet := func(string, int, int) {}
	all := func(f *film, from int) (pix []byte) {
		for n := from; ; {
			b, err := f.block(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(b) == 0 {
				return pix
			}
			pix = append(pix, b...)
			n += len(b) / f.shape.Len()
			if err := f.until(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	shape := dataset.Shape{Height: shapes.Side, Width: shapes.Side, Channels: 1}
	whole := newFilm(clips, shape)
	defer whole.close()
	want := all(whole, 0)
	if len(want) != 33*shape.Len() {
		t.Fatalf("%d bytes of frames", len(want))
	}
	for n := range 34 {
		f := newFilm(clips, shape)
		if err := f.read(t.Context(), n, quiet); err != nil {
			t.Fatal(err)
		}
		if got := all(f, n); !bytes.Equal(got, want[n*shape.Len():]) || f.sum() != whole.sum() {
			t.Errorf("after %d frames: %d bytes follow, or another digest", n, len(got))
		}
		f.reset()
		if got := all(f, 0); !bytes.Equal(got, want) || f.sum() != whole.sum() {
			t.Errorf("begun anew after %d frames: %d bytes, or another digest", n, len(got))
		}
		f.close()
	}
}
