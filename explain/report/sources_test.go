package report

import (
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/explain/sources"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/source/text/kjv"
	"github.com/sparse-manifold/smt/words"
)

// The four signals, as the page has them: each fit ends where its objective is the sum of its eigenvalues, and
// what the page says of a signal holds.
func TestSources(t *testing.T) {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	o := SourcesOptions{Images: dataset.Slice(set.Train, 0, 600), ImagesName: "digits\x1b[1m", CorpusName: kjv.Name, Words: words.Default(), Seed: 1}
	o.Words.MinCount = 100
	if o.Corpus, err = kjv.Read(t.Context(), text.Options{MinCount: o.Words.MinCount}); err != nil {
		t.Fatal(err)
	}
	s, err := WriteSources(t.Context(), filepath.Join(t.TempDir(), "sources"), o)
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]sources.Learned{"torus": s.Torus, "shape": s.Shape, "patches": s.Patches, "words": s.Words} {
		v := l.VICReg
		sum := 0.0
		for _, x := range l.Eigenvalues {
			sum += x
		}
		if near := math.Abs(v.Invariance-sum) / sum; !(near < 1e-3) {
			t.Errorf("%s: invariance %g, eigenvalues sum to %g", name, v.Invariance, sum)
		}
		if math.Abs(v.Variance-1) > 1e-3 || v.Covariance > 1e-3 {
			t.Errorf("%s: variance %g, covariance %g: want 1 and 0", name, v.Variance, v.Covariance)
		}
	}
	for j, r2 := range s.ShapeR2 {
		if r2 < 0.95 {
			t.Errorf("latent variable %d of the shape: R² %.3f on sequences held out, want 0.95", j, r2)
		}
	}
	if s.RingR2[0] < 0.95 || s.RingR2[1] < 0.95 {
		t.Errorf("angle around the ring: R² %.3f of two coordinates, want 0.95", s.RingR2)
	}
	page := string(read(t, s.Page))
	checkPage(t, page)
	for _, says := range []string{"torus", "moving shape", "patches of digits\ufffd[1m", "King James", "sum of eigenvalues"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	// What is wider than the column, of 960 pixels, is cut off until it is scrolled.
	sized := regexp.MustCompile(`<(?:img|svg)[^>]* width="(\d+)"`).FindAllStringSubmatch(page, -1)
	for _, x := range sized {
		if wide, err := strconv.Atoi(x[1]); err != nil || wide > 960 {
			t.Errorf("a picture is %s wide: want at most 960, as the page is", x[1])
		}
	}
	if len(sized) != s.Pictures {
		t.Errorf("%d pictures in the page, want %d", len(sized), s.Pictures)
	}
	if s.Pictures != 5 {
		t.Errorf("%d pictures, want 5", s.Pictures)
	}
}
