package dataset

import (
	"bytes"
	"strings"
	"testing"
)

// The same image of 3 × 2, in all kinds; what a row of bits ends in does not count.
var pnmFiles = map[string]string{
	"bits as text":         "P1\n# a comment\n3 2\n101\n0 1 0\n",
	"bits":                 "P4 3 2\n\xbf\x40",
	"gray as text":         "P2\n3 2 # width, height\n255\n0 255 0\n255 0 255",
	"gray":                 "P5\n3\n2\n255\n\x00\xff\x00\xff\x00\xff",
	"gray of 3 levels":     "P5\n3 2 2\n\x00\x02\x00\x02\x00\x02",
	"gray of 12 bits":      "P5\n3 2 4095\n\x00\x00\x0f\xff\x00\x00\x0f\xff\x00\x00\x0f\xff",
	"colour as text":       "P3\n3 2\n9\n0 0 0 9 9 9 0 0 0\n9 9 9 0 0 0 9 9 9\n",
	"colour":               "P6\n3 2\n255\n\x00\x00\x00\xff\xff\xff\x00\x00\x00\xff\xff\xff\x00\x00\x00\xff\xff\xff",
	"colour of 16 bits":    "P6\n3 2\n65535\n" + strings.Repeat("\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff", 3),
	"more after the image": "P5 3 2 255\n\x00\xff\x00\xff\x00\xffP5 1 1 255\n\x00",
}

func decoded(t *testing.T, file string, shape Shape, limit int64) ([]uint8, error) {
	p, err := ReadPicture(t.Context(), strings.NewReader(file), Limits{Pixels: limit}, 0)
	if err != nil {
		return nil, err
	}
	return p.Pixels(shape), nil
}

func TestPNM(t *testing.T) {
	for name, text := range pnmFiles {
		for _, channels := range []int{1, 3} {
			pix, err := decoded(t, text, Shape{2, 3, channels}, 6)
			want := bytes.Repeat([]byte{0}, channels)
			for i := 1; i < 6; i++ {
				want = append(want, bytes.Repeat([]byte{uint8(255 * (i % 2))}, channels)...)
			}
			if err != nil || !bytes.Equal(pix, want) {
				t.Errorf("%s: %v, %v, want %v", name, pix, err, want)
			}
		}
		s, err := PictureShape(strings.NewReader(text), Limits{Pixels: 6})
		want := Shape{2, 3, 1}
		if strings.HasPrefix(name, "colour") {
			want.Channels = 3
		}
		if err != nil || s != want {
			t.Errorf("%s: shape %v, %v, want %v", name, s, err, want)
		}
	}
	// Levels that are spread: 5 of 15 is a third of 255.
	if pix, err := decoded(t, "P2 1 1 15 5", Shape{1, 1, 1}, 1); err != nil || pix[0] != 85 {
		t.Errorf("5 of 15 is %v, %v, want 85", pix, err)
	}
}

func TestPNMErrors(t *testing.T) {
	for text, says := range map[string]string{
		"P5 3":                       "unexpected EOF",
		"P5 3 2 0\n":                 "largest sample 0, want 1 to 65535",
		"P5 3 2 65536\n":             "largest sample 65536",
		"P5 x":                       `character 'x' where a number was due`,
		"P5 99999999999 2 255\n":     "more than ten digits",
		"P5 3 2 255\n\x00\xff\x00":   "unexpected EOF",
		"P2 3 2 9 1 2 3 4 5":         "unexpected EOF",
		"P2 3 2 9 1 2 3 4 5 10":      "a sample is 10, want at most 9",
		"P1 3 2 101 2":               `character '2' where 0 or 1 was due`,
		"P6 10000 10000 255\n\x00":   "cannot hold so many pixels",
		"P6 100000 100000 255\n\x00": "want 1 to 100000000 pixels",
		"P5 0 2 255\n":               "size 0×2",
	} {
		if _, err := decoded(t, text, Shape{2, 3, 1}, 0); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an error that says %q", text, err, says)
		}
	}
}
