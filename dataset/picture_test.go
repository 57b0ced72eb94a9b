package dataset

import (
	"bytes"
	"strings"
	"testing"
)

// An image decoded from its bytes is the image that a folder with its file has.
func TestReadPictureIsWhatAFolderReads(t *testing.T) {
	dir := t.TempDir()
	file := encode(t, "png", colourful(9, 6, 1))
	write(t, dir, "a.png", file)
	shape := Shape{4, 4, 3}
	set := mustOpen(t, dir, Options{Shape: shape})
	want := make([]uint8, shape.Len())
	if err := set.Train.Image(0, want); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPicture(t.Context(), bytes.NewReader(file), Limits{Pixels: 54}, 0)
	if err != nil || p.Shape() != (Shape{6, 9, 3}) {
		t.Fatal(p, err)
	}
	for range 2 { // as often as wanted
		if got := p.Pixels(shape); !bytes.Equal(got, want) {
			t.Errorf("decoded %v; the folder has %v", got, want)
		}
	}
	if got, err := PictureShape(bytes.NewReader(file), Limits{Pixels: 54}); err != nil || got != (Shape{6, 9, 3}) {
		t.Errorf("the file's shape is %v, %v", got, err)
	}
	for name, f := range map[string]func(file string, limits Limits) error{
		"ReadPicture": func(file string, limits Limits) error {
			_, err := ReadPicture(t.Context(), strings.NewReader(file), limits, 0)
			return err
		},
		"PictureShape": func(file string, limits Limits) error {
			_, err := PictureShape(strings.NewReader(file), limits)
			return err
		},
	} {
		if err := f(string(file), Limits{Pixels: 53}); err == nil || !strings.Contains(err.Error(), "9×6") {
			t.Errorf("%s of 54 pixels within a limit of 53: %v", name, err)
		}
		if err := f("no image", Limits{}); err == nil {
			t.Errorf("%s took text", name)
		}
	}
}
