package main

import (
	"bytes"
	"fmt"
	"image"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/index"
)

// Of a folder around the folder of images, ids begin with the inner one, and thumbnails are of its files.
func TestIndexOfFolderAround(t *testing.T) {
	around, data := t.TempDir(), pngData(t, 24)
	for i := range 24 {
		name := filepath.Join(fmt.Sprintf("class%d", i%classed), fmt.Sprintf("%04d.png", i))
		write(t, filepath.Join(around, "inner", name), read(t, filepath.Join(data, name)))
	}
	path := filepath.Join(t.TempDir(), "all.index")
	must(t, "index", fitSmall(t, data), around, "-o", path, "--quiet")
	x, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for i := range x.Len() {
		item, err := x.Item(i)
		if err != nil || !exists(filepath.Join(around, filepath.FromSlash(item.ID))) {
			t.Errorf("item %d is %q: %v", i, item.ID, err)
		}
		b, err := x.Thumbnail(i)
		if err != nil {
			t.Fatal(err)
		}
		if img, _, err := image.Decode(bytes.NewReader(b)); err != nil || img.Bounds().Dx() != side {
			t.Errorf("the thumbnail of %q: %v", item.ID, err)
		}
	}
}
