package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/source/vector"
)

// npyFile writes points of dim values to a file.
func npyFile(t testing.TB, path string, x []float32, dim int) string {
	t.Helper()
	var b bytes.Buffer
	a, err := export.NewNPY[float32](&b, len(x)/dim, dim)
	if err == nil {
		err = a.Append(x)
	}
	if err == nil {
		err = a.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, b.Bytes())
	return path
}

// circlePoints are n points on a circle.
func circlePoints(n int) (x []float32) {
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		x = append(x, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	return x
}

// Points are fitted, told about and embedded: those of a circle in a circle, in their order.
func TestVectors(t *testing.T) {
	dir := t.TempDir()
	data := npyFile(t, filepath.Join(dir, "points.npy"), circlePoints(300), 2)
	model, out := filepath.Join(dir, "model"), filepath.Join(dir, "out.npy")
	fitted := mustJSON(t, []string{"model", "data", "config", "invariance"}, "fit", data, "-o", model, "--atoms", "40", "--neighbours", "6", "--seed", "3", "--smooth", "2")
	wantJSON(t, "fit", fitted["config"].(map[string]any), map[string]any{"atoms": 40.0, "neighbours": 6.0, "seed": 3.0, "dims": 2.0, "dictionary": "kmeans"})
	told := mustJSON(t, []string{"model", "data", "config", "eigenvalues"}, "info", model)
	wantJSON(t, "info", told["data"].(map[string]any), map[string]any{"points": 300.0, "values": 2.0, "duplicates": 0.0})
	must(t, "info", model)
	more := npyFile(t, filepath.Join(dir, "more.npy"), circlePoints(90), 2)
	wantJSON(t, "embed", mustJSON(t, []string{"out", "shape"}, "embed", model, more, "-o", out), map[string]any{"out": out})
	p, err := vector.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	turned := 0.0
	for i := range p.N() {
		a, b := p.Row(i), p.Row((i+1)%p.N())
		if r := math.Hypot(float64(a[0]), float64(a[1])); math.Abs(r-math.Sqrt2) > 0.05 {
			t.Errorf("point %d is %.3f from the middle, want √2", i, r)
		}
		turned += math.Atan2(float64(a[0]*b[1]-a[1]*b[0]), float64(a[0]*b[0]+a[1]*b[1]))
	}
	if p.N() != 90 || math.Abs(math.Abs(turned)-2*math.Pi) > 1e-3 {
		t.Errorf("%d points go round by %.3f, want 90 and once", p.N(), turned)
	}
}

// Where the number of smooth coordinates is not given, fit and info say which was chosen, of which.
func TestVectorsChosen(t *testing.T) {
	dir := t.TempDir()
	data, model := npyFile(t, filepath.Join(dir, "points.npy"), circlePoints(300), 2), filepath.Join(dir, "model")
	const says = "smooth ones, of 4, 6, 8, 13 tried: in a sample trustworthiness is"
	if out := must(t, "fit", data, "-o", model, "--atoms", "40"); !strings.Contains(out, says) {
		t.Errorf("fit says %q, want %q in it", out, says)
	}
	if out := must(t, "info", model); !strings.Contains(out, says) {
		t.Errorf("info says %q, want %q in it", out, says)
	}
	must(t, "fit", data, "-o", model, "--atoms", "40", "--smooth", "4")
	if out := must(t, "info", model); strings.Contains(out, "tried") {
		t.Errorf("info says %q, and nothing was tried", out)
	}
}

func TestVectorsRefused(t *testing.T) {
	dir := t.TempDir()
	data := npyFile(t, filepath.Join(dir, "points.npy"), circlePoints(300), 2)
	model, out := filepath.Join(dir, "model"), filepath.Join(dir, "out.npy")
	bad := npyFile(t, filepath.Join(dir, "bad.npy"), append(circlePoints(20), 0, float32(math.NaN())), 2)
	apart := circlePoints(300)
	for i := range 100 {
		apart[2*i] += 50
	}
	pieces := npyFile(t, filepath.Join(dir, "pieces.npy"), apart, 2)
	shifted := filepath.Join(dir, "shifted.npy")
	far := []byte("\x93NUMPY\x01\x00\x76\x00" + fmt.Sprintf("%-117s\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (300, 2), }"))
	for i, v := range circlePoints(300) {
		far = binary.LittleEndian.AppendUint64(far, math.Float64bits(float64(v)+1e9*float64(1-i%2)))
	}
	write(t, shifted, far)
	for _, c := range []struct {
		code int
		says []string
		args []string
	}{
		{exitUsage, []string{"--patch is for images", "taken for vectors"}, []string{data, "--patch", "3"}},
		{exitUsage, []string{"--min-count is for words", "taken for vectors"}, []string{data, "--min-count", "3"}},
		{exitUsage, []string{"--neighbours is for vectors", "--preset vectors"}, []string{idxData(t, 12, 0), "--neighbours", "3"}},
		{exitUsage, []string{"neighbours is 0", "want 1 to"}, []string{data, "--neighbours", "0"}},
		{exitFailure, []string{bad, "row 20, column 1 (from 0) is NaN"}, []string{bad}},
		{exitFailure, []string{"in 2 pieces, of 200, 100 points", "--pieces"}, []string{pieces}},
		{exitFailure, []string{shifted, "column 0 (from 0) varies by 2 about 1e+09", "centre it first"}, []string{shifted}},
		{exitFailure, []string{"200 atoms of 300"}, []string{data, "--atoms", "200"}},
	} {
		mustFail(t, c.code, c.says, append([]string{"fit", "-o", model}, c.args...)...)
		if exists(model) {
			t.Fatalf("fit %v wrote a model", c.args)
		}
	}
	must(t, "fit", pieces, "-o", model, "--pieces")
	three := npyFile(t, filepath.Join(dir, "three.npy"), make([]float32, 30), 3)
	mustFail(t, exitFailure, []string{three, "points have 3 values", "of 2"}, "embed", model, three, "-o", out)
	mustFail(t, exitUsage, []string{"--whiten is for images", "model of vectors"}, "embed", model, data, "-o", out, "--whiten", "3")
	mustFail(t, exitFailure, []string{bad, "NaN"}, "embed", model, bad, "-o", out)
	if exists(out) {
		t.Error("a refused embed wrote a file")
	}
	if err := os.Truncate(model, 500); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{model}, "info", model)
}
