package smt_test

import (
	"bytes"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// A fit that goes on from an encoder chooses no atoms, and makes the same file as one that does.
func TestEncoded(t *testing.T) {
	src := colour(30)
	for name, cfg := range variants() {
		other := cfg
		other.Dims, other.Pool = 5, 4 // what is done with statistics
		e, err := smt.NewEncoder(t.Context(), src, other)
		if err != nil {
			t.Fatal(err)
		}
		fit := func(more ...smt.Option) []byte {
			m, err := smt.Fit(t.Context(), src, cfg, more...)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := m.SaveTo(&b); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		again := smt.Progress(func(stage string, _, _ int) {
			if stage == "dictionary" || stage == "whitening" {
				t.Errorf("%s: the work of the encoder is done again: %s", name, stage)
			}
		})
		if !bytes.Equal(fit(smt.Encoded(e), again), fit(smt.Encoded(nil))) {
			t.Errorf("%s: of an encoder another model is made", name)
		}
	}
}

func TestEncodedOfOthersIsRefused(t *testing.T) {
	src, cfg := colour(30), small()
	e, err := smt.NewEncoder(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	other := cfg
	other.Threshold = 0.4
	if _, err := smt.Fit(t.Context(), src, other, smt.Encoded(e)); err == nil || !strings.Contains(err.Error(), "another configuration") {
		t.Errorf("of another threshold: %v", err)
	}
	if _, err := smt.Fit(t.Context(), dataset.Gray(src), cfg, smt.Encoded(e)); err == nil || !strings.Contains(err.Error(), "images of") {
		t.Errorf("of gray images: %v", err)
	}
}
