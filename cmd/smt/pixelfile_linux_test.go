package main

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// onDisk has no image kept in memory, but in files of pixels, also by programs that the test starts. What is there is old
// enough for such a file.
func onDisk(t testing.TB) {
	t.Helper()
	most, grain := keptAtMost, pixelfile.Grain
	keptAtMost, pixelfile.Grain = 0, 0
	t.Setenv(onDiskEnv, "1")
	t.Cleanup(func() { keptAtMost, pixelfile.Grain = most, grain })
	time.Sleep(50 * time.Millisecond) // some ticks of the clock of a file system
}

// timesOpened is how many image files of a folder are opened how often while a command works.
func timesOpened(t *testing.T, folder string, args ...string) map[int]int {
	t.Helper()
	times := map[int]int{}
	for path, n := range opened(t, folder, func() { must(t, args...) }) {
		if dataset.HasImageExt(path) {
			times[n]++
		}
	}
	return times
}

// Of images that do not fit in memory the pixels are beside the model, and the next commands open no image file but to make
// thumbnails. What they write is what they write without.
func TestPixelsAreTakenUp(t *testing.T) {
	folder := pngData(t, 120)
	write(t, filepath.Join(folder, "class0", "cut.png"), read(t, filepath.Join(folder, "class0", "0000.png"))[:60])
	write(t, filepath.Join(folder, "class1", "none.png"), []byte("no image"))
	at, plain := t.TempDir(), t.TempDir()
	in := func(dir, name string) string { return filepath.Join(dir, name) }
	commands := func(dir string) [][]string {
		model := in(plain, "model.safetensors") // the same, with a file of pixels where one is beside it
		if dir == at {
			model = in(at, "model.safetensors")
		}
		return [][]string{
			append([]string{"fit", folder, "-o", in(dir, "model.safetensors"), "--skip-bad"}, small...),
			{"embed", model, folder, "-o", in(dir, "out.npy"), "--skip-bad", "--ids", in(dir, "out.json")},
			{"embed", model, folder, "-o", in(dir, "short.npy"), "--skip-bad", "--whiten", "8"},
			{"eval", model, folder, "--csv", in(dir, "votes.csv"), "--holdout", "20", "--skip-bad"},
			{"eval", model, folder, "--holdout", "20", "--skip-bad"},
			{"explain", model, folder, "-o", in(dir, "report"), "--skip-bad"},
			{"index", model, folder, "-o", in(dir, "photos.index"), "--skip-bad"},
		}
	}
	for _, args := range commands(plain) {
		must(t, args...)
	}
	if files := names(t, plain); slices.ContainsFunc(files, func(name string) bool { return strings.HasSuffix(name, dataset.PixelsSuffix) }) {
		t.Errorf("images fit in memory, and files are %s", files)
	}
	onDisk(t)
	for round := range 2 {
		for k, args := range commands(at) {
			want := map[int]int{0: 122}
			switch {
			case round == 0 && k == 0:
				want = map[int]int{2: 121, 1: 1} // header and pixels; one has no header
			case args[0] == "index":
				want = map[int]int{0: 2, 1: 120}
			}
			if got := timesOpened(t, folder, args...); !maps.Equal(got, want) {
				t.Errorf("round %d, smt %v: of so many openings there are so many files: %v, want %v", round, args, got, want)
			}
		}
	}
	for _, name := range []string{"model.safetensors", "out.npy", "out.json", "short.npy", "votes.csv", "out.npy.bad.json"} {
		if !bytes.Equal(read(t, in(at, name)), read(t, in(plain, name))) {
			t.Errorf("%s is another with pixels on disk", name)
		}
	}
	var kept []string
	for _, name := range names(t, at) {
		if strings.Contains(name, dataset.PixelsSuffix) {
			kept = append(kept, name)
		}
	}
	if !slices.Equal(kept, []string{"model.safetensors" + dataset.PixelsSuffix}) {
		t.Errorf("files of pixels are %s", kept)
	}
	// Two are changed, one is new and one is gone.
	second := filepath.Join(folder, fmt.Sprintf("class%d", 2%classed), "0002.png")
	for _, name := range []string{"class0/0000.png", fmt.Sprintf("class%d/0001.png", 1%classed)} {
		write(t, filepath.Join(folder, name), read(t, second))
	}
	write(t, filepath.Join(filepath.Dir(second), "new.png"), read(t, second))
	if err := os.Remove(filepath.Join(folder, fmt.Sprintf("class%d", 5%classed), "0005.png")); err != nil {
		t.Fatal(err)
	}
	keptAtMost = 1 << 20
	embed := commands(at)[1]
	if got, want := timesOpened(t, folder, embed...), map[int]int{0: 119, 2: 3}; !maps.Equal(got, want) {
		t.Errorf("of a folder that has changed files are opened %v, want %v", got, want)
	}
	other := in(plain, "changed.npy")
	must(t, "embed", in(plain, "model.safetensors"), folder, "-o", other, "--skip-bad")
	if !bytes.Equal(read(t, in(at, "out.npy")), read(t, other)) {
		t.Error("embeddings of a folder that has changed are others with pixels on disk")
	}
}

// Lines say that there is a file of pixels, how large it is, and that it may go. It is no output by another name.
func TestPixelsAreSaid(t *testing.T) {
	folder := pngData(t, 40)
	model := filepath.Join(t.TempDir(), "model.safetensors")
	kept := model + dataset.PixelsSuffix
	onDisk(t)
	fit := append([]string{"fit", folder, "-o", model}, small[:len(small)-1]...)
	o := smtRun(t, fit...)
	if says := kept + " has the pixels of 40 images, "; o.code != 0 || !strings.Contains(o.stderr, says) || !strings.Contains(o.stderr, "it may be removed") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	o = smtRun(t, "eval", model, folder, "--holdout", "8")
	if says := kept + " is taken up: it has the pixels of 40 of 40 images"; o.code != 0 || !strings.Contains(o.stderr, says) {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	mustFail(t, exitFailure, []string{"the file of pixels"}, "embed", model, folder, "-o", "out", "--labels", "out"+dataset.PixelsSuffix)
	if o := smtRun(t, "eval", model, folder, "--holdout", "8", "--quiet"); o.stderr != "" {
		t.Errorf("with --quiet: %s", o.stderr)
	}
}

// Killed at any moment, again and again, a fit goes on from the pixels that it has, and makes the same model.
func TestPixelsOfAKilledFit(t *testing.T) {
	folder := pngData(t, 900)
	dir := t.TempDir()
	want := read(t, fitSmall(t, folder))
	onDisk(t)
	model := filepath.Join(dir, "model.safetensors")
	fit := append([]string{"fit", folder, "-o", model}, small[:len(small)-1]...)
	r := rand.New(rand.NewPCG(23, 1))
	for kills := 0; !exists(model + dataset.PixelsSuffix); kills++ {
		if kills > 20 {
			t.Fatal("killed 20 times, and there is no file of pixels")
		}
		v := startVictim(t, fit...)
		v.until("checking images", 2+kills%3)
		time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
		_ = v.cmd.Process.Kill()
		if o := v.outcome(); o.code == exitFailure {
			t.Fatal(o.stderr)
		}
		if kills > 0 && !exists(model) && !strings.Contains(fmt.Sprint(v.lines), "going on from the pixels of") {
			t.Errorf("it does not go on after %d kills:\n%s", kills, strings.Join(v.lines, "\n"))
		}
	}
	if got := timesOpened(t, folder, fit...); !maps.Equal(got, map[int]int{0: 900}) {
		t.Errorf("of so many openings there are so many files: %v", got)
	}
	if !bytes.Equal(read(t, model), want) {
		t.Error("the model is another")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"model.safetensors", "model.safetensors" + dataset.PixelsSuffix}) {
		t.Errorf("files are %s", got)
	}
	if exists(model + dataset.PixelsSuffix + output.Partial) {
		t.Error("what was kept is still there")
	}
}
