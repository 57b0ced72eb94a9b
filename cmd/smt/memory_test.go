package main

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/memory"
)

// blank are images without content.
type blank struct {
	n     int
	shape dataset.Shape
}

func (b blank) Len() int               { return b.n }
func (b blank) Shape() dataset.Shape   { return b.shape }
func (blank) Image(int, []uint8) error { return nil }
func (blank) Label(int) int            { return -1 }
func (blank) Classes() []string        { return nil }
func (blank) ID(i int) string          { return strconv.Itoa(i) }

func TestEnough(t *testing.T) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	src := blank{50_000, dataset.Shape{Height: 32, Width: 32, Channels: 3}}
	room := memory.Room{Bytes: 20 << 30, By: "ulimit -v"}
	cfg.Atoms, cfg.Step = 65536, 2
	if err := enough(t.Context(), cfg, src, room); err != nil {
		t.Errorf("65,536 atoms in 20 GiB: %v", err)
	}
	if err := enough(t.Context(), cfg, src, memory.Room{}); err != nil {
		t.Errorf("of unknown memory: %v", err)
	}
	cfg.Flips = false // statistics are not packed then
	err = enough(t.Context(), cfg, src, room)
	if err == nil || !strings.Contains(err.Error(), "65,536 atoms") || !strings.Contains(err.Error(), "ulimit -v allows 20.00 GiB") {
		t.Fatalf("without flips: error %v", err)
	}
	// What it says would fit does, and not much more.
	cfg.Atoms = number(t, err, "--atoms ")
	if err := enough(t.Context(), cfg, src, room); err != nil || cfg.Atoms < 20_000 {
		t.Errorf("%d atoms: error %v", cfg.Atoms, err)
	}
	if cfg.Atoms += 256; enough(t.Context(), cfg, src, room) == nil {
		t.Errorf("%d atoms would fit as well", cfg.Atoms)
	}
}

// Once atoms are known the estimate is made again, and ends a fit that was begun.
func TestEnoughToCount(t *testing.T) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	src := blank{12, dataset.Shape{Height: 256, Width: 256, Channels: 3}}
	room := memory.Room{By: "ulimit -v"}
	room.Bytes = estimate.Counting(cfg, estimate.Of(src), 76)
	if err := enoughToCount(cfg, src, 76, room); err != nil {
		t.Error(err)
	}
	if err := enoughToCount(cfg, src, 400, memory.Room{}); err != nil {
		t.Errorf("of unknown memory: %v", err)
	}
	err = enoughToCount(cfg, src, 400, room)
	for _, says := range []string{"400 of 8,192 atoms", "256 × 256", "ulimit -v allows", "--threshold"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// number is the one that follows words in an error.
func number(t *testing.T, err error, words string) (n int) {
	t.Helper()
	_, text, _ := strings.Cut(err.Error(), words)
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil {
		t.Fatalf("no number after %q in %q", words, text)
	}
	return n
}

// Photographs were refused because batches were thought to be of 768 images, whatever
// their size, and let through because nothing else was counted.
func TestEnoughForPhotographs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // each worker takes some
	cfg, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	machine := memory.Room{Bytes: 4 << 30, By: "this machine"}
	for side, n := range map[int]int{512: 20, 3464: 6} {
		src := blank{n, dataset.Shape{Height: side, Width: side, Channels: 3}}
		if err := enough(t.Context(), cfg, src, machine); err != nil {
			t.Errorf("%d of %d × %d: %v", n, side, side, err)
		}
		more := src
		more.n *= 1000
		if few, many := estimate.Fit(cfg, estimate.Of(src)), estimate.Fit(cfg, estimate.Of(more)); float64(many) > 1.1*float64(few) {
			t.Errorf("%d images of %d × %d take %d bytes, 1,000 times as many %d", n, side, side, few, many)
		}
	}
	// Files of any size can be made smaller.
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 3000, 2000))); err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Open(dir, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Atoms, cfg.Dims, cfg.Skip = 16, 8, 0
	little := memory.Room{Bytes: estimate.Fit(cfg, estimate.Of(set.Train)) * 2 / 3, By: "this machine"}
	err = enough(t.Context(), cfg, set.Train, little)
	if err == nil || !strings.Contains(err.Error(), "would fit") {
		t.Fatalf("error %v", err)
	}
	side := number(t, err, "--size ")
	small, err := dataset.Open(dir, dataset.Options{Shape: dataset.Shape{Height: side, Width: side}})
	if err != nil {
		t.Fatal(err)
	}
	// Reading them takes less, too.
	if err := enough(t.Context(), cfg, small.Train, little); err != nil || side < 64 {
		t.Errorf("--size %d: %v", side, err)
	}
}

// A file of 16 bits a sample takes twelve times its pixels to be read: data info, which looks at
// them as they are, ended in the dump of a program that is out of memory.
func TestEnoughToRead(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "large.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewNRGBA64(image.Rect(0, 0, 3000, 3000))); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Open(dir, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	const decoded = 3000 * 3000 * 8
	if err := enoughToRead(set, memory.Room{Bytes: 2 * decoded, By: "this machine"}); err == nil || !strings.HasPrefix(err.Error(), "reading images of 3000 × 3000 takes about ") {
		t.Errorf("twice what is decoded: error %v", err)
	}
	if err := enoughToRead(set, memory.Room{Bytes: 4 * decoded, By: "this machine"}); err != nil {
		t.Error(err)
	}
}

// Reports and servers hold all patches of an image: those of large images were begun, and
// took all memory there was.
func TestEnoughToExplainAndServe(t *testing.T) {
	m, err := smt.Load(fitSmall(t, pngData(t, 60), "--components", "0"))
	if err != nil {
		t.Fatal(err)
	}
	machine := memory.Room{Bytes: 4 << 30, By: "this machine"}
	for side, fits := range map[int]bool{32: true, 3464: false} {
		set := &dataset.Set{Train: blank{6, dataset.Shape{Height: side, Width: side, Channels: 3}}}
		for work, err := range map[string]error{
			"explaining": enoughToExplain(t.Context(), m, set, report.DefaultSizes, machine),
			"serving":    enoughToServe(t.Context(), m, set, report.DefaultSizes, machine),
		} {
			says := fmt.Sprintf("%s images of %d × %d takes about ", work, side, side)
			if fits && err != nil || !fits && (err == nil || !strings.HasPrefix(err.Error(), says) || !strings.HasSuffix(err.Error(), "this machine allows 4.00 GiB")) {
				t.Errorf("%s: error %v", says, err)
			}
		}
	}
	set := &dataset.Set{Train: blank{6, dataset.Shape{Height: 3, Width: 3, Channels: 3}}}
	if enoughToExplain(t.Context(), m, set, report.DefaultSizes, machine) == nil || enoughToServe(t.Context(), m, set, report.DefaultSizes, machine) == nil {
		t.Error("images that are smaller than a patch are let through")
	}
}

// The sample that components are found in was not counted, however large.
func TestEnoughToWhiten(t *testing.T) {
	models, err := smt.LoadEnsemble(fitSmall(t, pngData(t, 60)))
	if err != nil {
		t.Fatal(err)
	}
	images := blank{100_000, models.Members()[0].Model.Record().Data.Shape}
	set, err := models.Embeddings(images)
	if err != nil {
		t.Fatal(err)
	}
	n := set.Dim()
	room := memory.Room{Bytes: estimate.Embed(estimate.Of(images), estimate.Components{}, models.Members()...), By: "this machine"}
	room.Bytes += int64(4*n) * int64(4*n) // four rows of n values of 4 bytes for each of n components
	if err := enoughFor("embedding", images.Shape(), needToEmbed(models, []dataset.Source{images}, images, 0), room); err != nil {
		t.Errorf("not whitened: %v", err)
	}
	err = enoughFor("embedding", images.Shape(), needToEmbed(models, []dataset.Source{images}, images, n), room)
	if err == nil || !strings.HasPrefix(err.Error(), "embedding images of ") || !strings.HasSuffix(err.Error(), "this machine allows "+size(room.Bytes)) {
		t.Errorf("%d components, with room for the sample and no work on it: error %v", n, err)
	}
}

// Images that are held in memory count, and those of the other split with them.
func TestEnoughForResidentImages(t *testing.T) {
	cfg, err := smt.Preset("mnist")
	if err != nil {
		t.Fatal(err)
	}
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	src := set.Train
	room := memory.Room{Bytes: estimate.Fit(cfg, estimate.Of(blank{src.Len(), src.Shape()})), By: "this machine"}
	if err := enough(t.Context(), cfg, blank{src.Len(), src.Shape()}, room); err != nil {
		t.Fatal(err)
	}
	const values = 10_000 * 28 * 28 // of both splits
	if room.Bytes += values; enough(t.Context(), cfg, src, room) == nil {
		t.Error("images in memory are let through where only they, and no garbage, have room")
	}
	if room.Bytes += values; enough(t.Context(), cfg, src, room) != nil {
		t.Errorf("with twice their room: %v", enough(t.Context(), cfg, src, room))
	}
}

// As many images are kept as take half of what work leaves, and none beside work that leaves nothing.
func TestKeepBeside(t *testing.T) {
	const n, need = 6, 1 << 20
	for name, c := range map[string]struct {
		left int // images that there is room for
		want int
	}{"no room": {-10, 0}, "some": {8, 4}, "odd": {7, 3}, "all": {100, n}, "not told": {0, n}} {
		dir := pngData(t, n)
		set, err := dataset.Open(dir, dataset.Options{})
		if err != nil {
			t.Fatal(err)
		}
		pix := make([]uint8, set.Train.Shape().Len())
		room := memory.Room{Bytes: need + int64(c.left*len(pix)), By: "this machine"}
		if name == "not told" {
			room = memory.Room{}
		}
		if err := keepBeside(t.Context(), need, set.Train, room); err != nil {
			t.Fatal(err)
		}
		if _, err := dataset.Fingerprint(t.Context(), set.Train, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for i := range n {
			if set.Train.Image(i, pix) == nil {
				kept++
			}
		}
		if kept != c.want {
			t.Errorf("%s: %d images are kept, want %d", name, kept, c.want)
		}
	}
}
