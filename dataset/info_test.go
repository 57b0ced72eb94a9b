package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
)

// pairs is a labelled source of 2×1×3 images.
func pairs(t testing.TB, values []byte, labels ...byte) Source {
	t.Helper()
	n := uint32(len(labels))
	src, err := IDX(idxFile(values, n, 2, 1, 3), idxFile(labels, n), "memory")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// failing is a source whose images from n on cannot be read.
type failing struct {
	Source
	n   int
	err error
}

func (f failing) Image(i int, pix []uint8) error {
	if i >= f.n {
		return f.err
	}
	return f.Source.Image(i, pix)
}

func TestInfo(t *testing.T) {
	train := pairs(t, []byte{0, 10, 20, 4, 10, 30, 8, 10, 20, 12, 10, 30}, 0, 2)
	set := &Set{Format: "idx", Path: "p", Train: train, Test: pairs(t, noise(18, 1), 1, 2, 2)}
	info, err := set.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Info{
		Format: "idx", Path: "p", Train: 2, Test: 3, Height: 2, Width: 1, Channels: 3,
		Classes:       []string{"0", "1", "2"},
		TrainPerClass: []int{1, 0, 1},
		TestPerClass:  []int{0, 1, 2},
		Mean:          []float64{6, 10, 25},
		Std:           []float64{math.Sqrt(20), 0, 5},
	}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("got  %+v\nwant %+v", info, want)
	}
	text, err := json.Marshal(info)
	const start = `{"format":"idx","path":"p","train":2,"test":3,"height":2,"width":1,"channels":3,"classes":["0","1","2"],`
	if err != nil || len(text) < len(start) || string(text[:len(start)]) != start {
		t.Errorf("JSON %s, %v, want it to begin %s", text, err, start)
	}
}

func TestInfoWithoutLabels(t *testing.T) {
	src, err := IDX(idxFile([]byte{1, 3}, 2, 1, 1), nil, "memory")
	if err != nil {
		t.Fatal(err)
	}
	info, err := (&Set{Train: src}).Info(t.Context())
	if err != nil || info.Classes != nil || info.TrainPerClass != nil || info.Test != 0 || info.Mean[0] != 2 || info.Std[0] != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := (&Set{Train: Slice(src, 1, 1)}).Info(t.Context()); err != nil {
		t.Errorf("no images: %v", err)
	}
}

func TestFingerprint(t *testing.T) {
	values := noise(12, 1)
	sum := func(src Source) string {
		t.Helper()
		s, err := Fingerprint(t.Context(), src, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := sum(pairs(t, values, 0, 1))
	// A golden value, made by Python's hashlib from the definition: models
	// record fingerprints, so the definition must stay.
	const golden = "36fe589b8fa3e99caf774e494e58061b1c8aafeb534144eede511f9be70229c8"
	if first != golden {
		t.Errorf("fingerprint %s, want %s", first, golden)
	}
	// That of earlier software, which models have.
	const formerly = "50328571b367eab41b93d0eef15c2af58fc6b8279dd769d0ae5e5ad3949e4f3b"
	if former, err := formerFingerprint(t.Context(), pairs(t, values, 0, 1), nil); err != nil || former != formerly {
		t.Errorf("former fingerprint %s, want %s: %v", former, formerly, err)
	}
	if twice := pairs(t, append(values, values...), 0, 1, 0, 1); sum(Slice(twice, 2, 4)) != first {
		t.Error("a view of the same images has an other fingerprint")
	}
	changed := append([]byte(nil), values...)
	changed[11]++
	wide, err := IDX(idxFile(values, 2, 1, 2, 3), idxFile([]byte{0, 1}, 2), "wide")
	if err != nil {
		t.Fatal(err)
	}
	bare, err := IDX(idxFile(values, 2, 2, 1, 3), nil, "bare")
	if err != nil {
		t.Fatal(err)
	}
	for what, src := range map[string]Source{
		"pixel": pairs(t, changed, 0, 1),
		"label": pairs(t, values, 0, 0),
		"none":  bare,
		"shape": wide,
		"count": Slice(pairs(t, values, 0, 1), 0, 1),
		"order": Pick(pairs(t, values, 0, 1), []int{1, 0}),
	} {
		if sum(src) == first {
			t.Errorf("an other %s has the same fingerprint", what)
		}
	}
}

func TestStreamErrors(t *testing.T) {
	src := pairs(t, noise(12, 1), 0, 1)
	broken := errors.New("broken")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		src  Source
		want error
	}{{t.Context(), failing{src, 1, broken}, broken}, {cancelled, src, context.Canceled}} {
		if s, err := Fingerprint(c.ctx, c.src, nil); !errors.Is(err, c.want) || s != "" {
			t.Errorf("Fingerprint: %q, %v, want %v", s, err, c.want)
		}
		if _, err := (&Set{Train: c.src}).Info(c.ctx); !errors.Is(err, c.want) {
			t.Errorf("Info: %v, want %v", err, c.want)
		}
	}
}
