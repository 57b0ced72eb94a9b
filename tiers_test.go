package smt_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// tierReport is what a tier makes of the same input, stage by stage.
type tierReport struct {
	Tier string
	// Given are the bytes of what is made of given patches: codes and their statistics.
	Given map[string][]byte
	Fits  map[string]tierFit
}

// tierFit is a fit and what it leads to.
type tierFit struct {
	Whitening, Atoms []float32
	Codes            [][]uint16 // of the patches of a few images
	V, M             []int64
	Values           []float64
	Projection       []float32
	Own, Common      judged // by the tier's model, and by that of the generic tier
}

// judged are embeddings of images and how they are classified.
type judged struct {
	Dim        int
	Embeddings []float32
	Votes      []int
}

// tierSet is the images of a fit, and those that are classified.
type tierSet struct {
	train, test dataset.Source
	cfg         smt.Config
}

func tierSets(t *testing.T) map[string]tierSet {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	gray, err := smt.Preset("mnist")
	if err != nil {
		t.Fatal(err)
	}
	gray.Atoms, gray.Dims, gray.Images, gray.Sample = 128, 16, 60, 100
	photo, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	photo.Atoms, photo.Dims, photo.Skip, photo.Patch, photo.Pool, photo.MaxCosine = 96, 20, 2, 4, 3, 0.9
	return map[string]tierSet{
		"digits":   {dataset.Slice(set.Train, 0, 100), dataset.Slice(set.Test, 0, 40), gray},
		"textures": {colour(120), dataset.Slice(ofSize(160, colour(0).Size, 1), 120, 160), photo},
	}
}

const (
	tierReportTo  = "SMT_TEST_TIER_REPORT" // where a process that is a tier of TestTiers writes to
	tierModelFrom = "SMT_TEST_TIER_MODELS" // where the models of the generic tier are
)

// TestTierReport is the part of TestTiers that runs once on every tier, in a process of
// its own.
func TestTierReport(t *testing.T) {
	path := os.Getenv(tierReportTo)
	if path == "" {
		t.Skip("run by TestTiers")
	}
	r := tierReport{simd.Tier(), given(t), map[string]tierFit{}}
	for name, set := range tierSets(t) {
		r.Fits[name] = tierFitOf(t, name, set)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(r); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// given codes patches and counts codes that are the same on every tier.
func given(t *testing.T) map[string][]byte {
	const size, atoms, images, side = 6, 300, 12, 7
	transform := patch.Transform{Size: size, Channels: 3}
	dim := transform.Dim()
	rng := rand.New(rand.NewPCG(3, 8))
	units := func(n int) []float32 {
		x := make([]float32, n*dim)
		for i := range n {
			var sum float64
			for k := range dim {
				x[i*dim+k] = float32(rng.NormFloat64())
				sum += float64(x[i*dim+k]) * float64(x[i*dim+k])
			}
			for k := range dim {
				x[i*dim+k] = float32(float64(x[i*dim+k]) / math.Sqrt(sum))
			}
		}
		return x
	}
	dict, x := units(atoms), units(images*side*side)
	sparse.Round(dict, dim, nil)
	// Patches near atoms, at all distances.
	for i := range images * side * side {
		at, part := rng.IntN(atoms), rng.Float64()
		for k := range dim {
			x[i*dim+k] = float32(part*float64(dict[at*dim+k]) + (1-part)*float64(x[i*dim+k]))
		}
	}
	out := map[string][]byte{}
	for _, kind := range sparse.Kinds() {
		coder, err := sparse.NewCoder(kind, 0.2, dict, dim, nil)
		if err != nil {
			t.Fatal(err)
		}
		var scratch sparse.Scratch
		var all []*sparse.Codes
		for i := range images {
			var v sparse.Vectors
			v.Pack(x[i*side*side*dim:][:side*side*dim], dim, coder.Stride())
			c := new(sparse.Codes)
			if err := coder.Encode(&v, false, &scratch, c); err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		for _, c := range all {
			out[string(kind)+" codes"] = fmt.Append(out[string(kind)+" codes"], *c)
		}
		unit := 1
		if kind.Valued() {
			unit = sparse.SoftUnit
		}
		for _, context := range []cooccur.Context{{Kind: cooccur.Whole, Difference: 2}, {Kind: cooccur.Window, Radius: 2, Difference: 1}, {Kind: cooccur.Window, Radius: 1, Difference: 2}} {
			s, err := cooccur.NewDense(cooccur.Origin{Context: context, Atoms: atoms, Denominator: unit, Grid: cooccur.Grid{side, side}})
			if err != nil {
				t.Fatal(err)
			}
			groups := make([]cooccur.Group, len(all))
			for i, c := range all {
				groups[i].Codes = c
			}
			if _, err := s.Accumulate(t.Context(), groups); err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%s statistics, %+v", kind, context)] = fmt.Append(nil, s.Groups, s.Coded, s.Pairs, s.Inner, s.V, s.M)
		}
	}
	return out
}

// tierFitOf fits a model, and judges it and the generic tier's.
func tierFitOf(t *testing.T, name string, set tierSet) (f tierFit) {
	ctx := context.Background()
	e, err := smt.NewEncoder(ctx, set.train, set.cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Collect(ctx, set.train)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Solve(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	dense := s.(*cooccur.Dense)
	f.Whitening, f.Atoms, f.V, f.M, f.Values = m.Stages().Transform.Whitening, m.Stages().Dictionary.Atoms, dense.V, dense.M, m.Stages().Eigenvalues
	for a := range set.cfg.Atoms {
		f.Projection = append(f.Projection, m.Stages().Projection.Row(a)...)
	}
	for i := range 20 {
		r, err := explain.Read(m, set.train, i, false)
		if err != nil {
			t.Fatal(err)
		}
		for k := range r.Codes.N() {
			f.Codes = append(f.Codes, slices.Clone(r.Codes.Row(k)))
		}
	}
	f.Own = judgedBy(t, m, set)
	path := filepath.Join(os.Getenv(tierModelFrom), name)
	if simd.Tier() == "generic" {
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if m, err = smt.Load(path); err != nil {
		t.Fatal(err)
	}
	f.Common = judgedBy(t, m, set)
	return f
}

func judgedBy(t *testing.T, m *smt.Model, set tierSet) judged {
	ctx := context.Background()
	j := judged{Dim: m.Dim(set.test.Shape())}
	for e, err := range m.EmbedAll(ctx, set.test) {
		if err != nil {
			t.Fatal(err)
		}
		j.Embeddings = append(j.Embeddings, e...)
	}
	bank, err := m.Embeddings(set.train)
	if err != nil {
		t.Fatal(err)
	}
	test, err := m.Embeddings(set.test)
	if err != nil {
		t.Fatal(err)
	}
	votes, err := judge.Judge(ctx, labelled(set.train, bank), labelled(set.test, test), judge.Paper(set.cfg.Flips), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range votes.Queries {
		j.Votes = append(j.Votes, q.Voted)
	}
	return j
}

// What docs/reliability.md promises in "What tiers agree on": codes and statistics of the same patches
// are the same; patches are the same unless they are whitened; all else is within bounds.
func TestTiers(t *testing.T) {
	tiers := simd.Tiers()
	if os.Getenv("SMT_SIMD") != "" || len(tiers) == 1 {
		t.Skip("one tier only: this one or none is forced")
	}
	dir := t.TempDir()
	run := func(tier string) (r tierReport) {
		path := filepath.Join(dir, "report-"+tier)
		cmd := exec.Command(os.Args[0], "-test.run=^TestTierReport$")
		cmd.Env = append(os.Environ(), "SMT_SIMD="+tier, tierReportTo+"="+path, tierModelFrom+"="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tier, err, out)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&r); err != nil {
			t.Fatal(err)
		}
		if r.Tier != tier {
			t.Fatalf("ran on tier %s, want %s", r.Tier, tier)
		}
		return r
	}
	want := run("generic") // saves the models that all tiers judge
	for _, tier := range tiers {
		if tier == "generic" {
			continue
		}
		got := run(tier)
		for name, b := range want.Given {
			if !bytes.Equal(b, got.Given[name]) {
				t.Errorf("%s: %s of given patches are not those of the generic tier", tier, name)
			}
		}
		for name, fit := range want.Fits {
			compareTiers(t, tier+", "+name, fit, got.Fits[name])
		}
	}
}
