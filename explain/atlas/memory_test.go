package atlas

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"testing"
)

// More items take more, and more groups.
func TestMemory(t *testing.T) {
	few := Memory(50_000, 2)
	for what, more := range map[string]float64{"items": Memory(200_000, 2), "groups": Memory(50_000, 3000)} {
		if more <= few {
			t.Errorf("more %s: %g bytes, not more than %g", what, more, few)
		}
	}
	if sheet := Memory(1, 0); sheet < 48<<20 {
		t.Errorf("a map of one item takes %g bytes, less than a sheet of thumbnails", sheet)
	}
}

// noise is items with one picture that compresses as badly as any.
type noise struct {
	flags
	file []byte
}

func (n noise) Thumbnail(int) ([]byte, error) { return n.file, nil }

// noisy is a picture of noise, 64 pixels a side.
func noisy(t *testing.T) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 0))
	im := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for k := range im.Pix {
		if im.Pix[k] = uint8(rng.IntN(256)); k%4 == 3 {
			im.Pix[k] = 255
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A page of noise takes no more than is said, and half of it at least.
func TestPageMemory(t *testing.T) {
	m := small(1500)
	m.Items = noise{m.Items.(flags), noisy(t)}
	var b bytes.Buffer
	if err := m.Write(t.Context(), &b, quiet); err != nil {
		t.Fatal(err)
	}
	said, err := PageMemory(m.Items)
	if err != nil {
		t.Fatal(err)
	}
	if takes := 3 * float64(b.Len()); takes > said || takes < said/2 {
		t.Errorf("a page of %d bytes, and %.0f said of a buffer for it", b.Len(), said)
	} else {
		t.Logf("%.2f of what the page takes is said", said/takes)
	}
}
