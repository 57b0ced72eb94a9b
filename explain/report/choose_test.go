package report

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

func choose(t testing.TB, m *smt.Model, s *dataset.Set, n Sizes) Images {
	t.Helper()
	im, err := Choose(t.Context(), m, s, n, 1, nil)
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
	im = choose(t, m, &dataset.Set{Train: striped(1, 3, 1, nil)}, Sizes{10, 10, 10})
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
		name           string
		fit            dataset.Source
		cfg            smt.Config
		on             *dataset.Set
		says, madeFrom string
		test           int
	}{
		{"a test split", whole.Train, quick(), whole, "images (test images) look", "made from 90 images of 13×14×3 in one", 12},
		{"fitted on the test split", whole.Test, quick(), whole, "images (test images, which the model was fitted on) look", "made from 24 images", 12},
		{"no test split", whole.Train, few, unsplit, "images (training images, which the model was fitted on) look", "made from 90 images of 13×14×3, with statistics of 40 of them, in one", 12},
		{"held out", rest, quick(), unsplit, "images (held-out training images) look", "made from 70 images", 12},
		{"other images", striped(30, 3, 5, named), quick(), unsplit, "images (training images, which the model may have been fitted on) look", "made from 30 images", 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := fit(t, c.fit, c.cfg)
			sum, err := Write(t.Context(), filepath.Join(t.TempDir(), "report"), m, Options{Model: "m", Images: choose(t, m, c.on, Sizes{60, 12, 20})})
			if err != nil {
				t.Fatal(err)
			}
			page := string(read(t, sum.Page))
			for _, says := range []string{c.says, c.madeFrom} {
				if !strings.Contains(page, says) {
					t.Errorf("the page does not say %q", says)
				}
			}
			if n := strings.Count(strings.ToLower(page), "test image"); (n > 0) != strings.Contains(c.says, "test image") || n > 2 { // above, and in its section
				t.Errorf("the page speaks of test images %d times", n)
			}
			if sum.KNN.Test != c.test || !strings.Contains(c.says, sum.KNN.Origin.String()) {
				t.Errorf("the summary says %d %v", sum.KNN.Test, sum.KNN.Origin)
			}
		})
	}
}
