package server

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/sparse"
)

func TestModel(t *testing.T) {
	m, images := fitted()
	v := get[modelAnswer](t, "/api/model")
	if v.Atoms != 128 || v.Dims != 16 || v.Threshold != 0.5 || v.Bank != 300 || v.Tests != 20 || v.Values != m.Dim(images.Test.Shape()) || v.Rows != 21 || len(v.Classes) != 10 || v.Name != "m" ||
		v.FittedOn != m.Record().Data.Images || v.Counted != 60 || v.Are != "test images" {
		t.Errorf("the model is %+v", v)
	}
	sprite := getPNG(t, "/api/atoms.png").Bounds()
	if sprite.Dx() != v.Columns*v.Patch || sprite.Dy() != v.Atoms/v.Columns*v.Patch {
		t.Errorf("atoms.png is %v", sprite)
	}
}

func TestImage(t *testing.T) {
	m, images := fitted()
	v := get[imageAnswer](t, "/api/images/test-3")
	r, err := explain.Read(m, images.Test, 3, true)
	if err != nil {
		t.Fatal(err)
	}
	if v.Patches != r.Patches.N || v.Item != images.Test.ID(3) || v.Class != images.Test.Classes()[images.Test.Label(3)] || math.Abs(v.Active*float64(v.Patches-v.Blank)-float64(len(r.Codes.Atom))) > 1e-6 {
		t.Errorf("the image is %+v", v)
	}
	if list := get[listAnswer](t, "/api/images?from=18&count=5"); list.Total != 20 || len(list.Images) != 2 || list.Images[1].ID != "test-19" || list.Images[1].Item != images.Test.ID(19) {
		t.Errorf("the list is %+v", list)
	}
	for id, want := range map[string]explain.Image{"test-3": imageOf(t, images.Test, 3), "bank-7": imageOf(t, images.Bank, 7), "bank-7-flip": imageOf(t, images.Bank, 7).Flipped()} {
		got := dataset.FromImage(getPNG(t, "/api/images/"+id+"/pixels.png"), want.Shape)
		if !bytes.Equal(got, want.Pix) {
			t.Errorf("%s has other pixels", id)
		}
	}
}

func embeddings(t *testing.T, src dataset.Source) embedding.Set {
	t.Helper()
	m, _ := fitted()
	e, err := m.Embeddings(src)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The search finds what Judge does among all images and flips, each image once, by
// itself or by its flip, whichever is nearer; they vote as neighbours do.
func TestNeighbours(t *testing.T) {
	m, images := fitted()
	p := judge.Paper(m.Config().Flips)
	k := p.K
	p.K = 2 * images.Bank.Len()
	bank, test := embeddings(t, images.Bank), embeddings(t, images.Test)
	j, err := judge.Judge(t.Context(), judge.Labelled{Set: bank, Labels: images.Bank}, judge.Labelled{Set: test, Labels: images.Test}, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	twice := 0 // an image and its flip are both among the nearest
	for _, q := range j.Queries[:5] {
		var want []judge.Neighbour
		seen := map[int]bool{}
		for r, n := range q.Neighbours {
			if !seen[n.Index] && len(want) < k {
				want = append(want, n)
			} else if r < k {
				twice++
			}
			seen[n.Index] = true
		}
		votes, all := map[string]float64{}, 0.0
		for _, n := range want {
			vote := math.Exp((n.Cosine - want[0].Cosine) / p.Temperature)
			votes[j.Classes[n.Label]] += vote
			all += vote
		}
		v := get[searchAnswer](t, fmt.Sprintf("/api/images/test-%d/neighbours", q.Index))
		if v.Bank != j.Bank || len(v.Neighbours) != k {
			t.Fatalf("%d neighbours of %d, want %d of %d", len(v.Neighbours), v.Bank, k, j.Bank)
		}
		for r, n := range v.Neighbours {
			id := fmt.Sprintf("bank-%d", want[r].Index)
			if want[r].Flip {
				id += "-flip"
			}
			vote := math.Exp((want[r].Cosine-want[0].Cosine)/p.Temperature) / all
			if n.ID != id || n.Item != images.Bank.ID(want[r].Index) || n.Flip != want[r].Flip || math.Abs(n.Cosine-want[r].Cosine) > 1e-5 || math.Abs(n.Vote-vote) > 1e-3 {
				t.Errorf("neighbour %d is %+v, want %+v", r, n, want[r])
			}
		}
		for _, c := range v.Votes {
			if math.Abs(c.Share-votes[c.Class]/all) > 1e-3 || c.Share > v.Votes[0].Share {
				t.Errorf("votes %v, want %v", v.Votes, votes)
			}
		}
	}
	if twice == 0 {
		t.Error("no image and its flip are near together: the test tests nothing")
	}
	if v := get[searchAnswer](t, "/api/images/bank-7-flip/neighbours?k=1"); v.Neighbours[0].ID != "bank-7-flip" || math.Abs(v.Neighbours[0].Cosine-1) > 1e-5 {
		t.Errorf("the flip of a bank image finds %+v", v.Neighbours)
	}
	if v := get[searchAnswer](t, "/api/images/bank-7/neighbours?k=100"); len(v.Neighbours) != 100 {
		t.Errorf("%d neighbours, want 100", len(v.Neighbours))
	}
}

// A search takes what is prepared: beside the embedding it allocates a fraction of what
// the bank's values take in 8 bits.
func TestSearchPreparesNothingAgain(t *testing.T) {
	m, images := fitted()
	s, err := New(m.Long(), chosen(images), Options{Name: "m", MapAtoms: 60}) // many values, so that to prepare them would show
	if err == nil {
		err = s.Prepare(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	im := imageOf(t, s.images.Test, 4)
	bytes := func(f func() error) int {
		return int(memorytest.Least(func() {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}))
	}
	embedding := bytes(func() error { _, err := s.m.Embed(draw.Photo(im)); return err })
	search := bytes(func() error { _, err := s.search(t.Context(), im, 30); return err })
	if values := s.bank.Len() * s.m.Dim(s.shape); search-embedding > values/2 {
		t.Errorf("a search allocates %d bytes, and %d for the embedding; the bank has %d values", search-embedding, embedding, values)
	}
}

// A crop is searched for as the image that it is brought to.
func TestCrop(t *testing.T) {
	m, images := fitted()
	crop := imageOf(t, images.Test, 0)
	part := draw.Photo(crop).SubImage(image.Rect(4, 5, 24, 25))
	crop.Pix = dataset.FromImage(part, crop.Shape)
	found, err := judge.Neighbours(t.Context(), embeddings(t, images.Bank), embeddings(t, crop.Source()), 1, judge.Paper(m.Config().Flips).Flips, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := get[searchAnswer](t, "/api/images/test-0/neighbours?crop=4,5,20,20")
	if got, want := v.Neighbours[0].Cosine, float64(found.Neighbours(0)[0].Cosine); math.Abs(got-want) > 1e-5 {
		t.Errorf("the nearest has cosine %g, want %g", got, want)
	}
	if got := dataset.FromImage(getPNG(t, "/api/images/test-0/pixels.png?crop=4,5,20,20"), crop.Shape); !bytes.Equal(got, crop.Pix) {
		t.Error("the crop has other pixels")
	}
}

func TestPatch(t *testing.T) {
	m, images := fitted()
	r, err := explain.Read(m, images.Test, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	atoms, err := explain.NewGallery(t.Context(), m, m.Stages().Dictionary.Atoms)
	if err != nil {
		t.Fatal(err)
	}
	dim := m.Stages().Transform.Dim()
	coded, blank := 0, 0
	for i := 0; i < r.Patches.N; i += 17 {
		v := get[patchAnswer](t, fmt.Sprintf("/api/images/test-2/patches/%d", i))
		if v.Blank != r.Patches.Blank[i] || v.Row != i/r.Cols || v.Col != i%r.Cols {
			t.Errorf("patch %d is %+v", i, v)
		}
		if v.Blank {
			blank++
			continue
		}
		coded++
		var got []uint16
		for _, s := range v.Active {
			got = append(got, uint16(s.Atom))
		}
		slices.Sort(got)
		if !slices.Equal(got, r.Codes.Row(i)) {
			t.Errorf("patch %d has active atoms %v, want %v", i, got, r.Codes.Row(i))
		}
		x := r.Patches.X[i*r.Patches.Stride:][:dim]
		want := atoms.Journey(x, nearest, nil)
		for s, list := range [][]near{v.Atoms.Signal, v.Atoms.Code, v.Atoms.Embedding} {
			for k, n := range list {
				if w := want.Nearest[s][k]; *n.Atom != w.Index || n.Cosines != w.Cosines || n.Ranks != w.Ranks {
					t.Errorf("patch %d, space %d: neighbour %d is %+v, want %+v", i, s, k, n, w)
				}
			}
		}
		if len(v.Patches.Code) != nearest {
			t.Errorf("%d neighbours", len(v.Patches.Code))
		}
	}
	if coded == 0 || blank == 0 {
		t.Errorf("%d coded and %d blank patches", coded, blank)
	}
	getPNG(t, "/api/images/test-2/patches/0/tile.png")
}

// Codes at any threshold are those of the library's coder.
func TestThreshold(t *testing.T) {
	m, images := fitted()
	r, err := explain.Read(m, images.Test, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(r.Patches.Blank, false)
	dim := m.Stages().Transform.Dim()
	encode := func(kind sparse.Kind, threshold float64) (code sparse.Codes) {
		coder, err := sparse.NewCoder(kind, threshold, m.Stages().Dictionary.Atoms, dim, nil)
		if err != nil {
			t.Fatal(err)
		}
		patch := r.Patches
		patch.N, patch.X, patch.Blank = 1, slices.Clone(patch.X[at*patch.Stride:][:16*patch.Stride]), patch.Blank[at:at+1]
		var scratch sparse.Scratch
		if err := coder.Encode(&patch.Vectors, true, &scratch, &code); err != nil {
			t.Fatal(err)
		}
		return code
	}
	for _, threshold := range []float64{0.05, 0.2, 0.41, 0.5, 0.7, 0.95} {
		v := get[thresholdAnswer](t, fmt.Sprintf("/api/images/test-1/patches/%d/threshold?t=%g", at, threshold))
		code := encode(sparse.General, threshold)
		if v.Count != len(code.Atom) || v.Own != 0.5 {
			t.Errorf("at %g, %d active atoms, want %d", threshold, v.Count, len(code.Atom))
		}
		beta, own := explain.Embed(m, &code), explain.Embed(m, &r.Codes)[at*m.Config().Dims:][:m.Config().Dims]
		if want := explain.Cosine(beta, own); math.Abs(v.Cosine-want) > 1e-6 {
			t.Errorf("at %g, cosine %g, want %g", threshold, v.Cosine, want)
		}
	}
	x := r.Patches.X[at*r.Patches.Stride:][:dim]
	want := encode(sparse.Soft, 0.3)
	if got := codes(prepared().ranking(x), sparse.Soft, []float64{0.3}); !slices.Equal(got.Atom, want.Atom) || !slices.Equal(got.Value, want.Value) {
		t.Errorf("soft codes %v %v, want %v %v", got.Atom, got.Value, want.Atom, want.Value)
	}
}

func TestPair(t *testing.T) {
	m, images := fitted()
	a, b := imageOf(t, images.Test, 0), imageOf(t, images.Bank, 7).Flipped()
	want, err := explain.Why(m, a, b)
	if err != nil {
		t.Fatal(err)
	}
	v := get[pairAnswer](t, "/api/pairs/test-0/bank-7-flip")
	sum := func(list []float64) (s float64) {
		for _, x := range list {
			s += x
		}
		return s
	}
	if v.Cosine != want.Cosine || !slices.Equal(v.Cells, want.Cells) || v.A.Active != len(want.A.Atoms) || v.B.Atoms[0] != want.B.Atoms[0] {
		t.Errorf("the pair is %+v", v)
	}
	for name, got := range map[string]float64{"cells": sum(v.Cells), "patches a": sum(v.A.Patches), "patches b": sum(v.B.Patches), "pixels a": v.A.Pixels, "pixels b": v.B.Pixels, "atoms a": v.A.Total, "atoms b": v.B.Total} {
		if math.Abs(got-v.Cosine) > 1e-5 {
			t.Errorf("%s add up to %g, the cosine is %g", name, got, v.Cosine)
		}
	}
	heat := getPNG(t, "/api/pairs/test-0/bank-7-flip/heat.png?side=b")
	if got := draw.Heat(b, want.B.Pixels, v.Most); !bytes.Equal(dataset.FromImage(heat, b.Shape), dataset.FromImage(got, b.Shape)) {
		t.Error("another heat map")
	}
	getPNG(t, "/api/pairs/test-0/bank-7-flip/heat.png?side=b&with=200")
}

func TestMap(t *testing.T) {
	m, _ := fitted()
	v := get[mapAnswer](t, "/api/map")
	if len(v.Atoms) != 60 || len(v.Near) != 60 || len(v.Spectral) != 60 || !slices.IsSortedFunc(v.Usage, func(a, b int) int { return b - a }) {
		t.Errorf("a map of %d atoms", len(v.Atoms))
	}
	if p := m.Stages().Projection.Row(v.Atoms[5]); v.Spectral[5] != [2]float64{float64(p[0]), float64(p[1])} {
		t.Errorf("atom %d is at %v", v.Atoms[5], v.Spectral[5])
	}
	a := get[atomAnswer](t, fmt.Sprintf("/api/atoms/%d", v.Atoms[5]))
	if a.Usage != v.Usage[5] || *a.Mirror != int(m.Stages().Dictionary.Mirror[a.Atom]) || *a.Atoms.Signal[0].Atom == a.Atom {
		t.Errorf("atom %+v", a)
	}
}

// The map is a page too, which the page of the server may have in a frame, and no other.
func TestMapPage(t *testing.T) {
	pages := map[string]string{}
	for _, layout := range []string{"near", "spectral"} {
		w := ask("GET", "/api/map.html?layout="+layout, nil)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Fatalf("%s: status %d, %s", layout, w.Code, w.Header().Get("Content-Type"))
		}
		if policy := w.Header().Values("Content-Security-Policy"); len(policy) != 1 || policy[0] != atlas.Policy("'self'") {
			t.Errorf("the policies are %q", policy)
		}
		pages[layout] = w.Body.String()
	}
	if pages["near"] == pages["spectral"] {
		t.Error("both layouts are the same page")
	}
	if w := ask("GET", "/api/map.html", nil); w.Body.String() != pages["near"] {
		t.Error("without a layout, it is not that of neighbours")
	}
	if w := ask("GET", "/api/map.html?layout=round", nil); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "want near or spectral") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}
