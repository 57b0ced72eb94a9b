package smt_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/judge"
)

// grayModel is fitted on gray views, one channel.
func grayModel(t testing.TB) *smt.Model {
	t.Helper()
	m, err := smt.Fit(t.Context(), dataset.Gray(colour(120)), small())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ensemble(t testing.TB, members ...smt.Member) *smt.Ensemble {
	t.Helper()
	e, err := smt.NewEnsemble(members...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEnsembleOfOneIsItsModel(t *testing.T) {
	m := fitted(t, small())
	e := ensemble(t, smt.Member{Model: m, Weight: 3})
	bank, test := ofSize(90, colour(1).Size, 2), ofSize(30, colour(1).Size, 3)
	p := judge.Paper(m.Config().Flips)
	want, err := evaluate(t.Context(), m, bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := evaluate(t.Context(), e, bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Top1 != want.Top1 || got.Top5 != want.Top5 || got.Bank != want.Bank || got.Test != want.Test || got.Protocol != want.Protocol {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := got.Predictions(), want.Predictions(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// unit are the embeddings of src and of its flips, straight from a model, in
// float64 and of unit length.
func unit(t testing.TB, m *smt.Model, src dataset.Source) (plain, flipped [][]float64) {
	t.Helper()
	out := make([]float32, m.Dim(src.Shape()))
	scaled := func(x []float32) []float64 {
		var sum float64
		for _, v := range x {
			sum += float64(v) * float64(v)
		}
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = float64(v) / math.Sqrt(sum)
		}
		return y
	}
	for e, err := range m.EmbedAll(t.Context(), src) {
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, scaled(e))
		flipTo(m, e, src.Shape(), out)
		flipped = append(flipped, scaled(out))
	}
	return plain, flipped
}

func product(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// similarity is the definition of an ensemble's cosines: [0][i][j] of image i of a
// and image j of b, [1] of image i and the flip of image j.
func similarity(t testing.TB, members []smt.Member, views func(smt.Member, dataset.Source) dataset.Source, a, b dataset.Source) [2][][]float64 {
	t.Helper()
	var all [2][][]float64
	for k := range all {
		all[k] = make([][]float64, a.Len())
		for i := range all[k] {
			all[k][i] = make([]float64, b.Len())
		}
	}
	var sum float64
	for _, m := range members {
		sum += m.Weight
	}
	for _, m := range members {
		x, _ := unit(t, m.Model, views(m, a))
		y, flips := unit(t, m.Model, views(m, b))
		for i := range x {
			for j := range y {
				all[0][i][j] += m.Weight / sum * product(x[i], y[j])
				all[1][i][j] += m.Weight / sum * product(x[i], flips[j])
			}
		}
	}
	return all
}

// trio is three members: colour, gray in one channel, and gray in three.
func trio(t testing.TB) []smt.Member {
	t.Helper()
	views := fitted(t, variants()["gray views"])
	return []smt.Member{
		{Model: fitted(t, small()), Weight: 1},
		{Model: grayModel(t), Gray: true, Weight: 2},
		{Model: views, Gray: true, Weight: 0.5},
	}
}

func view(m smt.Member, src dataset.Source) dataset.Source {
	if m.Gray {
		src = dataset.Gray(src)
	}
	if m.Model.Record().Data.Shape.Channels == 3 {
		return dataset.Repeat(src)
	}
	return src
}

func embeddings(t testing.TB, e *smt.Ensemble, src dataset.Source) embedding.Set {
	t.Helper()
	set, err := e.Embeddings(src)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestEnsembleAveragesCosines(t *testing.T) {
	members := trio(t)
	bank, test := ofSize(40, colour(1).Size, 2), ofSize(12, colour(1).Size, 3)
	want := similarity(t, members, view, test, bank)
	e := ensemble(t, members...)
	found, err := judge.Neighbours(t.Context(), embeddings(t, e, bank), embeddings(t, e, test), 2*bank.Len(), true, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range test.Len() {
		near := found.Neighbours(i)
		if len(near) != 2*bank.Len() {
			t.Fatalf("%d neighbours among %d images and their flips", len(near), bank.Len())
		}
		for _, n := range near {
			kind := map[bool]int{false: 0, true: 1}[n.Flip]
			if w := want[kind][i][n.Index]; math.Abs(float64(n.Cosine)-w) > 1e-5 { // float32 sums
				t.Fatalf("query %d: %+v, want cosine %g", i, n, w)
			}
		}
	}
}

func TestEnsembleErrors(t *testing.T) {
	m := fitted(t, small())
	plain := fitted(t, variants()["no flips"])
	p := judge.Protocol{K: 5, Temperature: 0.1, Flips: true}
	errorOf := func(p judge.Protocol, members ...smt.Member) error {
		_, err := evaluate(t.Context(), ensemble(t, members...), colour(20), colour(10), p)
		return err
	}
	negative := p
	negative.Hubs = -1
	short, long := p, p
	short.Components, long.Components = -1, 21
	set := embeddings(t, ensemble(t, smt.Member{Model: m, Weight: 1}), colour(20))
	kept := labelled(colour(20), set)
	for says, err := range map[string]error{
		"no models":                   second(smt.NewEnsemble()),
		"weight 0":                    second(smt.NewEnsemble(smt.Member{Model: m})),
		"weight NaN":                  second(smt.NewEnsemble(smt.Member{Model: m, Weight: math.NaN()})),
		"images have 1 channel, the":  second(evaluate(t.Context(), m, dataset.Gray(colour(20)), dataset.Gray(colour(10)), p)),
		"flips":                       errorOf(p, smt.Member{Model: m, Weight: 1}, smt.Member{Model: plain, Weight: 1}),
		"hubs is -1":                  errorOf(negative, smt.Member{Model: m, Weight: 1}),
		"whiten is -1":                errorOf(short, smt.Member{Model: m, Weight: 1}),
		"1 to 20 comp":                errorOf(long, smt.Member{Model: m, Weight: 1}),
		"19 labels and 20 embeddings": second(judge.Evaluate(t.Context(), labelled(colour(19), set), kept, p, nil)),
		"no labels":                   second(judge.Evaluate(t.Context(), kept, labelled(unlabelled{colour(20)}, set), p, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
	if e, err := judge.Evaluate(t.Context(), kept, kept, p, nil); err != nil || e.Top1 != 1 {
		t.Errorf("images among themselves: %+v, %v", e, err)
	}
}

func second[T any](_ T, err error) error { return err }
