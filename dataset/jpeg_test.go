package dataset

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// photo is a JPEG as cameras write it: a thumbnail and a profile are before its first scan.
func photo(t testing.TB, w, h int) (file []byte, before int) {
	profile := strings.Repeat(string([]byte{0xff, 0xe2, 0xff, 0xff})+strings.Repeat("p", 0xffff-2), 2)
	thumbnail := app1("Exif\x00\x00" + strings.Repeat("t", 10_000))
	return turned(t, uniform(w, h, color.RGBA{90, 120, 40, 255}), thumbnail+profile), len(thumbnail) + len(profile)
}

// readCounter counts the bytes that are read of a file from its beginning on.
type readCounter struct {
	*bytes.Reader
	read int
}

func (c *readCounter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read += n
	return n, err
}

// What stands before the first scan is read once by image/jpeg and once for its frame.
func TestJPEGHeaderIsReadTwice(t *testing.T) {
	file, before := photo(t, 40, 30)
	c := &readCounter{Reader: bytes.NewReader(file)}
	head, err := readHeader(c, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := head.size().String(), "(40,30)"; got != want || head.planar {
		t.Errorf("size %s, planar %v: want %s, decoded by image/jpeg", got, head.planar, want)
	}
	if most := 2 * len(file); c.read > most || c.read < 2*before {
		t.Errorf("%d bytes of a file of %d are read, %d of them before the first scan: want these twice", c.read, len(file), before)
	}
}

func BenchmarkOpenJPEGs(b *testing.B) {
	dir := b.TempDir()
	file, _ := photo(b, 640, 480)
	for i := range 200 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.jpg", i)), file, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		set, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := set.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
