package dataset

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// An oracle is a file and what Pillow sees in it, as testdata/pillow.py says.
type oracle struct {
	File   string  `json:"file"`
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Most   int     `json:"most"` // by which a byte may differ
	Mean   float64 `json:"mean"` // by which they may differ on average
	Pixels []byte  `json:"pixels"`
}

func oracles(t testing.TB, dir string) []oracle {
	t.Helper()
	var all []oracle
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no files to compare")
	}
	return all
}

// differ says by how much the pixels of a file are not what Pillow sees, beyond what is allowed.
func (o oracle) differ(data []byte) error {
	p, err := ReadPicture(context.Background(), bytes.NewReader(data), Limits{}, 0)
	if err != nil {
		return err
	}
	if s := p.Shape(); s.Width != o.Width || s.Height != o.Height {
		return fmt.Errorf("size %d×%d, want %d×%d", s.Width, s.Height, o.Width, o.Height)
	}
	got := p.Pixels(Shape{o.Height, o.Width, 3})
	most, sum, at := 0, 0, 0
	for i, v := range got {
		d := int(v) - int(o.Pixels[i])
		d = max(d, -d)
		sum += d
		if d > most {
			most, at = d, i
		}
	}
	if mean := float64(sum) / float64(len(got)); most > o.Most || mean > o.Mean {
		return fmt.Errorf("pixel %v of %d×%d differs by %d, all by %.2f on average; want at most %d and %g",
			image.Pt(at/3%o.Width, at/3/o.Width), o.Width, o.Height, most, mean, o.Most, o.Mean)
	}
	return nil
}

// Files that Pillow made have the pixels that Pillow sees.
func TestPillowSamples(t *testing.T) { comparePillow(t, filepath.Join("testdata", "pillow")) }

// The same over many files, made by .ci/pillow.
func TestPillow(t *testing.T) {
	dir := os.Getenv("SMT_PILLOW")
	if dir == "" {
		t.Skip("SMT_PILLOW names no folder of files: make pillow")
	}
	comparePillow(t, dir)
}

func comparePillow(t *testing.T, dir string) {
	for _, o := range oracles(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, o.File))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.differ(data); err != nil {
			t.Errorf("%s: %v", o.File, err)
		}
	}
}

// A file that is cut short is an error, or has all its pixels: never gray or black in
// the place of those that are missing.
func TestTruncated(t *testing.T) {
	for name, data := range sampleFiles(t) {
		want, err := ReadPicture(context.Background(), bytes.NewReader(data), Limits{}, 0)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shape := want.Shape()
		shape.Channels = 3
		whole := want.Pixels(shape)
		step := max(1, len(data)/200)
		for n := len(data) - 1; n >= 0; n -= step {
			p, err := ReadPicture(context.Background(), bytes.NewReader(data[:n]), Limits{}, 0)
			if err != nil {
				continue
			}
			s := p.Shape()
			if s.Channels = 3; s != shape || !bytes.Equal(p.Pixels(shape), whole) {
				// What turns an image may come after its pixels.
				if s.Height != shape.Height || s.Width != shape.Width || math.Abs(sum(p.Pixels(shape))-sum(whole)) > 1e-9*sum(whole) {
					t.Errorf("%s: its first %d of %d bytes decode to other pixels", name, n, len(data))
					break
				}
			}
		}
	}
}

func sum(pix []uint8) float64 {
	total := 0.0
	for _, v := range pix {
		total += float64(v)
	}
	return total
}

// Reading ends with the context.
func TestReadPictureCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, data := range sampleFiles(t) {
		if _, err := ReadPicture(ctx, bytes.NewReader(data), Limits{}, 0); err == nil {
			t.Errorf("%s: decoded after the context was done", name)
		}
	}
}
