package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMain lets a test start the program itself: the test binary with
// SMT_TEST_MAIN set is smt.
func TestMain(m *testing.M) {
	if os.Getenv("SMT_TEST_MAIN") != "" {
		main()
	}
	if os.Getenv(victimEnv) != "" {
		victimMain()
	}
	// Who runs the tests may have set signals aside, as a shell does for what is in the background. The processes that
	// tests start and signal are to have them: they begin with the default of what is answered here.
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	os.Exit(m.Run())
}

// outcome is what a command line came to.
type outcome struct {
	code           int
	stdout, stderr string
}

func smtRun(t testing.TB, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := newApp(&stdout, &stderr).main(t.Context(), args)
	return outcome{code, stdout.String(), stderr.String()}
}

// must runs a command line that has to succeed and returns its standard output.
func must(t testing.TB, args ...string) string {
	t.Helper()
	o := smtRun(t, args...)
	if o.code != 0 {
		t.Fatalf("smt %s: exit code %d\n%s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o.stdout
}

// mustJSON is must with --json: the one object on standard output, which has
// these keys.
func mustJSON(t testing.TB, keys []string, args ...string) map[string]any {
	t.Helper()
	return decode(t, must(t, append(args, "--json")...), keys)
}

func decode(t testing.TB, out string, keys []string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(out))
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		t.Fatalf("standard output is no JSON object: %v\n%s", err, out)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("more than one JSON value on standard output:\n%s", out)
	}
	for _, k := range keys {
		if _, ok := object[k]; !ok {
			t.Errorf("no key %q in\n%s", k, out)
		}
	}
	return object
}

// mustFail runs a command line that has to fail with a code and one line that
// says all of these, and print nothing on standard output.
func mustFail(t *testing.T, code int, says []string, args ...string) {
	t.Helper()
	o := smtRun(t, append(args, "--quiet")...)
	o.wantFailure(t, code, says...)
}

func (o outcome) wantFailure(t *testing.T, code int, says ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d: %s", o.code, code, o.stderr)
	}
	if strings.Contains(o.stderr, ": smt: ") {
		t.Errorf("the program is named within an error: %s", o.stderr)
	}
	if o.stdout != "" {
		t.Errorf("on standard output: %s", o.stdout)
	}
	lines := strings.Split(strings.TrimSuffix(o.stderr, "\n"), "\n")
	last := lines[len(lines)-1]
	if strings.HasPrefix(last, "{") {
		var f failure
		if err := json.Unmarshal([]byte(last), &f); err != nil || f.Code != code {
			t.Errorf("standard error ends with %s, want an object with exit code %d", last, code)
		}
		last = f.Error
	} else if !strings.HasPrefix(last, "smt: ") {
		t.Errorf("standard error ends with %q, want a line that begins with smt:", last)
	}
	for _, s := range says {
		if !strings.Contains(last, s) {
			t.Errorf("error %q does not say %q", last, s)
		}
	}
}

// Images of the tests are waves, whose direction is their class, with noise.
const (
	side    = 14
	classed = 4
)

func wave(r *rand.Rand, class, channels int) []byte {
	angle := math.Pi * float64(class) / classed
	phase := 2 * math.Pi * r.Float64()
	pix := make([]byte, 0, side*side*channels)
	for y := range side {
		for x := range side {
			along := float64(x)*math.Cos(angle) + float64(y)*math.Sin(angle)
			for c := range channels {
				v := 128 + 80*math.Sin(along+phase+float64(c)) + 20*r.NormFloat64()
				pix = append(pix, byte(min(max(v, 0), 255)))
			}
		}
	}
	return pix
}

// idxData makes a folder of IDX files with so many gray images.
func idxData(t testing.TB, train, test int) string {
	t.Helper()
	dir := t.TempDir()
	writeIDX(t, dir, "train", train)
	if test > 0 {
		writeIDX(t, dir, "t10k", test)
	}
	return dir
}

func writeIDX(t testing.TB, dir, name string, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	images, labels := []byte{0, 0, 8, 3}, []byte{0, 0, 8, 1}
	for _, size := range []uint32{uint32(n), side, side} {
		images = binary.BigEndian.AppendUint32(images, size)
	}
	labels = binary.BigEndian.AppendUint32(labels, uint32(n))
	for i := range n {
		images = append(images, wave(r, i%classed, 1)...)
		labels = append(labels, byte(i%classed))
	}
	write(t, filepath.Join(dir, name+"-images-idx3-ubyte"), images)
	write(t, filepath.Join(dir, name+"-labels-idx1-ubyte"), labels)
}

// pngData makes a folder of colour PNG files, a sub-folder a class, and grayData one of gray ones.
func pngData(t testing.TB, n int) string {
	t.Helper()
	return pictures(t, n, 2, func(r *rand.Rand, class int) image.Image {
		pix := wave(r, class, 3)
		img := image.NewNRGBA(image.Rect(0, 0, side, side))
		for k := range side * side {
			img.SetNRGBA(k%side, k/side, color.NRGBA{pix[3*k], pix[3*k+1], pix[3*k+2], 255})
		}
		return img
	})
}

func grayData(t testing.TB, n int) string {
	t.Helper()
	return pictures(t, n, 3, func(r *rand.Rand, class int) image.Image {
		img := image.NewGray(image.Rect(0, 0, side, side))
		copy(img.Pix, wave(r, class, 1))
		return img
	})
}

// pictures makes a folder of n PNG files, a sub-folder a class.
func pictures(t testing.TB, n int, seed uint64, picture func(r *rand.Rand, class int) image.Image) string {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	for i := range n {
		img := picture(r, i%classed)
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("class%d", i%classed), fmt.Sprintf("%04d.png", i)), b.Bytes())
	}
	return dir
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// small makes any preset small enough for a test.
var small = []string{"--atoms", "64", "--dims", "8", "--skip", "0", "--max-cosine", "0.95", "--quiet"}

// fitSmall fits a small model and returns its path.
func fitSmall(t testing.TB, data string, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	must(t, append(append([]string{"fit", data, "-o", path}, small...), flags...)...)
	return path
}

// cancelAt is a writer that cancels, once, when it is told a line of progress.
type cancelAt struct {
	told   strings.Builder
	line   string
	cancel context.CancelFunc
	once   sync.Once
}

func (c *cancelAt) Write(b []byte) (int, error) {
	n, err := c.told.Write(b)
	if strings.Contains(c.told.String(), c.line) {
		c.once.Do(c.cancel)
	}
	return n, err
}
