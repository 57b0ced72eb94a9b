package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
)

// fitBest fits the preset best, small, and returns its folder.
func fitBest(t testing.TB, data string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "best")
	must(t, append([]string{"fit", data, "-o", folder, "--preset", "best"}, small...)...)
	return folder
}

func TestFitBest(t *testing.T) {
	data := pngData(t, 60)
	folder := fitBest(t, data)
	for _, p := range smt.Best() {
		m := load(t, filepath.Join(folder, p.Name+".safetensors"))
		channels := 3
		if p.Gray {
			channels = 1
		}
		if m.Record().Data.Shape.Channels != channels || m.Config().Atoms != 64 || m.Config().Threshold != p.Config.Threshold {
			t.Errorf("%s is of %v, %+v", p.Name, m.Record().Data.Shape, m.Config())
		}
	}
	args := append([]string{"fit", data, "-o", folder, "--preset", "best"}, small...)
	first := smt.Best()[0].Name
	if err := os.Remove(filepath.Join(folder, first+".safetensors")); err != nil {
		t.Fatal(err)
	}
	models := mustJSON(t, []string{"folder", "models", "peak_rss_bytes"}, args...)["models"].([]any)
	if len(models) != len(smt.Best()) {
		t.Fatalf("%d models are reported, want %d", len(models), len(smt.Best()))
	}
	for i, m := range models {
		if again := m.(map[string]any)["fit_seconds"].(float64) > 0; again != (i == 0) {
			t.Errorf("model %d was fitted: %v; only the one that was removed is to be", i, again)
		}
	}
	left := filepath.Join(folder, first+".safetensors"+partial)
	write(t, left, nil) // of a fit killed between saving the model and removing its statistics
	if out := must(t, args...); strings.Count(out, "it was there") != len(models) {
		t.Errorf("with all models there, fit prints\n%s", out)
	}
	if exists(left) {
		t.Error("the statistics of a model that is there stay")
	}
	if r := mustJSON(t, nil, append(args, "--dims", "7")...)["models"].([]any)[0].(map[string]any); r["fit_seconds"] == 0.0 {
		t.Error("a model of another configuration was taken for the one asked for")
	}
}

func TestFitBestErrors(t *testing.T) {
	data := pngData(t, 40)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine.safetensors"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{"mine.safetensors", "another folder"}, "fit", data, "-o", folder, "--preset", "best")
	fresh, own := filepath.Join(folder, "fresh"), t.TempDir()
	for _, out := range []string{filepath.Join(fresh, "best"), own} { // more atoms than there are patches: it fails once there is a folder
		mustFail(t, exitFailure, []string{"atoms"}, "fit", data, "-o", out, "--preset", "best", "--atoms", "60000", "--dims", "8")
	}
	if exists(fresh) || !exists(own) {
		t.Errorf("a fit that failed left a folder: %v, and the one that was there before: %v", exists(fresh), exists(own))
	}
	mustFail(t, exitFailure, []string{"no models"}, "eval", t.TempDir(), data, "--holdout", "5")
	mustFail(t, exitFailure, []string{"is a folder"}, "info", folder)
}

// Of gray images, best is a model of them and one that straightens them itself, whatever is done with it.
func TestBestOfGrayImages(t *testing.T) {
	data := idxData(t, 60, 20)
	folder := fitBest(t, data)
	for _, p := range smt.BestGray() {
		m := load(t, filepath.Join(folder, p.Name+".safetensors"))
		if m.Config().Deskew != (p.Name == "straight") || m.Config().Atoms != 64 {
			t.Errorf("%s has %+v", p.Name, m.Config())
		}
	}
	r := mustJSON(t, []string{"top1", "members"}, "eval", folder, data)
	if members := r["members"].([]any); len(members) != 2 {
		t.Errorf("eval reports %v", r)
	}
	straight := filepath.Join(folder, "straight.safetensors")
	wantText(t, "info", must(t, "info", straight), "which it straightens", `"deskew": true`)
	page := filepath.Join(t.TempDir(), "report")
	must(t, "explain", straight, data, "-o", page, "--bank", "20", "--test", "5", "--sample", "10")
	wantText(t, "explain", string(read(t, filepath.Join(page, "index.html"))), "shown straightened")
	mustFail(t, exitFailure, []string{"deskew needs gray images, these have 3 channels"}, append([]string{"fit", pngData(t, 20), "-o", filepath.Join(folder, "x"), "--preset", "cifar", "--deskew"}, small...)...)
}

func TestEvalBest(t *testing.T) {
	data := pngData(t, 60)
	folder := fitBest(t, data)
	r := mustJSON(t, []string{"top1", "members"}, "eval", folder, data, "--holdout", "20", "--hubs", "30")
	members := r["members"].([]any)
	if len(members) != len(smt.Best()) || r["hubs"] != 30.0 || r["flips"] != true {
		t.Errorf("eval reports %v", r)
	}
	if _, ok := r["invariance"]; ok {
		t.Error("the ensemble has an objective of its own")
	}
	for _, m := range members {
		o := m.(map[string]any)
		if i, s := o["invariance"].(float64), o["eigenvalue_sum"].(float64); o["name"] == "" || math.Abs(i-s) > 1e-4*s {
			t.Errorf("a member reports %v", o)
		}
	}
	out := must(t, "eval", folder, data, "--holdout", "20")
	wantText(t, "eval", out, "20 training images, which the model was fitted on", "fitted on 60 images at the fit: invariance")
	for _, p := range smt.Best() {
		if !strings.Contains(out, "model "+p.Name) {
			t.Errorf("eval does not say %q:\n%s", p.Name, out)
		}
	}
}

// Rows of several models, and whitened ones, are unit vectors; of a gray model alone
// they are what it makes of gray images.
func TestEmbedBest(t *testing.T) {
	data := pngData(t, 30)
	folder := fitBest(t, data)
	out := filepath.Join(t.TempDir(), "out.npy")
	whole := 0
	for _, p := range smt.Best() {
		m := load(t, filepath.Join(folder, p.Name+".safetensors"))
		whole += m.Dim(m.Record().Data.Shape)
	}
	for _, c := range []struct {
		flags []string
		cols  int
	}{{nil, whole}, {[]string{"--whiten", "6"}, 6}} {
		r := mustJSON(t, []string{"shape"}, append([]string{"embed", folder, data, "-o", out}, c.flags...)...)
		if shape := r["shape"].([]any); shape[0] != 30.0 || shape[1] != float64(c.cols) {
			t.Fatalf("shape %v, want 30 × %d", shape, c.cols)
		}
		values := readNPY(t, out)
		for i := range 30 {
			var sum float64
			for _, v := range values[i*c.cols : (i+1)*c.cols] {
				sum += float64(v) * float64(v)
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Fatalf("%v: row %d has squared length %g", c.flags, i, sum)
			}
		}
	}
	// The same images with the components of others, and with their own named.
	short := readNPY(t, out)
	must(t, "embed", folder, data, "-o", out, "--whiten", "6", "--bank", data)
	if again := readNPY(t, out); !slices.Equal(again, short) {
		t.Error("--bank DATA of the same DATA leads to other values")
	}
	must(t, "embed", folder, data, "-o", out, "--whiten", "6", "--bank", pngData(t, 40))
	if other := readNPY(t, out); slices.Equal(other, short) {
		t.Error("the components of another bank are the same")
	}
	mustFail(t, exitUsage, []string{"--bank"}, "embed", folder, data, "-o", out, "--bank", data)
	mustFail(t, exitUsage, []string{"--whiten"}, "embed", folder, data, "-o", out, "--whiten", "-1")
	mustFail(t, exitFailure, []string{"whiten is 31"}, "embed", folder, data, "-o", out, "--whiten", "31")
}

// readNPY is the float32 values of a .npy file, which follow a header of 128 bytes.
func readNPY(t *testing.T, path string) []float32 {
	t.Helper()
	file := read(t, path)
	values := make([]float32, (len(file)-128)/4)
	if err := binary.Read(bytes.NewReader(file[128:]), binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	return values
}
