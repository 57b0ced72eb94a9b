package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestFolderClasses(t *testing.T) {
	dir := t.TempDir()
	a, b, c := colourful(4, 3, 1), colourful(4, 3, 2), colourful(4, 3, 3)
	write(t, dir, "zebra/2.png", encode(t, "png", b))
	write(t, dir, "zebra/deep/er/1.PNG", encode(t, "png", c))
	write(t, dir, "ant/no-extension", encode(t, "bmp", a))
	write(t, dir, "ant/.hidden.png", []byte("not read"))
	write(t, dir, "ant/.git/x.png", []byte("not read"))
	write(t, dir, "ant/.git/deep/.er/y.png", []byte("not read"))
	os.Mkdir(filepath.Join(dir, "ant/.nothing"), 0o755)
	write(t, dir, "ant/notes.txt", []byte("no image"))
	write(t, dir, "loose.png", encode(t, "png", a)) // of no class
	os.Mkdir(filepath.Join(dir, "empty"), 0o755)
	set := mustOpen(t, dir, Options{})
	src := set.Train
	if set.Format != "folder" || set.Test != nil || src.Len() != 3 || src.Shape() != (Shape{3, 4, 3}) {
		t.Fatalf("%+v: %d images of %v", set, src.Len(), src.Shape())
	}
	if want := []string{"ant", "zebra"}; !reflect.DeepEqual(src.Classes(), want) {
		t.Errorf("classes %q, want %q", src.Classes(), want)
	}
	for i, want := range []struct {
		img   image.Image
		label int
	}{{a, 0}, {b, 1}, {c, 1}} {
		if !bytes.Equal(pixels(t, src, i), FromImage(want.img, src.Shape())) || src.Label(i) != want.label {
			t.Errorf("image %d, of class %d, is not the one expected", i, src.Label(i))
		}
	}
	info, err := set.Info(t.Context())
	if err != nil || info.Skipped != 5 || info.Resized != 0 {
		t.Errorf("info %+v, %v: want 5 skipped, 0 resized", info, err)
	}
	wantLeft(t, set, "5 files left out: 1 beside the folders of classes (loose.png), 3 hidden (ant/.git, ant/.hidden.png), 1 of other formats (ant/notes.txt)")
	checkContract(t, src)
}

func TestFolderFlat(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.png", encode(t, "png", grayOf("ab", "cd")))
	write(t, dir, "2.png", encode(t, "png", grayOf("ef", "gh")))
	src := mustOpen(t, dir, Options{}).Train
	if src.Len() != 2 || src.Shape() != (Shape{2, 2, 1}) || src.Classes() != nil || src.Label(0) != -1 {
		t.Fatalf("%d images of %v, classes %q", src.Len(), src.Shape(), src.Classes())
	}
	if got := string(pixels(t, src, 1)); got != "efgh" {
		t.Errorf("pixels %q", got)
	}
	checkContract(t, src)
}

func TestFolderSplits(t *testing.T) {
	png := encode(t, "png", grayOf("ab", "cd"))
	for _, test := range []string{"test", "val", "Validation"} {
		dir := t.TempDir()
		write(t, dir, "Train/a/1.png", png)
		write(t, dir, "Train/b/1.png", png)
		write(t, dir, test+"/b/1.png", encode(t, "png", colourful(9, 9, 1)))
		set := mustOpen(t, dir, Options{})
		if set.Train.Len() != 2 || set.Test == nil || set.Test.Len() != 1 {
			t.Fatalf("%s: %+v", test, set)
		}
		if set.Test.Label(0) != 1 || len(set.Test.Classes()) != 2 || set.Test.Shape() != (Shape{2, 2, 1}) {
			t.Errorf("%s: label %d of %q, shape %v: want those of the training split",
				test, set.Test.Label(0), set.Test.Classes(), set.Test.Shape())
		}
		write(t, dir, test+"/c/1.png", png)
		_, err := Open(dir, Options{})
		wantError(t, err, filepath.Join(dir, test), `class "c" is not among the 2 of Train`)
	}
	dir := t.TempDir()
	write(t, dir, "train/a/1.png", png)
	write(t, dir, "val/1.png", png)
	if set := mustOpen(t, dir, Options{}); set.Test.Label(0) != -1 || set.Train.Label(0) != 0 {
		t.Error("a flat test split: want no labels there, labels in the training split")
	}
	os.Mkdir(filepath.Join(dir, "test"), 0o755)
	_, err := Open(dir, Options{Format: "folder"})
	wantError(t, err, filepath.Join(dir, "test"), "no image files")

	// train and car are classes where there is no test.
	dir = t.TempDir()
	write(t, dir, "train/1.png", png)
	write(t, dir, "car/1.png", png)
	if c := mustOpen(t, dir, Options{}).Train.Classes(); !reflect.DeepEqual(c, []string{"car", "train"}) {
		t.Errorf("classes %q", c)
	}
}

func TestFolderAround(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "outer/inner/a/1.png", encode(t, "png", grayOf("ab")))
	write(t, dir, "outer/inner/b/1.png", encode(t, "png", grayOf("cd")))
	set := mustOpen(t, dir, Options{})
	if len(set.Train.Classes()) != 2 || set.Path != filepath.Join(dir, "outer", "inner") {
		t.Errorf("%+v, classes %q: want the folder inside", set, set.Train.Classes())
	}
	// An image beside the only sub-folder belongs to the others.
	write(t, dir, "1.png", encode(t, "png", grayOf("ef")))
	if set := mustOpen(t, dir, Options{}); set.Path != dir || set.Train.Len() != 3 || set.Train.Classes() != nil {
		t.Errorf("%+v, %d images, classes %q: want 3 without classes", set, set.Train.Len(), set.Train.Classes())
	}
}

func TestFolderShape(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.png", encode(t, "png", grayOf("abcde", "fghij", "klmno"))) // 5×3
	write(t, dir, "2.jpg", turned(t, grayOf("abcd", "efgh", "ijkl", "mnop", "qrst"), exif(binary.BigEndian, "MM", 6)))
	for _, c := range []struct {
		want, shape Shape
		resized     int
	}{
		{Shape{}, Shape{3, 3, 1}, 2},
		{Shape{Channels: 3}, Shape{3, 3, 3}, 2},
		{Shape{Height: 7}, Shape{7, 7, 1}, 2},
		{Shape{Width: 4}, Shape{4, 4, 1}, 2},
		{Shape{4, 5, 1}, Shape{4, 5, 1}, 1}, // the JPEG stored 4×5 is seen 5×4
	} {
		set := mustOpen(t, dir, Options{Shape: c.want})
		info, err := set.Info(t.Context())
		if err != nil || set.Train.Shape() != c.shape || info.Resized != c.resized {
			t.Errorf("asked for %v: %v with %d resized, want %v with %d (%v)",
				c.want, set.Train.Shape(), info.Resized, c.shape, c.resized, err)
		}
	}
	write(t, dir, "0.png", encode(t, "png", colourful(9, 9, 1)))
	if s := mustOpen(t, dir, Options{}).Train.Shape(); s != (Shape{3, 3, 3}) {
		t.Errorf("with a colour image: %v, want 3 channels", s)
	}
	write(t, dir, "4.png", encode(t, "png", grayOf("ab", "cd", "ef")))
	if s := mustOpen(t, dir, Options{}).Train.Shape(); s != (Shape{2, 2, 3}) {
		t.Errorf("with a narrow image: %v, want sides of 2", s)
	}
	for _, c := range []struct {
		want Shape
		says string
	}{
		{Shape{Height: -1}, "size -1×-1: want positive"},
		{Shape{Channels: 2}, "channels 2: want 1, 3, or 0"},
		{Shape{Height: 20000, Width: 20000}, "want at most 100000000 pixels"},
		{Shape{Height: 1 << 20}, "want at most 100000000 pixels"},
	} {
		_, err := Open(dir, Options{Shape: c.want})
		wantError(t, err, dir, "options: ", c.says)
	}
}

// An image turned by its EXIF orientation is read as it is seen.
func TestFolderTurns(t *testing.T) {
	// Blocks of 8×8, which JPEG keeps apart: dark over bright, stored on their side.
	img := image.NewGray(image.Rect(0, 0, 16, 8))
	for i := range img.Pix {
		img.Pix[i] = uint8(20 + 200*(i%16/8))
	}
	dir := t.TempDir()
	write(t, dir, "1.jpg", turned(t, img, exif(binary.BigEndian, "MM", 6)))
	src := mustOpen(t, dir, Options{}).Train
	if src.Shape() != (Shape{16, 8, 1}) {
		t.Fatalf("shape %v, want 16×8×1", src.Shape())
	}
	pix := pixels(t, src, 0)
	for i, v := range pix {
		if want := 20 + 200*(i/64); int(v) < want-3 || int(v) > want+3 {
			t.Fatalf("pixel %d is %d, want %d", i, v, want)
		}
	}
}

// huge is a PNG that declares w×h pixels and holds one.
func huge(t testing.TB, w, h uint32) []byte {
	data := encode(t, "png", image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestFolderErrors(t *testing.T) {
	whole := encode(t, "png", colourful(30, 30, 1))
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"text.png":  {[]byte("hello"), "image header: image: unknown format"},
		"empty.jpg": {nil, "image header: the file is empty"},
		"cut.tif":   {encode(t, "tiff", colourful(3, 3, 1))[:9], "image header: "},
		"bomb.png":  {huge(t, 10001, 10000), "size 10001×10000 (width×height), want 1 to 100000000 pixels"},
		"wide.png":  {huge(t, 1<<31-1, 1<<31-1), "image header: "},
	} {
		dir := t.TempDir()
		write(t, dir, "a/good.png", whole)
		path := write(t, dir, "a/"+name, c.data)
		_, err := Open(dir, Options{})
		wantError(t, err, path, c.says)
	}

	dir := t.TempDir()
	path := write(t, dir, "1.png", whole[:len(whole)/2])
	src := mustOpen(t, dir, Options{}).Train // the header is whole
	pix := make([]uint8, src.Shape().Len())
	wantError(t, src.Image(0, pix), path, "decode png: ")
	os.WriteFile(path, huge(t, 20000, 20000), 0o644)
	wantError(t, src.Image(0, pix), path, "size 20000×20000")
	os.Remove(path)
	err := src.Image(0, pix)
	wantError(t, err, path)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
}

func TestFolderLinks(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	file := write(t, other, "x/1.png", encode(t, "png", uniform(2, 2, color.Gray{7})))
	write(t, dir, "b/2.png", encode(t, "png", uniform(2, 2, color.Gray{9})))
	for link, to := range map[string]string{
		"a":        filepath.Join(other, "x"), // a class
		"b/1.png":  file,                      // an image
		"b/circle": dir,
		"b/gone":   filepath.Join(dir, "nowhere"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	set := mustOpen(t, dir, Options{})
	src := set.Train
	wantLeft(t, set, "2 files left out: 1 linked to folders that are read already (b/circle), 1 linked to nothing (b/gone)")
	var got []uint8
	for i := range src.Len() {
		got = append(got, uint8(src.Label(i)), pixels(t, src, i)[0])
	}
	if want := []uint8{0, 7, 1, 7, 1, 9}; !bytes.Equal(got, want) {
		t.Errorf("labels and pixels %v, want %v", got, want)
	}
}
