package smt_test

import (
	"bytes"
	"context"
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
		"thin is 3":                     func(c *smt.Config) { c.Thin = 3 },
		"windows of 2 would leave gaps": func(c *smt.Config) { c.Thin, c.Pool = 2, 2 },
		"patches of 2":                  func(c *smt.Config) { c.Thin, c.Patch = 4, 2 },
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
	gray := ofSize(30, dataset.Shape{Height: 13, Width: 14, Channels: 1}, 1)
	c := small()
	c.Grayscale = true
	if _, err := smt.Fit(ctx, gray, c); err == nil {
		t.Error("gray views of gray images: no error")
	}
}

func TestEvaluateErrors(t *testing.T) {
	m := fitted(t, variants()["no flips"])
	ctx, p := context.Background(), judge.Paper(m.Config().Flips)
	gray := ofSize(30, dataset.Shape{Height: 13, Width: 14, Channels: 1}, 1)
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
