package report

import (
	"bytes"
	"context"
	"errors"
	"html"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// stripes are small images of stripes whose direction is the class; one in eight
// is blank.
type stripes struct {
	n, channels int
	seed        uint64
	classes     []string
}

func (s stripes) Len() int { return s.n }
func (s stripes) Shape() dataset.Shape {
	return dataset.Shape{Height: 13, Width: 14, Channels: s.channels}
}
func (s stripes) Classes() []string { return s.classes }
func (stripes) ID(i int) string     { return "<b>" + strconv.Itoa(i) }

func (s stripes) Label(i int) int {
	if s.classes == nil {
		return -1
	}
	return i % 3
}

func (s stripes) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(s.seed, uint64(i)))
	period, phase := 3+2*rng.Float64(), 10*rng.Float64()
	for at := range s.Shape().Len() {
		y, x := at/s.channels/14, at/s.channels%14
		along := []float64{float64(x), float64(y), 0.7 * float64(x+y)}[i%3]
		pix[at] = uint8(30 + 90*(1+math.Sin(2*math.Pi*(along+phase)/period)) + 20*rng.Float64())
		if i%8 == 7 {
			pix[at] = 9
		}
	}
	return nil
}

var named = []string{"upright", "level & straight", "<slanted>"}

func quick() smt.Config {
	return smt.Config{
		Patch: 4, Center: patch.CenterPatch, Whiten: true, Epsilon: 1e-3,
		Atoms: 60, Dictionary: smt.Exemplars, MaxCosine: 0.9,
		Code: sparse.General, Threshold: 0.3,
		Context: cooccur.Context{Kind: cooccur.Image, Difference: 2},
		Flips:   true, Dims: 12, Skip: 2, Ridge: 1e-6, Pool: 3, Stride: 2, Sample: 50, Seed: 1,
	}
}

func fit(t testing.TB, src dataset.Source, cfg smt.Config) *smt.Model {
	t.Helper()
	m, err := smt.Fit(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func set(channels int, classes []string) *dataset.Set {
	return &dataset.Set{Train: stripes{90, channels, 1, classes}, Test: stripes{24, channels, 2, classes}}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	uris      = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]*`)
	requests  = regexp.MustCompile(`(?i)(src|href|action|poster|data)="(?:https?:)?//|url\(|@import|<link|<iframe|fetch\(|XMLHttpRequest`)
	images    = regexp.MustCompile(`<img [^>]*>`)
	withWords = regexp.MustCompile(`alt="[^"]+"`)
	ids       = regexp.MustCompile(` id="([^"]+)"`)
	links     = regexp.MustCompile(`href="#([^"]+)"`)
	pictures  = regexp.MustCompile(`<svg [^>]*>`)
)

// checkPage fails for a page that needs anything else, has a picture without words
// or a link to nowhere.
func checkPage(t *testing.T, page string) {
	t.Helper()
	if found := requests.FindString(page); found != "" {
		t.Errorf("the page asks for something outside it: %s", found)
	}
	for _, img := range images.FindAllString(page, -1) {
		if !withWords.MatchString(img) {
			t.Errorf("a picture has no words: %.80s", img)
		}
	}
	for _, svg := range pictures.FindAllString(page, -1) {
		if !strings.Contains(svg, `aria-label="`) {
			t.Errorf("a chart has no words: %.80s", svg)
		}
	}
	known := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if known[m[1]] {
			t.Errorf("two elements have the id %s", m[1])
		}
		known[m[1]] = true
	}
	for _, m := range links.FindAllStringSubmatch(page, -1) {
		if !known[m[1]] {
			t.Errorf("a link to #%s leads nowhere", m[1])
		}
	}
	page = uris.ReplaceAllString(page, "")
	for _, bad := range []string{"NaN", "%!", "ZgotmplZ", "<no value>"} {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("%s on the page: …%s…", bad, page[max(0, i-80):min(len(page), i+40)])
		}
	}
}

func TestReports(t *testing.T) {
	window := cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}
	for _, c := range []struct {
		name     string
		channels int
		change   func(*smt.Config)
		images   func(*dataset.Set) Images
		classes  []string
		sections string // letters: whitening, dictionary, codes, stages, coordinates, map, objective, images, pairs
	}{
		{"photographs", 3, func(*smt.Config) {}, nil, named, "wdcsxmoip"},
		{"no labels", 3, func(*smt.Config) {}, nil, nil, "wdcsxmoip"},
		{"model alone", 3, func(*smt.Config) {}, func(*dataset.Set) Images { return Images{} }, nil, "wdsxmo"},
		{"sample alone", 3, func(*smt.Config) {}, func(s *dataset.Set) Images { return Images{Sample: s.Train} }, named, "wdcsxmo"},
		{"gray", 1, func(c *smt.Config) { c.Flips, c.Whiten, c.Skip, c.Context, c.MaxCosine = false, false, 0, window, 0.97 }, nil, named, "dcsxmoip"},
		{"gray views", 3, func(c *smt.Config) { c.Grayscale = true }, nil, named, "wdcsxmoip"},
		{"soft", 3, func(c *smt.Config) { c.Code = sparse.Soft }, nil, named, "wdcsxmoip"},
		{"k-means", 3, func(c *smt.Config) { c.Dictionary, c.Code = smt.KMeans, sparse.Nearest }, nil, named, "wdcsxmoip"},
		{"two coordinates", 3, func(c *smt.Config) { c.Dims = 2 }, nil, named, "wdcsxmoip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := set(c.channels, c.classes)
			cfg := quick()
			c.change(&cfg)
			m := fit(t, s.Train, cfg)
			im := choose(t, m, s, Sizes{60, 12, 20})
			if c.images != nil {
				im = c.images(s)
			}
			dir := filepath.Join(t.TempDir(), "report")
			sum, err := Write(t.Context(), dir, m, Options{Model: "small & <quick>", Data: "stripes", Images: im})
			if err != nil {
				t.Fatal(err)
			}
			page := string(read(t, sum.Page))
			checkPage(t, page)
			for letter, id := range map[string]string{"w": "whitening", "d": "dictionary", "c": "codes", "s": "stages", "x": "coordinates",
				"m": "map", "o": "objective", "i": "images", "p": "pairs"} {
				if has := strings.Contains(page, `<section aria-labelledby="`+id+`">`); has != strings.Contains(c.sections, letter) {
					t.Errorf("section %s: %v", id, has)
				}
			}
			found, err := filepath.Glob(filepath.Join(dir, "pictures", "*"))
			if err != nil || len(found) != sum.Pictures || len(found) < 8 {
				t.Errorf("%d pictures, the summary has %d, %v", len(found), sum.Pictures, err)
			}
			for _, f := range found {
				if filepath.Ext(f) != ".png" {
					continue
				}
				if _, err := png.Decode(bytes.NewReader(read(t, f))); err != nil {
					t.Errorf("%s: %v", f, err)
				}
			}
			for _, p := range sum.Pairs {
				if p.TestID != im.Test.ID(p.Test) || p.BankID != im.Bank.ID(p.Bank) {
					t.Errorf("images %d and %d are called %q and %q", p.Test, p.Bank, p.TestID, p.BankID)
				}
				for _, id := range []string{p.TestID, p.BankID} {
					if !strings.Contains(page, "<bdi>"+html.EscapeString(id)+"</bdi>") {
						t.Errorf("the page does not have %q", id)
					}
				}
				for what, v := range map[string]float64{"cells": p.Cells, "patches of A": p.PatchesA, "patches of B": p.PatchesB, "atoms of A": p.AtomsA, "atoms of B": p.AtomsB} {
					if math.Abs(v-p.Cosine) > 1e-5 {
						t.Errorf("%s add up to %g, the cosine is %g", what, v, p.Cosine)
					}
				}
			}
			if strings.Contains(c.sections, "i") && !strings.Contains(page, `<div class="tile query" title="`+html.EscapeString(im.Test.ID(0))+`">`) {
				t.Errorf("the page does not call the first image %q", im.Test.ID(0))
			}
			if strings.Contains(c.sections, "p") && len(sum.Pairs) == 0 {
				t.Error("no pair explained")
			}
		})
	}
}

// The same model, images and options give the same bytes, on any number of workers.
func TestReportIsRepeatable(t *testing.T) {
	s := set(3, named)
	m := fit(t, s.Train, quick())
	var files []map[string][]byte
	for _, workers := range []int{1, 2} {
		old := runtime.GOMAXPROCS(workers)
		dir := filepath.Join(t.TempDir(), "report")
		_, err := Write(t.Context(), dir, m, Options{Model: "m", Images: choose(t, m, s, Sizes{60, 12, 20})})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string][]byte{}
		for _, pattern := range []string{"*.html", "pictures/*"} {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				all[filepath.Base(f)] = read(t, f)
			}
		}
		files = append(files, all)
	}
	if len(files[0]) != len(files[1]) {
		t.Errorf("%d and %d files", len(files[0]), len(files[1]))
	}
	for name, data := range files[0] {
		if !bytes.Equal(data, files[1][name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestFolders(t *testing.T) {
	s := set(3, named)
	m := fit(t, s.Train, quick())
	write := func(dir string) error {
		_, err := Write(t.Context(), dir, m, Options{Model: "m"})
		return err
	}
	parent := t.TempDir()
	at := func(name string) string { return filepath.Join(parent, name) }

	if err := write(at("new") + "/"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(at("new"), "pictures", "spectrum.svg")); err != nil {
		t.Fatal(err)
	}
	if err := write(at("new")); err != nil {
		t.Errorf("an earlier report: %v", err)
	}
	if _, err := os.Stat(filepath.Join(at("new"), "pictures", "spectrum.svg")); err != nil {
		t.Error(err)
	}
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := write(at("empty")); err != nil {
		t.Errorf("an empty folder: %v", err)
	}

	for name, files := range map[string][]string{"foreign": {"index.html"}, "notes": {"notes.txt"}, "photos": {"pictures/cat.png"}} {
		for _, f := range files {
			path := filepath.Join(at(name), f)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := write(at(name)); err == nil || !strings.Contains(err.Error(), at(name)) {
				t.Errorf("%s: %v", name, err)
			}
			if string(read(t, path)) != "mine" {
				t.Errorf("%s was written over", path)
			}
		}
	}
	for _, dir := range []string{filepath.Join(at("foreign"), "index.html"), filepath.Join(at("nowhere"), "report")} {
		if err := write(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	left, err := filepath.Glob(at("*.smt-new*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// What a killed process left is taken away, unless it is another's.
func TestLeftovers(t *testing.T) {
	m := fit(t, set(3, named).Train, quick())
	dir := filepath.Join(t.TempDir(), "report")
	write := func() error {
		_, err := Write(t.Context(), dir, m, Options{Model: "m"})
		return err
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	for what, left := range map[string][]string{
		"nothing yet":   {},
		"an empty page": {"index.html"},
		"some of it":    {"index.html", "pictures/spectrum.svg"},
	} {
		for _, suffix := range []string{".smt-new", ".smt-new.old"} {
			if err := os.MkdirAll(filepath.Join(dir+suffix, "pictures"), 0o755); err != nil {
				t.Fatal(err)
			}
			for i, f := range left {
				b := read(t, filepath.Join(dir, f))
				if len(left) == 1 && i == 0 {
					b = nil
				}
				if err := os.WriteFile(filepath.Join(dir+suffix, f), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(left) == 0 {
				if err := os.Remove(filepath.Join(dir+suffix, "pictures")); err != nil {
					t.Fatal(err)
				}
			}
			if err := write(); err != nil {
				t.Errorf("%s, %s: %v", what, suffix, err)
			}
			if all, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(all) != 1 {
				t.Errorf("%s, %s: left behind: %v %v", what, suffix, all, err)
			}
		}
	}
	mine := filepath.Join(dir, "pictures", "mine.png")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil || !strings.Contains(err.Error(), "mine.png") || string(read(t, mine)) != "mine" {
		t.Errorf("another's picture among those of a report: %v", err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	thesis := filepath.Join(dir+".smt-new", "thesis.txt")
	if err := os.Mkdir(dir+".smt-new", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(thesis, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil || !strings.Contains(err.Error(), "thesis.txt") || string(read(t, thesis)) != "mine" {
		t.Errorf("another's folder: %v", err)
	}
}

// What is stopped leaves nothing, and an earlier report as it was.
func TestCancelled(t *testing.T) {
	s := set(3, named)
	m := fit(t, s.Train, quick())
	dir := filepath.Join(t.TempDir(), "report")
	if _, err := Write(t.Context(), dir, m, Options{Model: "first"}); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(dir, "index.html"))
	for _, stage := range []string{"measuring", "laying out atoms", "embedding test", "searching bank"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Write(ctx, dir, m, Options{Model: "second", Images: choose(t, m, s, Sizes{60, 12, 20}), Progress: func(now string, _, _ int) {
			if now == stage {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v", stage, err)
		}
	}
	if !bytes.Equal(before, read(t, filepath.Join(dir, "index.html"))) {
		t.Error("the earlier report was changed")
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestImagesThatDoNotFit(t *testing.T) {
	m := fit(t, set(3, named).Train, quick())
	_, err := Write(t.Context(), filepath.Join(t.TempDir(), "report"), m, Options{Model: "m", Images: choose(t, m, set(1, named), Sizes{20, 5, 5})})
	if err == nil || !strings.Contains(err.Error(), "channels") {
		t.Errorf("gray images and a colour model: %v", err)
	}
}

func choose(t testing.TB, m *smt.Model, s *dataset.Set, n Sizes) Images {
	t.Helper()
	im, err := Choose(t.Context(), m, s, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestChoose(t *testing.T) {
	s := set(3, named)
	m := fit(t, s.Train, quick())
	im := choose(t, m, s, Sizes{1000, 5, 7})
	if im.Bank.Len() != 90 || im.Test.Len() != 5 || im.Sample.Len() != 7 {
		t.Errorf("%d, %d and %d images", im.Bank.Len(), im.Test.Len(), im.Sample.Len())
	}
	s.Test = nil
	im = choose(t, m, s, Sizes{1000, 500, 7})
	if im.Bank.Len() != 72 || im.Test.Len() != 18 {
		t.Errorf("%d and %d images of 90 without a test split", im.Bank.Len(), im.Test.Len())
	}
	im = choose(t, m, &dataset.Set{Train: stripes{1, 3, 1, nil}}, Sizes{10, 10, 10})
	if im.Bank != nil || im.Test != nil || im.Sample.Len() != 1 {
		t.Errorf("one image: %+v", im)
	}
}

// A report says what the images are that it shows, and how many images the model is of.
func TestReportSaysWhatImagesAre(t *testing.T) {
	whole := set(3, named)
	unsplit := &dataset.Set{Train: whole.Train}
	rest, _ := dataset.Holdout(whole.Train, 20, quick().Seed)
	few := quick()
	few.Images = 40
	for _, c := range []struct {
		name       string
		fit        dataset.Source
		cfg        smt.Config
		on         *dataset.Set
		says, made string
		test       int
	}{
		{"a test split", whole.Train, quick(), whole, "images (test images) look", "made from 90 images of 13×14×3 in one", 12},
		{"fitted on the test split", whole.Test, quick(), whole, "images (test images, which the model was fitted on) look", "made from 24 images", 12},
		{"no test split", whole.Train, few, unsplit, "images (training images, which the model was fitted on) look", "made from 90 images of 13×14×3, with statistics of 40 of them, in one", 12},
		{"held out", rest, quick(), unsplit, "images (held-out training images) look", "made from 70 images", 12},
		{"other images", stripes{30, 3, 5, named}, quick(), unsplit, "images (training images, which the model may have been fitted on) look", "made from 30 images", 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := fit(t, c.fit, c.cfg)
			sum, err := Write(t.Context(), filepath.Join(t.TempDir(), "report"), m, Options{Model: "m", Images: choose(t, m, c.on, Sizes{60, 12, 20})})
			if err != nil {
				t.Fatal(err)
			}
			page := string(read(t, sum.Page))
			for _, says := range []string{c.says, c.made} {
				if !strings.Contains(page, says) {
					t.Errorf("the page does not say %q", says)
				}
			}
			if n := strings.Count(strings.ToLower(page), "test image"); (n > 0) != strings.Contains(c.says, "test image") || n > 1 {
				t.Errorf("the page speaks of test images %d times", n)
			}
			if sum.KNN.Test != c.test || !strings.Contains(c.says, sum.KNN.Origin.String()) {
				t.Errorf("the summary says %d %v", sum.KNN.Test, sum.KNN.Origin)
			}
		})
	}
}

func TestToy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "toy")
	var sums []*Toy
	for range 2 { // the second time over the first
		sum, err := WriteToy(t.Context(), dir, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	checkPage(t, string(read(t, sums[0].Page)))
	if sums[0].Bytes != sums[1].Bytes || sums[0].Pictures != 6 || sums[0].Bytes > 2<<20 {
		t.Errorf("%d pictures, %d and %d bytes", sums[0].Pictures, sums[0].Bytes, sums[1].Bytes)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteToy(t.Context(), dir, 1, nil); err == nil {
		t.Error("a folder with another file was written over")
	}
}
