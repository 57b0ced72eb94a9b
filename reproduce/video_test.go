package reproduce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/python"
)

// withoutPeers has slow feature analysis be not there.
func withoutPeers(t *testing.T) {
	t.Helper()
	before := sfaEnvironment
	t.Cleanup(func() { sfaEnvironment = before })
	sfaEnvironment = func(context.Context, string, io.Writer) (*python.Environment, error) {
		return nil, errors.New("no python here")
	}
}

// A quick run gives latent variables back better than pixels do, and a second one finds it done. That peers
// are missing is said.
func TestShapes(t *testing.T) {
	withoutPeers(t)
	opt := Options{Rows: []string{"video-shapes"}, Data: t.TempDir(), Out: filepath.Join(t.TempDir(), "out"), Quick: true, Seed: 1}
	report, err := Run(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	m := report.Studies[0].(*Shapes)
	if len(m.Kinds) != 3 || !strings.Contains(m.Missing, "no python here") {
		t.Fatalf("%d shapes, missing: %q", len(m.Kinds), m.Missing)
	}
	for _, k := range m.Kinds {
		if len(k.Methods) != 2 || len(k.Turns) != 3 {
			t.Fatalf("%s: %d methods, %d steps", k.Name, len(k.Methods), len(k.Turns))
		}
		ours, pixels := mean(k.Methods[0].R2), mean(k.Methods[1].R2)
		if !(ours > pixels && ours > 0.5) {
			t.Errorf("%s: mean R² %g, of pixels %g", k.Name, ours, pixels)
		}
		if turns := k.Turns[0]; !(turns.Beta < turns.Pixels) {
			t.Errorf("%s: trajectories turn by %g degrees, those of pixels by %g", k.Name, turns.Beta, turns.Pixels)
		}
	}
	var b bytes.Buffer
	m.Text(&b)
	for _, want := range []string{"bar\tsmt\t32\t", "square\tpixels\t1024\t", "without slow feature analysis", quickStudy} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
}

// pan is a y4m of a texture that moves and brightens.
func pan(frames int) []byte {
	rng := rand.New(rand.NewPCG(1, 16))
	const side = 48
	texture := make([]float64, 4*side*side)
	for i := range texture {
		texture[i] = 60 * rng.Float64()
	}
	b := []byte(fmt.Sprintf("YUV4MPEG2 W%d H%d Cmono XCOLORRANGE=FULL\n", side, side))
	for t := range frames {
		b = append(b, "FRAME\n"...)
		for y := range side {
			for x := range side {
				b = append(b, byte(texture[y*2*side+(x+t/3)%(2*side)]+float64(2*t)))
			}
		}
	}
	return b
}

// The films of the row are learned from, wherever in the folder they are and whatever else is there; which is missing is said.
func TestFootage(t *testing.T) {
	withoutPeers(t)
	opt := Options{Rows: []string{"video-footage"}, Data: t.TempDir(), Out: filepath.Join(t.TempDir(), "out"), Quick: true, Seed: 1}
	if _, err := Run(t.Context(), opt); err == nil || !strings.Contains(err.Error(), filepath.Join(opt.Data, "video")) {
		t.Errorf("without films: error %v", err)
	}
	defer func(before []string) { footage = before }(footage)
	footage = []string{"pan.y4m", "other.y4m"}
	for name, b := range map[string][]byte{"from/pan.y4m": pan(60), "mine/holiday.y4m": []byte("no film"), "cover/front.png": []byte("no picture")} {
		path := filepath.Join(opt.Data, "video", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Run(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "video: other.y4m not there") {
		t.Errorf("without one of two films: error %v", err)
	}
	footage = footage[:1]
	report, err := Run(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	m := report.Studies[0].(*Footage)
	if len(m.Films) != 1 {
		t.Fatalf("%d films", len(m.Films))
	}
	f := m.Films[0]
	if f.Frames != 60 || f.Held != 20 || len(f.Turns) != 4 || len(f.Whole) != 4 || len(f.Follows) != slowest {
		t.Errorf("%+v", f)
	}
	if !(f.Eigenvalues[0] < f.Eigenvalues[1] && f.Change[0] < f.Change[2]) {
		t.Errorf("eigenvalues %g, change %g: want less in time than in another order", f.Eigenvalues, f.Change)
	}
	if f.Slowest[0] == nil || f.Slowest[2] != nil {
		t.Error("slowest coordinates of peers that are not there")
	}
	var b bytes.Buffer
	m.Text(&b)
	if !strings.Contains(b.String(), "\npan.y4m\t60\t20\t") {
		t.Errorf("no film in\n%s", &b)
	}
}

// What an embedding follows is found again: a coordinate that is the brightness, one that is what moves, one that is
// what is in front, by the definition of each.
func TestFollows(t *testing.T) {
	const n, size = 41, 50
	rng := rand.New(rand.NewPCG(2, 16))
	pix := make([]uint8, n*size)
	for t := range n {
		for k := range size {
			pix[t*size+k] = uint8(3 * k)
		}
		for range rng.IntN(size / 3) { // fewer times than half of the frames, so that the median is 3k
			k := rng.IntN(size)
			pix[t*size+k] = uint8(200 + rng.IntN(50))
		}
	}
	var rows []float32
	for t := range n {
		var bright, motion, front float64
		for k := range size {
			v := float64(pix[t*size+k])
			bright += v
			front += math.Abs(v - 3*float64(k))
			before := max(t, 1)
			motion += math.Abs(float64(pix[before*size+k]) - float64(pix[(before-1)*size+k]))
		}
		rows = append(rows, float32(bright), float32(-motion), float32(front), 7)
	}
	got := follows(rows, 4, pix, size)
	if math.Abs(got[0].Brightness-1) > 1e-6 || math.Abs(got[1].Motion+1) > 1e-6 || math.Abs(got[2].Foreground-1) > 1e-6 || got[3] != (Follow{Coordinate: 3}) {
		t.Errorf("%+v", got)
	}
}
