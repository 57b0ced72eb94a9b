package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
)

// Thumbnails of an index are those of its files decoded anew, and have their sizes.
func TestThumbnailsAreThoseOfFiles(t *testing.T) {
	data := photographs(t)
	path := filepath.Join(t.TempDir(), "photos.index")
	must(t, "index", fitSmall(t, data), data, "-o", path)
	x, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for i := range x.Len() {
		item, err := x.Item(i)
		if err != nil {
			t.Fatal(err)
		}
		p, err := readPicture(t.Context(), filepath.Join(data, item.ID), 0)
		if err != nil {
			t.Fatal(err)
		}
		want, err := thumbnailOf(p).encoded()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := x.Thumbnail(i); err != nil || !bytes.Equal(got, want.file) || item.Width != want.width || item.Height != want.height {
			t.Errorf("%s has another thumbnail, or is not %d × %d: %v", item.ID, item.Width, item.Height, err)
		}
	}
}

// Thumbnails are kept until they are taken, and no more than there is room for.
func TestThumbnailsHaveARoom(t *testing.T) {
	data := photographs(t)
	path := filepath.Join(data, "lying", "00.png")
	p, err := readPicture(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := newThumbnails(memory.Room{Bytes: 16})
	k.see(path, p)
	k.see(path, p) // the same once more
	k.see("another", p)
	if _, is := k.take("another"); is {
		t.Error("one is kept for which there is no room")
	}
	if got, is := k.take(path); !is || int64(len(got.file)) == 0 || k.held != 0 {
		t.Errorf("what is kept: %v, and then %d bytes are held", is, k.held)
	}
	if _, is := k.take(path); is {
		t.Error("what was taken is kept")
	}
}

// All pictures of a folder are seen once, with their files, and what a source of a split is seen as.
func TestWatch(t *testing.T) {
	data := photographs(t)
	set, err := dataset.Open(data, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	times := map[string]int{}
	dataset.Watch(dataset.Slice(set.Train, 0, 3), func(path string, p *dataset.Picture) {
		times[path]++
		if s := p.Shape(); s.Height != 24 || s.Width != 24 {
			t.Errorf("%s is seen as %v", path, s)
		}
	})
	pix := make([]uint8, set.Train.Shape().Len())
	for i := range set.Train.Len() {
		if err := set.Train.Image(i, pix); err != nil {
			t.Fatal(err)
		}
		if n := times[dataset.FileOf(set.Train, i)]; n != 1 {
			t.Errorf("image %d is seen %d times", i, n)
		}
	}
	dataset.Watch(set.Train, nil)
	if err := set.Train.Image(0, pix); err != nil {
		t.Fatal(err)
	}
}
