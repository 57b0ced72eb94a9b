package smt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/judge"
)

// A folder of models is the ensemble of them, of equal weight; the gray one sees gray
// views without being told.
func TestLoadEnsemble(t *testing.T) {
	members := []smt.Member{{Name: "a", Model: fitted(t, small()), Weight: 1}, {Name: "b", Model: grayModel(t), Weight: 1, Gray: true}}
	folder := t.TempDir()
	for _, m := range members {
		if err := m.Model.Save(filepath.Join(folder, m.Name+".safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "notes.txt"), []byte("not a model"), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := smt.LoadEnsemble(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Members(); len(got) != 2 || got[0].Name != "a" || got[1].Name != "b" || got[0].Weight != got[1].Weight {
		t.Fatalf("members %+v, want a and b of equal weight", got)
	}
	bank, test := ofSize(60, colour(1).Size, 2), ofSize(40, colour(1).Size, 3)
	p := judge.Paper(true)
	p.K = 5
	want, err := evaluate(t.Context(), ensemble(t, members...), bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := evaluate(t.Context(), e, bank, test, p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Top1 != want.Top1 || got.Top5 != want.Top5 {
		t.Errorf("top-1 and top-5 %g, %g, want %g, %g", got.Top1, got.Top5, want.Top1, want.Top5)
	}
}

func TestLoadEnsembleOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gray.safetensors")
	if err := grayModel(t).Save(path); err != nil {
		t.Fatal(err)
	}
	e, err := smt.LoadEnsemble(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Members(); len(got) != 1 || got[0].Name != "gray" {
		t.Fatalf("members %+v, want one, gray", got)
	}
	set, err := e.Embeddings(colour(3))
	if err != nil {
		t.Fatalf("colour images: %v", err)
	}
	var seen []float32
	for b, err := range set.Blocks(t.Context(), 3) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, b...)
	}
	set, err = e.Embeddings(dataset.Gray(colour(3)))
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range set.Blocks(t.Context(), 3) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			if b[i] != seen[i] {
				t.Fatalf("value %d is %g of the gray images, %g of the colour ones", i, b[i], seen[i])
			}
		}
	}
}

func TestLoadEnsembleErrors(t *testing.T) {
	empty, broken := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "x.safetensors"), []byte("no"), 0o644); err != nil {
		t.Fatal(err)
	}
	for says, err := range map[string]error{
		"no models":     second(smt.LoadEnsemble(empty)),
		"x.safetensors": second(smt.LoadEnsemble(broken)),
		"absent":        second(smt.LoadEnsemble(filepath.Join(empty, "absent"))),
		"is a folder":   second(smt.Load(broken)),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
}

func TestBest(t *testing.T) {
	names := map[string]bool{}
	gray := 0
	for _, p := range smt.Best() {
		if err := p.Config.Validate(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if p.Name == "" || names[p.Name] {
			t.Errorf("name %q: want one of its own", p.Name)
		}
		names[p.Name] = true
		want := 3
		if p.Gray {
			gray++
			want = 1
		}
		if got := p.View(colour(2)).Shape().Channels; got != want {
			t.Errorf("%s sees %d channels, want %d", p.Name, got, want)
		}
	}
	if gray == 0 || gray == len(names) {
		t.Errorf("%d of %d parts are gray, want some", gray, len(names))
	}
}
