package manifold

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/sparse"
)

// lines are texts of words by their numbers, in 32 bits or in 16.
type lines struct {
	words [][]int
	wide  bool
}

func (l lines) Len() int                           { return len(l.words) }
func (l lines) Topology(i int) cooccur.Topology    { return cooccur.Grid{len(l.words[i])} }
func (l lines) Dim() int                           { return 0 }
func (l lines) Symmetry() []int                    { return nil }
func (l lines) Digest() string                     { return "lines" }
func (l lines) Open(i int, _ Group) (Group, error) { return lineOfWords{l.words[i], l.wide}, nil }

type lineOfWords struct {
	words []int
	wide  bool
}

func (t lineOfWords) Read(first, last int, into *Units) error {
	for _, w := range t.words[first:last] {
		if t.wide {
			into.Codes.AddWide(uint32(w))
		} else {
			into.Codes.Add(uint16(w))
		}
	}
	return nil
}

// walkers are lines on a ring of n words, of steps of up to 3.
func walkers(n, lines, length int) (all [][]int) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range lines {
		at, line := rng.IntN(n), []int{}
		for range length {
			at = (at + n + rng.IntN(7) - 3) % n
			line = append(line, at)
		}
		all = append(all, line)
	}
	return all
}

func sparseConfig() Config {
	return Config{Code: sparse.Nearest, Context: cooccur.Context{Kind: cooccur.Window, Radius: 2, Difference: 1}, Dims: 4, Skip: 1, Seed: 1, Sparse: true}
}

// Sparse statistics lead to the eigenvalues that dense ones lead to, and the objective is met.
func TestSparseLearnsWhatDenseDoes(t *testing.T) {
	const n = 200
	all := walkers(n, 30, 400)
	dense := sparseConfig()
	dense.Sparse = false
	d, err := NewOfCodes(dense, lines{all, false}, n)
	if err != nil {
		t.Fatal(err)
	}
	want, err := d.Learn(t.Context(), lines{all, false}, Run{})
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []cooccur.Transform{{}, {Power: 0.5}} {
		cfg := sparseConfig()
		cfg.Transform = of
		e, err := NewOfCodes(cfg, lines{all, true}, n)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Learn(t.Context(), lines{all, true}, Run{})
		if err != nil {
			t.Fatal(err)
		}
		if v := got.VICReg; math.Abs(v.Invariance-v.EigenvalueSum) > 1e-3*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-4 || v.Covariance > 1e-6 {
			t.Errorf("%+v: objective %+v", of, v)
		}
		for j, k := range got.Kept {
			if same := math.Abs(k.Eigenvalue-want.Kept[j].Eigenvalue) < 1e-4; same != (of == cooccur.Transform{}) {
				t.Errorf("%+v: eigenvalue %d is %g, that of dense statistics %g", of, j, k.Eigenvalue, want.Kept[j].Eigenvalue)
			}
		}
	}
}

// A line that is taken in bands has the sums of the whole, and of more words than 16 bits can
// number each has its own.
func TestSparseOfManyWords(t *testing.T) {
	const n = 1 << 17
	all := walkers(n, 1, 2*BandUnits+777)
	for k := range n {
		all[0] = append(all[0], k)
	}
	cfg := sparseConfig()
	e, err := NewOfCodes(cfg, lines{all, true}, n)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Collect(t.Context(), lines{all, true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if of := s.Of(); of.Coded != int64(len(all[0])) || of.Groups != 1 || s.Usage()[n-1] == 0 {
		t.Errorf("statistics of %d units of %d groups, want %d of 1", of.Coded, of.Groups, len(all[0]))
	}
	dense := cfg
	dense.Sparse = false
	if _, err := NewOfCodes(dense, lines{all, false}, n); err == nil || !strings.Contains(err.Error(), "want 1 to 65536") {
		t.Errorf("dense statistics of %d words: error %v", n, err)
	}
}

// A fit that is stopped goes on from its checkpoint to the same solution.
func TestSparseGoesOn(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	const n = 150
	all := walkers(n, 1<<14+5, 20) // two batches
	e, err := NewOfCodes(sparseConfig(), lines{all, true}, n)
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Learn(t.Context(), lines{all, true}, Run{})
	if err != nil {
		t.Fatal(err)
	}
	run := Run{Checkpoint: filepath.Join(t.TempDir(), "kept"), Groups: "groups"}
	ctx, cancel := context.WithCancel(t.Context())
	run.Progress = func(stage string, done, _ int) {
		if stage == "statistics" && done > 0 {
			cancel()
		}
	}
	if _, err := e.Learn(ctx, lines{all, true}, run); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the statistics of 16384 are kept") {
		t.Fatalf("error %v", err)
	}
	run.Progress = nil
	got, err := e.Learn(t.Context(), lines{all, true}, run)
	if err != nil {
		t.Fatal(err)
	}
	for j, k := range got.Kept {
		if k.Eigenvalue != want.Kept[j].Eigenvalue {
			t.Errorf("eigenvalue %d is %g, want %g", j, k.Eigenvalue, want.Kept[j].Eigenvalue)
		}
	}
}

// What is made of the sums is no part of their identity: the same statistics are solved with
// any transform.
func TestSparseIdentity(t *testing.T) {
	cfg := sparseConfig()
	e, err := NewOfCodes(cfg, lines{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Transform.Power = 0.5
	other, err := NewOfCodes(cfg, lines{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Context.Weights = cooccur.Falling
	weighted, err := NewOfCodes(cfg, lines{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if e.Origin() != other.Origin() || e.Origin().Encoder == weighted.Origin().Encoder {
		t.Errorf("identities %.12s, transformed %.12s, weighted %.12s", e.Origin().Encoder, other.Origin().Encoder, weighted.Origin().Encoder)
	}
	cfg.Sparse = false
	if _, err := NewOfCodes(cfg, lines{}, 9); err == nil || !strings.Contains(err.Error(), "transform of counts") {
		t.Errorf("dense statistics with a transform: error %v", err)
	}
	cfg.Transform.Power, cfg.Sparse = 2, true
	if _, err := NewOfCodes(cfg, lines{}, 9); err == nil || !strings.Contains(err.Error(), "power of counts is 2") {
		t.Errorf("error %v", err)
	}
	if _, err := New(sparseConfig(), &units{}, atoms(rand.New(rand.NewPCG(1, 1)), 8)); err == nil || !strings.Contains(err.Error(), "ready codes") {
		t.Errorf("sparse statistics of vectors: error %v", err)
	}
}
