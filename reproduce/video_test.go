package reproduce

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeSlow is sfa.py with the number of a frame and five of its pixels, the first ones over and over, as slow features.
func fakeSlow(mode, dir string) {
	var task sfaTask
	if found, err := readJSON(filepath.Join(dir, "task.json"), &task); !found {
		panic(err)
	}
	for i, method := range task.Methods {
		for _, split := range []string{"train", "held"} {
			pix, err := os.ReadFile(filepath.Join(dir, split+".u8"))
			if err != nil {
				panic(err)
			}
			var features []float32
			for t := range len(pix) / task.Pixels {
				features = append(features, float32(t))
				for k := range slowest {
					features = append(features, float32(pix[t*task.Pixels+k%task.Pixels]))
				}
			}
			leave(mode, filepath.Join(dir, split+"."+method+".f32"), features)
		}
		fmt.Printf("{\"name\": %q, \"dims\": %d, \"seconds\": %d.5}\n", method, 1+slowest, i)
	}
}

// What sfa.py leaves is read, split by split; what is wrong with it is said.
func TestSlowFeatureAnalysis(t *testing.T) {
	task := sfaTask{Pixels: 2, Methods: []string{"linear", "quadratic"}}
	train, held := []uint8{3, 4, 5, 6, 7, 8}, []uint8{9, 10}
	with(t, "well")
	all, note, err := slowFeatureAnalysis(t.Context(), task, train, held)
	if err != nil || note != "a fake" || len(all) != 2 {
		t.Fatalf("%+v, note %q, error %v", all, note, err)
	}
	if f := all[1]; f.name != "quadratic" || f.dims != 6 || f.seconds != 1.5 || !slices.Equal(f.train, []float32{0, 3, 4, 3, 4, 3, 1, 5, 6, 5, 6, 5, 2, 7, 8, 7, 8, 7}) || !slices.Equal(f.held, []float32{0, 9, 10, 9, 10, 9}) {
		t.Errorf("%+v", f)
	}
	for mode, says := range map[string]string{"fail": "no such module", "short": "want 72", "odd": "Traceback", "": "no Python here"} {
		with(t, mode)
		if _, _, err := slowFeatureAnalysis(t.Context(), task, train, held); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("mode %q: error %v, want %q in it", mode, err, says)
		}
	}
}

// A quick run gives latent variables back better than pixels do. That peers are missing is said, and they are
// asked again.
func TestShapes(t *testing.T) {
	with(t, "")
	opt := Options{Rows: []string{"video-shapes"}, Data: t.TempDir(), Out: filepath.Join(t.TempDir(), "out"), Quick: true, Seed: 1}
	m, _ := runStudy[*Shapes](t, opt)
	if len(m.Kinds) != 3 || !strings.Contains(m.Missing, "no Python here") {
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
	studyText(&b, m)
	for _, want := range []string{"bar\tsmt\t32\t", "square\tpixels\t1024\t", "without peers: no Python here", "Quick results"} {
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
	with(t, "")
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
	m, _ := runStudy[*Footage](t, opt)
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
	with(t, "well")
	if m, _ := runStudy[*Footage](t, opt); m.Films[0].Slowest[2] == nil || m.Peers != "a fake" {
		t.Errorf("with peers: %+v", m)
	}
	if _, lines := runStudy[*Footage](t, opt); lines.count("is done") != 1 {
		t.Errorf("run again, it says %q: want that it is done", lines)
	}
	if err := os.WriteFile(filepath.Join(opt.Data, "video", "from", "pan.y4m"), pan(63), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, lines := runStudy[*Footage](t, opt); lines.count("is done") != 0 {
		t.Errorf("with another film it says %q: want it run", lines)
	}
	var b bytes.Buffer
	studyText(&b, m)
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
