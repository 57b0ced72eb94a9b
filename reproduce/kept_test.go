package reproduce

import (
	"math"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/judge"
)

// The components of embeddings that are kept are those of a fit that stores them: side by side, its models
// embed every image alike, and are judged alike.
func TestComponentsAreThoseOfAFit(t *testing.T) {
	opt := Options{Seed: 3, Data: writeData(t), Out: t.TempDir()}
	p, _ := must(t, opt, tiny()[:3])
	w := tiny()[2] // two models, of unequal weights
	r := &runner{opt: opt, images: map[*data]*images{}}
	if err := r.open(t.Context(), w.data); err != nil {
		t.Fatal(err)
	}
	defer r.closeImages()
	jobs := r.jobs(w)
	var members []smt.Member
	for i, j := range jobs {
		if _, err := r.finish(t.Context(), j); err != nil { // its model is there, its embeddings are not
			t.Fatal(err)
		}
		m, err := smt.Fit(t.Context(), j.View(j.images.train.Source), j.short)
		if err != nil {
			t.Fatal(err)
		}
		if m.Config().Components != w.members[i].short.Components || m.Config().Seed != 3 {
			t.Fatalf("model %d has %+v", i, m.Config())
		}
		members = append(members, smt.Member{Model: m, Gray: j.Gray, Weight: w.members[i].weight})
	}
	fitted, err := smt.NewEnsemble(members...)
	if err != nil {
		t.Fatal(err)
	}
	bank, err := r.kept(w, jobs, "train")
	if err != nil {
		t.Fatal(err)
	}
	defer bank.Close()
	test, err := r.kept(w, jobs, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer test.Close()
	own, err := r.ownComponents(t.Context(), jobs, bank)
	if err != nil {
		t.Fatal(err)
	}
	b, q, err := labelledBoth(bank, test, own)
	if err != nil {
		t.Fatal(err)
	}
	wantBank, wantTest := b, q
	for _, s := range []struct {
		got  embedding.Set
		want *embedding.Set
		of   split
	}{{b.Set, &wantBank.Set, jobs[0].images.train}, {q.Set, &wantTest.Set, jobs[0].images.test}} {
		if *s.want, err = fitted.Embeddings(s.of.Source); err != nil {
			t.Fatal(err)
		}
		got, want := rowsOf(t, s.got), rowsOf(t, *s.want)
		for i := range got {
			if len(got[i]) != len(want[i]) || len(got[i]) != 40 {
				t.Fatalf("row %d has %d values, want %d, of 20 components of each model", i, len(got[i]), len(want[i]))
			}
			var dot float64
			for k, v := range want[i] {
				dot += float64(v) * float64(got[i][k])
			}
			if math.Abs(dot-1) > 1e-4 { // halves round by 2⁻¹¹ of a value
				t.Fatalf("row %d: cosine %g to that of a model with components", i, dot)
			}
		}
	}
	protocol := judge.Paper(true)
	protocol.Temperature = shortTemperature
	e, err := judge.Evaluate(t.Context(), wantBank, wantTest, protocol, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := p.Results[2].Judged[0]
	if got := *p.Results[2].ComponentsTop1; j.Values != 40 || math.Abs(got-e.Top1) > 1.01/testImages || got != j.Components.Top1 || j.Components.Protocol != e.Protocol {
		t.Errorf("top-1 %g of %d values by %+v, want %g by %+v", got, j.Values, j.Components.Protocol, e.Top1, e.Protocol)
	}
}

func rowsOf(t *testing.T, s embedding.Set) (rows [][]float32) {
	t.Helper()
	for block, err := range s.Blocks(t.Context(), 7) {
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(block); i += s.Dim() {
			rows = append(rows, append([]float32(nil), block[i:i+s.Dim()]...))
		}
	}
	return rows
}
