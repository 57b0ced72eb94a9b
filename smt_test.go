package smt_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/sparse"
)

func fitted(t testing.TB, cfg smt.Config) *smt.Model {
	t.Helper()
	m, err := smt.Fit(context.Background(), colour(120), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func saved(t testing.TB, m *smt.Model) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// PVPᵀ = I, and the objective is the sum of the eigenvalues, whatever the choices.
func TestConstraintsAndObjective(t *testing.T) {
	for name, cfg := range variants() {
		v := fitted(t, cfg).Record().Objective
		if math.Abs(v.Variance-1) > 1e-3 {
			t.Errorf("%s: variance %g, want 1", name, v.Variance)
		}
		if v.Covariance > 1e-6 {
			t.Errorf("%s: covariance %g, want 0", name, v.Covariance)
		}
		if math.Abs(v.Invariance-v.EigenvalueSum) > 1e-3*v.EigenvalueSum {
			t.Errorf("%s: invariance %g, eigenvalues sum to %g", name, v.Invariance, v.EigenvalueSum)
		}
	}
}

func TestModelBytesDoNotDependOnWorkers(t *testing.T) {
	for name, cfg := range variants() {
		var files [][]byte
		for _, workers := range []int{1, 2} {
			old := runtime.GOMAXPROCS(workers)
			files = append(files, saved(t, fitted(t, cfg)))
			runtime.GOMAXPROCS(old)
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s: 1 and 2 workers gave different models", name)
		}
	}
}

func TestSeedMatters(t *testing.T) {
	other := small()
	other.Seed = 2
	if bytes.Equal(saved(t, fitted(t, small())), saved(t, fitted(t, other))) {
		t.Error("another seed gave the same model")
	}
}

// Statistics of two shards add up to a model with the bytes of the whole.
func TestShards(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "l1", "window", "gray views"} {
		ctx := context.Background()
		src := colour(120)
		e, err := smt.NewEncoder(ctx, src, variants()[name])
		if err != nil {
			t.Fatal(err)
		}
		collect := func(s dataset.Source) cooccur.Statistics {
			c, err := e.Collect(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		sum := collect(dataset.Slice(src, 70, 120))
		if err := sum.Add(collect(dataset.Slice(src, 0, 70))); err != nil {
			t.Fatal(err)
		}
		whole, err := e.Solve(ctx, collect(src))
		if err != nil {
			t.Fatal(err)
		}
		parts, err := e.Solve(ctx, sum)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(saved(t, whole), saved(t, parts)) {
			t.Errorf("%s: shards gave a different model", name)
		}
	}
}

// With Step, statistics are those of the codes of patches Step apart, as far from
// one edge as from the other.
func TestStepThinsOutPatches(t *testing.T) {
	cfg := small()
	m := fitted(t, cfg)
	src := dataset.Slice(colour(120), 0, 9) // 10 × 11 patches
	for step, want := range map[int]struct{ rows, cols []int }{
		2: {[]int{0, 2, 4, 6, 8}, []int{0, 2, 4, 6, 8, 10}},
		3: {[]int{0, 3, 6, 9}, []int{0, 3, 6, 9}},
		4: {[]int{0, 4, 8}, []int{1, 5, 9}},
	} {
		cfg.Step = step
		e, err := smt.NewEncoder(context.Background(), colour(120), cfg)
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		got := s.(*cooccur.Dense)
		v := make([]int64, len(got.V))
		for i := range src.Len() {
			r, err := explain.Read(m, src, i, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, y := range want.rows {
				for _, x := range want.cols {
					atoms := r.Codes.Row(y*r.Cols + x)
					for k, a := range atoms {
						for _, b := range atoms[:k+1] {
							v[int(a)*(int(a)+1)/2+int(b)]++
						}
					}
				}
			}
		}
		if !slices.Equal(got.V, v) {
			t.Errorf("step %d: V is not that of the patches %d apart", step, step)
		}
		if got.Grid != (cooccur.Grid{len(want.rows), len(want.cols)}) {
			t.Errorf("step %d: a grid of %v", step, got.Grid)
		}
	}
}

func TestStatisticsOfAnotherEncoderAreRefused(t *testing.T) {
	ctx := context.Background()
	a, err := smt.NewEncoder(ctx, colour(60), small())
	if err != nil {
		t.Fatal(err)
	}
	other := small()
	other.Seed = 2
	b, err := smt.NewEncoder(ctx, colour(60), other)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Collect(ctx, colour(60))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Solve(ctx, s); err == nil {
		t.Error("Solve took statistics of other atoms")
	}
	o, err := b.Collect(ctx, colour(60))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(o); err == nil {
		t.Error("Add took statistics of other atoms")
	}
}

func TestSaveAndLoad(t *testing.T) {
	for name, cfg := range variants() {
		m := fitted(t, cfg)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		back, err := smt.Load(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if back.Config() != m.Config() || back.Record().Data != m.Record().Data || back.Record().Objective != m.Record().Objective || !slices.Equal(back.Stages().Eigenvalues, m.Stages().Eigenvalues) {
			t.Errorf("%s: the model came back with other settings", name)
		}
		if !slices.Equal(embedded(t, m, colour(9)), embedded(t, back, colour(9))) {
			t.Errorf("%s: the model came back with other embeddings", name)
		}
	}
}

func embedded(t testing.TB, m *smt.Model, src dataset.Source) (all []float32) {
	t.Helper()
	for e, err := range m.EmbedAll(context.Background(), src) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e...)
	}
	return all
}

// picture is image i of a source as the standard library has images.
func picture(t *testing.T, src dataset.Source, i int, flip bool) image.Image {
	t.Helper()
	s := src.Shape()
	pix := make([]uint8, s.Len())
	if err := src.Image(i, pix); err != nil {
		t.Fatal(err)
	}
	img := image.NewNRGBA(image.Rect(5, 7, 5+s.Width, 7+s.Height))
	for y := range s.Height {
		for x := range s.Width {
			to := x
			if flip {
				to = s.Width - 1 - x
			}
			p := pix[(y*s.Width+x)*3:]
			img.Set(5+to, 7+y, color.NRGBA{p[0], p[1], p[2], 255})
		}
	}
	return img
}

func TestEmbedIsEmbedAll(t *testing.T) {
	src := colour(400) // more than a block
	m := fitted(t, small())
	all := embedded(t, m, src)
	dim := m.Dim(src.Shape())
	if len(all) != 400*dim {
		t.Fatalf("%d values of 400 images with %d each", len(all), dim)
	}
	for _, i := range []int{0, 191, 192, 399} {
		e, err := m.Embed(picture(t, src, i, false))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e, all[i*dim:(i+1)*dim]) {
			t.Errorf("image %d: Embed and EmbedAll differ", i)
		}
	}
}

// The embedding of a flipped image is the signed permutation that Flip applies.
func TestFlipOfEmbedding(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "l1", "learned", "nearest", "window", "k-means", "spectrum"} {
		src := colour(30)
		m := fitted(t, variants()[name])
		out := make([]float32, m.Dim(src.Shape()))
		for i := range src.Len() {
			e, err := m.Embed(picture(t, src, i, false))
			if err != nil {
				t.Fatal(err)
			}
			f, err := m.Embed(picture(t, src, i, true))
			if err != nil {
				t.Fatal(err)
			}
			flipTo(m, e, src.Shape(), out)
			// Whitening sums in another order: a cosine within rounding of the
			// threshold may fall on its other side, so compare by cosine.
			if c := cosine(out, f); c < 0.999 {
				t.Errorf("%s: image %d: cosine of the flip's embedding and the embedding's flip is %g", name, i, c)
			}
			flipTo(m, out, src.Shape(), f)
			if !slices.Equal(e, f) {
				t.Errorf("%s: flipping twice changed the embedding", name)
			}
		}
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// Fitting with flips is fitting on the images and their flips, at least as far
// as what is learned of an image's similarity to others.
func TestRepresentationSeparatesTextures(t *testing.T) {
	for name, cfg := range variants() {
		m := fitted(t, cfg)
		bank, test := textures{600, colour(1).shape, 2}, textures{60, colour(1).shape, 3}
		p := judge.Paper(m.Config().Flips)
		p.K = 10
		e, err := evaluate(context.Background(), m, bank, test, p)
		if err != nil {
			t.Fatal(name, err)
		}
		if e.Top1 < 0.75 { // chance is 1/3
			t.Errorf("%s: top-1 %g on three textures", name, e.Top1)
		}
		if e.Top5 < e.Top1 || e.Test != 60 || e.Bank != 600*map[bool]int{false: 1, true: 2}[cfg.Flips] {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestFitErrors(t *testing.T) {
	ctx := context.Background()
	for want, change := range map[string]func(*smt.Config){
		"patch":         func(c *smt.Config) { c.Patch = 0 },
		"smaller":       func(c *smt.Config) { c.Patch = 20 },
		"pooling":       func(c *smt.Config) { c.Pool = 12 },
		"center":        func(c *smt.Config) { c.Center = "left" },
		"epsilon":       func(c *smt.Config) { c.Epsilon = math.NaN() },
		"atoms":         func(c *smt.Config) { c.Atoms = 1 << 20 },
		"dictionary":    func(c *smt.Config) { c.Dictionary = "guess" },
		"max_cosine":    func(c *smt.Config) { c.MaxCosine = 0 },
		"mutual cosine": func(c *smt.Config) { c.MaxCosine = 0.01 },
		"even number":   func(c *smt.Config) { c.Dictionary, c.Atoms = smt.KMeans, 61 },
		"learned atoms": func(c *smt.Config) { c.Dictionary, c.Code, c.Atoms = smt.Learned, sparse.L1, 61 },
		"is not l1":     func(c *smt.Config) { c.Dictionary = smt.Learned },
		"an L1 code":    func(c *smt.Config) { c.Code, c.Threshold = sparse.L1, 0.005 },
		"code":          func(c *smt.Config) { c.Code = "" },
		"threshold":     func(c *smt.Config) { c.Threshold = 1 },
		"lower the": func(c *smt.Config) {
			c.Threshold, c.Whiten, c.Center, c.MaxCosine, c.Atoms, c.Dims, c.Sample = 0.999999, true, "image", 0.2, 2, 1, 1
			c.Skip = 0
			c.Images = 1
			c.Seed = 5
		},
		"context":                     func(c *smt.Config) { c.Context.Kind = "" },
		"dims":                        func(c *smt.Config) { c.Dims = 0 },
		"skip is 50":                  func(c *smt.Config) { c.Skip = 50 },
		"dims is 9223372036854775807": func(c *smt.Config) { c.Dims, c.Skip = math.MaxInt, 1 },
		"skip is 9223372036854775807": func(c *smt.Config) { c.Skip = math.MaxInt },
		"step is 9223372036854775807": func(c *smt.Config) { c.Step = math.MaxInt },
		"radius is 9223372036854775807": func(c *smt.Config) {
			c.Context = cooccur.Context{Kind: cooccur.Window, Difference: 1, Radius: math.MaxInt}
		},
		"stride is 9223372036854775807": func(c *smt.Config) { c.Stride = math.MaxInt },
		"max_cosine is +Inf":            func(c *smt.Config) { c.MaxCosine = math.Inf(1) },
		"max_cosine is NaN":             func(c *smt.Config) { c.Dictionary, c.MaxCosine = smt.KMeans, math.NaN() },
		"threshold is NaN":              func(c *smt.Config) { c.Code, c.Threshold = sparse.Nearest, math.NaN() },
		"epsilon is NaN":                func(c *smt.Config) { c.Whiten, c.Epsilon = false, math.NaN() },
		"ridge":                         func(c *smt.Config) { c.Ridge = -1 },
		"stride":                        func(c *smt.Config) { c.Stride = 0 },
		"spectrum is -1":                func(c *smt.Config) { c.Spectrum = -1 },
		"half periods":                  func(c *smt.Config) { c.Spectrum = math.MaxInt },
		"V cannot be factor":            func(c *smt.Config) { c.Ridge, c.Images = 0, 1; c.Code = "nearest" },
	} {
		c := small()
		change(&c)
		_, err := smt.Fit(ctx, colour(60), c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
	if _, err := smt.Fit(ctx, colour(0), small()); err == nil {
		t.Error("no images: no error")
	}
	gray := textures{30, dataset.Shape{Height: 13, Width: 14, Channels: 1}, 1}
	c := small()
	c.Grayscale = true
	if _, err := smt.Fit(ctx, gray, c); err == nil {
		t.Error("gray views of gray images: no error")
	}
}

func TestEvaluateErrors(t *testing.T) {
	m := fitted(t, variants()["no flips"])
	ctx, p := context.Background(), judge.Paper(m.Config().Flips)
	gray := textures{30, dataset.Shape{Height: 13, Width: 14, Channels: 1}, 1}
	flips := p
	flips.Flips = true
	cold, hot, nobody := p, p, p
	cold.Temperature, hot.Temperature, nobody.K = 0, math.Inf(1), 0
	for name, f := range map[string]func() error{
		"no test images": func() error { _, err := evaluate(ctx, m, colour(9), colour(0), p); return err },
		"channels":       func() error { _, err := evaluate(ctx, m, gray, gray, p); return err },
		"flips":          func() error { _, err := evaluate(ctx, m, colour(9), colour(9), flips); return err },
		"temperature":    func() error { _, err := evaluate(ctx, m, colour(9), colour(9), cold); return err },
		"temperature is": func() error { _, err := evaluate(ctx, m, colour(9), colour(9), hot); return err },
		"k is 0":         func() error { _, err := evaluate(ctx, m, colour(9), colour(9), nobody); return err },
		"labels":         func() error { _, err := evaluate(ctx, m, unlabelled{colour(9)}, colour(9), p); return err },
	} {
		if err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A bank of 9 images cannot have 30 neighbours, nor 4000 that say which are hubs.
func TestEvaluateSaysWhatVoted(t *testing.T) {
	for _, flips := range []bool{false, true} {
		m := fitted(t, variants()["photographs"])
		e, err := evaluate(context.Background(), m, colour(9), colour(5), judge.Protocol{K: 30, Temperature: 0.03, Flips: flips, Hubs: 4000})
		if err != nil {
			t.Fatal(err)
		}
		bank := 9
		if flips {
			bank = 18
		}
		if e.K != bank || e.Bank != bank || e.Hubs != 9 {
			t.Errorf("flips %v: k = %d, a bank of %d, hubs by %d: want %d, %d and 9", flips, e.K, e.Bank, e.Hubs, bank, bank)
		}
	}
}

type unlabelled struct{ dataset.Source }

func (unlabelled) Classes() []string { return nil }

func TestPresetsAreValid(t *testing.T) {
	for _, name := range smt.Presets() {
		c, err := smt.Preset(name)
		if err != nil || c.Validate() != nil {
			t.Errorf("%s: %v %v", name, err, c.Validate())
		}
	}
	if _, err := smt.Preset("imagenet"); err == nil || !strings.Contains(err.Error(), "cifar") {
		t.Errorf("unknown preset: %v", err)
	}
}
