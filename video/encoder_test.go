package video

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// Clips that are collected apart and carried as bytes make the model of a fit to all, byte for byte.
func TestShards(t *testing.T) {
	shape := dataset.Shape{Height: 12, Width: 12, Channels: 1}
	all := drifting(t, shape, 4, 40, 25, 30)
	want := fit(t, all, small(shape))
	var shards []cooccur.Statistics
	for _, clips := range [][]int{{2}, {0, 1}} {
		var pix [][]uint8
		for _, i := range clips {
			pix = append(pix, all.ClipPixels(i))
		}
		shard, err := videosource.NewFrames(shape, pix...)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEncoder(t.Context(), all, small(shape), nil) // as on a machine of its own
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(t.Context(), shard, nil)
		if err != nil {
			t.Fatal(err)
		}
		shards = append(shards, s)
	}
	sum := smttest.Sum(t, shards)
	e, err := NewEncoder(t.Context(), all, small(shape), nil)
	if err != nil {
		t.Fatal(err)
	}
	of := want.Data()
	of.Units = 0
	m, err := e.Solve(t.Context(), sum, of, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got, whole bytes.Buffer
	if err := m.SaveTo(&got); err != nil {
		t.Fatal(err)
	}
	if err := want.SaveTo(&whole); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), whole.Bytes()) {
		t.Errorf("the model of two shards, of %+v, is not that of all clips, of %+v", m.Data(), want.Data())
	}
	for says, change := range map[string]func(*Data){
		"clips is 0: want 3":               func(d *Data) { d.Clips = 0 },
		"clips is 4: want 3":               func(d *Data) { d.Clips = 4 },
		"2 frames":                         func(d *Data) { d.Frames = 2 },
		"units: want at least 1 clip":      func(d *Data) { d.Frames = 6 },
		`fingerprint is "\x1b[2J\n": want`: func(d *Data) { d.Fingerprint = "\x1b[2J\n" },
		`fingerprint is "5e": want`:        func(d *Data) { d.Fingerprint = "5e" },
	} {
		wrong := of
		change(&wrong)
		if _, err := e.Solve(t.Context(), sum, wrong, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v", says, err)
		}
	}
}

// There is no model without statistics.
func TestSolveWantsStatistics(t *testing.T) {
	e := new(Encoder)
	e.engine = new(manifold.Encoder)
	if _, err := e.Solve(t.Context(), nil, Data{}, nil); err == nil || !strings.Contains(err.Error(), "no statistics") {
		t.Errorf("error %v", err)
	}
}
