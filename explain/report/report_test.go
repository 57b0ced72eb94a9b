package report

import (
	"bytes"
	"html"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// stripes are textures whose names need escaping; one in eight is blank.
type stripes struct {
	smttest.Textures
	classes []string
}

func (s stripes) Classes() []string { return s.classes }
func (stripes) ID(i int) string     { return "<b>" + strconv.Itoa(i) }

func (s stripes) Label(i int) int {
	if s.classes == nil {
		return -1
	}
	return s.Textures.Label(i)
}

func (s stripes) Image(i int, pix []uint8) error {
	err := s.Textures.Image(i, pix)
	if i%8 == 7 {
		for at := range s.Size.Len() {
			pix[at] = 9
		}
	}
	return err
}

// striped are n of them.
func striped(n, channels int, seed uint64, classes []string) stripes {
	return stripes{smttest.Textures{N: n, Size: dataset.Shape{Height: 13, Width: 14, Channels: channels}, Seed: seed}, classes}
}

var named = []string{"upright", "level & straight", "<slanted>"}

func quick() smt.Config {
	c := smttest.Small()
	c.Center = patch.CenterPatch
	return c
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
	return &dataset.Set{Train: striped(90, channels, 1, classes), Test: striped(24, channels, 2, classes)}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReports(t *testing.T) {
	window := cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}
	for _, c := range []struct {
		name     string
		channels int
		change   func(*smt.Config)
		images   func(*dataset.Set) Images
		classes  []string
		sections string // letters: whitening, dictionary, codes, stages, coordinates, map, objective, images, pairs, kept
	}{
		{"photographs", 3, func(*smt.Config) {}, nil, named, "wdcsxmoipk"},
		{"no labels", 3, func(*smt.Config) {}, nil, nil, "wdcsxmoipk"},
		{"model alone", 3, func(*smt.Config) {}, func(*dataset.Set) Images { return Images{} }, nil, "wdsxmo"},
		{"sample alone", 3, func(*smt.Config) {}, func(s *dataset.Set) Images { return Images{Sample: s.Train} }, named, "wdcsxmo"},
		{"gray", 1, func(c *smt.Config) { c.Flips, c.Whiten, c.Skip, c.Context, c.MaxCosine = false, false, 0, window, 0.97 }, nil, named, "dcsxmoipk"},
		{"straightened", 1, func(c *smt.Config) { c.Deskew, c.MaxCosine = true, 0.97 }, nil, named, "wdcsxmoipk"},
		{"gray views", 3, func(c *smt.Config) { c.Grayscale = true }, nil, named, "wdcsxmoipk"},
		{"soft", 3, func(c *smt.Config) { c.Code = sparse.Soft }, nil, named, "wdcsxmoipk"},
		{"l1", 3, func(c *smt.Config) { c.Dictionary, c.Code, c.Threshold = smt.Learned, sparse.L1, 0.2 }, nil, named, "wdcsxmoipk"},
		{"k-means", 3, func(c *smt.Config) { c.Dictionary, c.Code = smt.KMeans, sparse.Nearest }, nil, named, "wdcsxmoipk"},
		{"two coordinates", 3, func(c *smt.Config) { c.Dims = 2 }, nil, named, "wdcsxmoipk"},
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
			begin, _, _ := strings.Cut(page, "<nav")
			if !strings.Contains(begin, "<figure class=\"first\">") || !strings.Contains(begin, "<img src=") {
				t.Error("the page does not begin with a picture")
			}
			if labelled := im.Test != nil && c.classes != nil; strings.Contains(begin, " ± ") != labelled {
				t.Errorf("the page begins with a result: %v", !labelled)
			}
			if scales := strings.Count(page, `<div class="scale"`); scales != len(sum.Pairs) {
				t.Errorf("%d scales of heat maps, for %d pairs", scales, len(sum.Pairs))
			}
			for letter, id := range map[string]string{"w": "whitening", "d": "dictionary", "c": "codes", "s": "stages", "x": "coordinates",
				"m": "map", "o": "objective", "i": "images", "p": "pairs", "k": "kept"} {
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
			says := map[string]bool{ // what the page says of atoms and codes
				"shown straightened":        cfg.Deskew,
				"drawn at random, and kept": cfg.Dictionary == smt.Exemplars, "<var>k</var>-means": cfg.Dictionary == smt.KMeans, "The atoms were learned": cfg.Dictionary == smt.Learned,
			}
			if strings.Contains(c.sections, "c") {
				says["is at least 0.3"], says["with what exceeds it"] = cfg.Code == sparse.General, cfg.Code == sparse.Soft
				says["λ = 0.2"], says["Only the nearest atom"] = cfg.Code == sparse.L1, cfg.Code == sparse.Nearest
			}
			for text, want := range says {
				if strings.Contains(page, text) != want {
					t.Errorf("the page says %q: %v", text, !want)
				}
			}
			a, counted := sum.Agreement, strings.Contains(c.sections, "c")
			if counted != (a != nil) || counted && (c.classes != nil) != (a.Class != nil) {
				t.Errorf("neighbours have in common %+v", a)
			}
			for text, want := range map[string]bool{"nearest among each other": counted, "of its class, from other images": counted && c.classes != nil,
				"from its own image": counted, "no classes to compare": counted && c.classes == nil, "those of section": strings.Contains(c.sections, "i")} {
				if strings.Contains(page, text) != want {
					t.Errorf("the page says %q: %v", text, !want)
				}
			}
			if strings.Contains(c.sections, "k") != (len(sum.Kept) == 4) {
				t.Errorf("levels kept are %v", sum.Kept)
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

// The nearest patches of other images are no patches of the image itself, which is in the sample where there are no
// test images.
func TestPatchesOfOtherImages(t *testing.T) {
	train := set(3, named).Train
	m := fit(t, train, quick())
	for n, want := range map[int]bool{1: false, 2: true} {
		sum, err := Write(t.Context(), filepath.Join(t.TempDir(), "report"), m, Options{Model: "m", Images: Images{Sample: dataset.Slice(train, 0, n)}})
		if err != nil {
			t.Fatal(err)
		}
		if page := string(read(t, sum.Page)); strings.Contains(page, "patches of other images") != want {
			t.Errorf("of %d images, the page shows patches of others: %v", n, !want)
		}
		if sum.Agreement != nil {
			t.Errorf("of %d images, neighbours have in common %+v", n, sum.Agreement)
		}
	}
}

func TestImagesThatDoNotFit(t *testing.T) {
	m := fit(t, set(3, named).Train, quick())
	_, err := Write(t.Context(), filepath.Join(t.TempDir(), "report"), m, Options{Model: "m", Images: choose(t, m, set(1, named), Sizes{20, 5, 5})})
	if err == nil || !strings.Contains(err.Error(), "images have 1 channel,") {
		t.Errorf("gray images and a colour model: %v", err)
	}
}
