package dataset

import (
	"bytes"
	"strings"
	"testing"
)

// An image decoded from its bytes is the image that a folder with its file has.
func TestDecodeIsWhatAFolderReads(t *testing.T) {
	dir := t.TempDir()
	file := encode(t, "png", colourful(9, 6, 1))
	write(t, dir, "a.png", file)
	shape := Shape{4, 4, 3}
	set := mustOpen(t, dir, Options{Shape: shape})
	want := make([]uint8, shape.Len())
	if err := set.Train.Image(0, want); err != nil {
		t.Fatal(err)
	}
	if got, err := Decode(bytes.NewReader(file), shape, 0); err != nil || !bytes.Equal(got, want) {
		t.Errorf("decoded %v, %v; the folder has %v", got, err, want)
	}
	if got, err := DecodeShape(bytes.NewReader(file), 54); err != nil || got != (Shape{6, 9, 3}) {
		t.Errorf("the file's shape is %v, %v", got, err)
	}
	for name, f := range map[string]func(file string, limit int) error{
		"Decode": func(file string, limit int) error {
			_, err := Decode(strings.NewReader(file), shape, limit)
			return err
		},
		"DecodeShape": func(file string, limit int) error { _, err := DecodeShape(strings.NewReader(file), limit); return err },
	} {
		if err := f(string(file), 53); err == nil || !strings.Contains(err.Error(), "9×6") {
			t.Errorf("%s of 54 pixels within a limit of 53: %v", name, err)
		}
		if err := f("no image", 0); err == nil {
			t.Errorf("%s took text", name)
		}
	}
}
