package smt_test

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/judge"
)

// The corrected protocol from its definition: cos(q, b) − 0.7·r(b), with r(b) the mean
// cosine of b to its ten nearest of the other sampled images and their flips.
func TestHubCorrectionAgreesWithItsDefinition(t *testing.T) {
	members := trio(t)
	bank, test := ofSize(60, colour(1).Size, 2), ofSize(200, colour(1).Size, 3)
	p := judge.Protocol{K: 3, Temperature: 0.05, Flips: true, Hubs: 25}
	among, to := similarity(t, members, view, bank, bank), similarity(t, members, view, test, bank)
	sample := shuffle.Sample(bank.Len(), p.Hubs, 4)
	r := make([]float64, bank.Len())
	for b := range r {
		var near []float64
		for _, s := range sample {
			if s != b {
				near = append(near, among[0][b][s], among[1][b][s])
			}
		}
		slices.SortFunc(near, func(x, y float64) int { return cmp.Compare(y, x) })
		for _, c := range near[:10] {
			r[b] += c / 10
		}
	}
	var top1 float64
	for q := range test.Len() {
		type scored struct {
			label int
			score float64
		}
		var all []scored
		for b := range r {
			all = append(all, scored{bank.Label(b), to[0][q][b] - 0.7*r[b]}, scored{bank.Label(b), to[1][q][b] - 0.7*r[b]})
		}
		slices.SortFunc(all, func(x, y scored) int { return cmp.Compare(y.score, x.score) })
		var votes [3]float64
		for _, n := range all[:p.K] {
			votes[n.label] += math.Exp(n.score / p.Temperature)
		}
		if slices.Index(votes[:], slices.Max(votes[:])) == test.Label(q) {
			top1++
		}
	}
	e, err := evaluate(t.Context(), ensemble(t, members...), bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	if want := top1 / float64(test.Len()); e.Top1 != want {
		t.Errorf("top-1 %g, want %g", e.Top1, want)
	}
	p.Hubs = 0
	if plain, err := evaluate(t.Context(), ensemble(t, members...), bank, test, p); err != nil || plain.Top1 == e.Top1 {
		t.Errorf("the correction changed no answer of these images, so that they test nothing: %v", err)
	}
}

// The whitened protocol is the plain one on embeddings whitened by a sample of the
// bank: all of this one.
func TestWhitenedProtocol(t *testing.T) {
	e := ensemble(t, trio(t)...)
	bank, test := ofSize(20, colour(1).Size, 2), ofSize(200, colour(1).Size, 3)
	sets := map[dataset.Source]embedding.Set{}
	for _, src := range []dataset.Source{bank, test} {
		sets[src] = embeddings(t, e, src)
	}
	p := judge.Protocol{K: 3, Temperature: 0.05, Flips: true, Components: 5}
	got, err := evaluate(t.Context(), e, bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	w, err := embedding.NewComponents(t.Context(), sets[bank], p.Components, embedding.Power, 5)
	if err != nil {
		t.Fatal(err)
	}
	p.Components = 0
	want, err := judge.Evaluate(t.Context(), labelled(bank, w.Of(sets[bank])), labelled(test, w.Of(sets[test])), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Top1 != want.Top1 || got.Top5 != want.Top5 {
		t.Errorf("top-1 and top-5 %g, %g, want %g, %g", got.Top1, got.Top5, want.Top1, want.Top5)
	}
	if plain, err := evaluate(t.Context(), e, bank, test, p); err != nil || plain.Top1 == got.Top1 {
		t.Errorf("whitening changed no answer of these images, so that they test nothing: %v", err)
	}
}

// Embeddings kept in half precision lead to the same neighbours, but for ties
// within its rounding.
func TestEvaluateKeptEmbeddings(t *testing.T) {
	e := ensemble(t, trio(t)...)
	bank, test := ofSize(90, colour(1).Size, 2), ofSize(40, colour(1).Size, 3)
	p := judge.Protocol{K: 10, Temperature: 0.1, Flips: true}
	want, err := evaluate(t.Context(), e, bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(src dataset.Source) judge.Labelled {
		set := embeddings(t, e, src)
		path := filepath.Join(t.TempDir(), "kept")
		w, err := embedding.Create(path, "test", set)
		if err != nil {
			t.Fatal(err)
		}
		for block, err := range set.Blocks(t.Context(), 7) {
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(block); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := embedding.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return labelled(src, f)
	}
	got, err := judge.Evaluate(t.Context(), keep(bank), keep(test), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Top1-want.Top1) > 1.0/40 || got.Bank != want.Bank {
		t.Errorf("%+v of kept embeddings, %+v of fresh ones", got, want)
	}
}
