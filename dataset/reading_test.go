package dataset

import (
	"image"
	"image/color"
	"testing"
	"unsafe"
)

func TestReading(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]image.Point{"a.png": {30, 20}, "b.png": {10, 50}, "c.png": {40, 10}} {
		write(t, dir, name, encode(t, "png", uniform(size.X, size.Y, color.NRGBA{1, 2, 3, 255})))
	}
	set, err := Open(dir, Options{Shape: Shape{Height: 8, Width: 6}})
	if err != nil {
		t.Fatal(err)
	}
	// The one that takes most has 500 pixels, and 50 rows that are scaled.
	want := int64(4*500 + 8*48 + 32*6*50)
	_, some := Holdout(set.Train, 2, 1)
	for name, src := range map[string]Source{"a folder": set.Train, "some of one": some, "gray views, repeated": Repeat(Gray(some))} {
		extra := int64(0)
		if name == "gray views, repeated" {
			extra = 3 * 48
		}
		if got := Reading(src); got != want+extra {
			t.Errorf("%s: %d bytes, want %d", name, got, want+extra)
		}
	}
	if got := ReadingAs(set.Train, Shape{Height: 50, Width: 10, Channels: 3}); got != 4*500+8*500 {
		t.Errorf("at its own size: %d bytes", got)
	}
	if got := Reading(Single(Shape{Height: 1, Width: 1, Channels: 1}, []uint8{1})); got != 0 {
		t.Errorf("an image in memory: %d bytes", got)
	}
}

// What several sources share counts once.
func TestResident(t *testing.T) {
	dir := t.TempDir()
	for split, n := range map[string]uint32{"train": 5, "t10k": 2} {
		write(t, dir, split+"-images-idx3-ubyte.gz", packed(idxFile(noise(int(6*n), 1), n, 2, 3)))
		write(t, dir, split+"-labels-idx1-ubyte", idxFile(make([]byte, n), n))
	}
	set := mustOpen(t, dir, Options{})
	rest, some := Holdout(set.Train, 2, 1)
	const both = 7 * (6 + 1)
	for name, c := range map[string]struct {
		srcs []Source
		want int64
	}{
		"a split":         {[]Source{set.Train}, both},
		"both":            {[]Source{set.Train, set.Test}, both},
		"a hold-out":      {[]Source{rest, some, set.Test}, both + 8*5},
		"views":           {[]Source{Gray(Repeat(some))}, both + 8*2},
		"none":            {[]Source{nil}, 0},
		"another package": {[]Source{struct{ Source }{set.Train}}, 0},
	} {
		if got := Resident(c.srcs...); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
	images := t.TempDir()
	path := write(t, images, "a.png", encode(t, "png", uniform(8, 8, color.Gray{1})))
	if got, want := Resident(mustOpen(t, images, Options{}).Train), int64(len(path)+16+1)+int64(unsafe.Sizeof(decodedImage{})); got != want {
		t.Errorf("a folder: %d bytes, want %d", got, want)
	}
}
