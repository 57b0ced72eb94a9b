package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/python"
	"github.com/sparse-manifold/smt/knn"
	"github.com/sparse-manifold/smt/patch"
)

// TestMain lets the test binary play a peer: no test needs Python.
func TestMain(m *testing.M) {
	if os.Getenv("PEERS_TEST") != "" {
		fakePeer()
		return
	}
	os.Exit(m.Run())
}

// fakePeer takes a second less each time, and saves how often it ran.
func fakePeer() {
	dir := os.Args[len(os.Args)-1]
	fmt.Println(`{"note": "a fake"}`)
	runs := 0
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		switch s.Text() {
		case "run":
			runs++
			fmt.Printf("{\"seconds\": %d}\n", 10-runs)
		case "answer":
			if err := save(dir, "runs", []int64{int64(runs)}, 1); err != nil {
				panic(err)
			}
			fmt.Println("{}")
		}
	}
}

func TestAgainst(t *testing.T) {
	t.Setenv("PEERS_TEST", "1")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b := &bench{env: python.At(program, dir)}
	ours := 0
	best, note, err := b.against(t.Context(), "fake", dir, 3, timed(func() error { ours++; return nil }))
	if err != nil {
		t.Fatal(err)
	}
	if best[0] > 1 || best[1] != 7 || note != "a fake" || ours != 4 {
		t.Errorf("best %v, note %q, %d runs of ours; want the third of the peer's, 7, and 4 runs", best, note, ours)
	}
	if runs, err := load[int64](dir, "runs", 1); err != nil || runs[0] != 3 {
		t.Errorf("the peer ran %v times: %v", runs, err)
	}
}

func TestPeerFails(t *testing.T) {
	b := &bench{env: python.At("false", ".")}
	if _, _, err := b.against(t.Context(), "gone", ".", 1, timed(func() error { return nil })); err == nil || !strings.Contains(err.Error(), "gone.py") {
		t.Errorf("error %v: want one that names the script", err)
	}
	if _, err := parse("odd", []byte("Traceback\n")); err == nil || !strings.Contains(err.Error(), "Traceback") {
		t.Errorf("error %v: want one with what the peer said", err)
	}
}

func TestScriptsAreEmbedded(t *testing.T) {
	for _, name := range []string{"requirements.txt", "harness.py", "about.py", "codes.py", "gemm.py", "neighbours.py", "eigen.py", "counts.py", "atoms.py"} {
		if _, err := peers.ReadFile("python/" + name); err != nil {
			t.Error(err)
		}
	}
}

func TestNPY(t *testing.T) {
	dir := t.TempDir()
	if err := save(dir, "x", []float32{1, 2, 3, 4, 5, 6}, 2, 3); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "x.npy"))
	if err != nil {
		t.Fatal(err)
	}
	// As np.save writes it, but for a comma that a tuple may have.
	header := "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, ), }"
	if !bytes.HasPrefix(raw, []byte(header)) || len(raw) != 128+24 || raw[127] != '\n' {
		t.Errorf("file of %d bytes begins %q", len(raw), raw[:64])
	}
	x, err := load[float32](dir, "x", 6)
	if err != nil || !slices.Equal(x, []float32{1, 2, 3, 4, 5, 6}) {
		t.Errorf("loaded %v: %v", x, err)
	}
	if _, err := load[float32](dir, "x", 7); err == nil {
		t.Error("loaded 7 values of 6")
	}
	if _, err := load[int32](dir, "x", 6); err == nil {
		t.Error("loaded float32 as int32")
	}
	if err := save(dir, "y", []uint16{1, 2}, 3); err == nil {
		t.Error("saved 2 values as 3")
	}
}

func TestJSONShape(t *testing.T) {
	var out bytes.Buffer
	if err := writeJSON(&out, []Result{seconds("a", 2, 8, 3, "note"), rates("b", 9, 10, 0.85, "GFLOP/s", "note")}); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != 2 {
		t.Fatalf("%v: %s", err, out.String())
	}
	for i, ratio := range []float64{4, 0.9} {
		for _, key := range []string{"name", "ours", "peer", "ratio", "goal", "unit"} {
			if _, ok := got[i][key]; !ok {
				t.Errorf("no %q in %v", key, got[i])
			}
		}
		if got[i]["ratio"] != ratio {
			t.Errorf("ratio %v, want %v", got[i]["ratio"], ratio)
		}
	}
	out.Reset()
	if err := writeJSON(&out, nil); err != nil || strings.TrimSpace(out.String()) != "[]" {
		t.Errorf("no results are printed as %q", out.String())
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := writeTable(&out, []Result{seconds("fast", 1, 9, 4, ""), seconds("slow", 1, 2, 4, "")}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[1], "reached") || !strings.Contains(lines[2], "missed") {
		t.Errorf("table\n%s", out.String())
	}
}

func TestChoose(t *testing.T) {
	if all, err := choose("", false); err != nil || len(all) != len(comparisons) {
		t.Errorf("%d comparisons: %v", len(all), err)
	}
	if two, err := choose("gemm,codes", false); err != nil || len(two) != 2 || two[0].name != "gemm" {
		t.Errorf("chosen %v: %v", two, err)
	}
	if _, err := choose("whole", false); err == nil {
		t.Error("whole without --whole")
	}
	if _, err := choose("whole", true); err != nil {
		t.Error(err)
	}
}

func TestTiers(t *testing.T) {
	all, err := parseTiers("smt: SMT_SIMD=?: this machine and build have: vnni avx512 generic\n")
	if err != nil || !slices.Equal(all, []string{"vnni", "avx512", "generic"}) {
		t.Errorf("tiers %v: %v", all, err)
	}
	if _, err := parseTiers("panic"); err == nil {
		t.Error("tiers of no list")
	}
	if f := floatTier(all); f != "avx512" {
		t.Errorf("float tier %s", f)
	}
	if f := floatTier([]string{"generic"}); f != "generic" {
		t.Errorf("float tier %s", f)
	}
}

func TestCodesAreChecked(t *testing.T) {
	const dim, atoms, perImage = 12, 64, 10
	rng := rand.New(rand.NewPCG(1, 1))
	vectors := func(n int) []float32 {
		x := make([]float32, n*dim)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		for i := 0; i < len(x); i += dim {
			linalg.Unit(x[i : i+dim])
		}
		return x
	}
	flip := (&patch.Transform{Size: 2, Channels: 3}).Flip()
	w, err := newPatchwork(vectors(2*perImage), vectors(atoms), flip, 0.3, dim, perImage)
	if err != nil {
		t.Fatal(err)
	}
	w.encode()
	active := make([]uint8, 2*perImage*atoms/8)
	for p := range 2 * perImage {
		for a := range atoms {
			if linalg.Dot(w.x[p*dim:(p+1)*dim], w.atoms[a*dim:]) >= float64(w.threshold) {
				active[(p*atoms+a)/8] |= 1 << (a % 8)
			}
		}
	}
	if err := w.check(active); err != nil {
		t.Error(err)
	}
	active[17] ^= 4
	if err := w.check(active); err == nil {
		t.Error("a wrong bit was not noticed")
	}
}

func TestSameNeighbours(t *testing.T) {
	ours := []knn.Neighbour{{Index: 4, Cosine: 0.9}, {Index: 7, Cosine: 0.5}}
	for _, c := range []struct {
		indices []int64
		cosines []float32
		same    bool
	}{
		{[]int64{4, 7}, []float32{0.9, 0.5}, true},
		{[]int64{4, 8}, []float32{0.9, 0.500001}, true}, // a tie at the end
		{[]int64{5, 7}, []float32{0.9, 0.5}, false},
		{[]int64{4, 7}, []float32{0.9, 0.6}, false},
		{[]int64{4}, []float32{0.9}, false},
	} {
		if err := sameNeighbours(ours, c.indices, c.cosines); (err == nil) != c.same {
			t.Errorf("%v %v: %v", c.indices, c.cosines, err)
		}
	}
}

func TestMadeUpVectorsLieInClusters(t *testing.T) {
	const dim = 64
	centres := madeUp(3, dim, 1, nil)
	x := madeUp(20, dim, 2, centres)
	for i := range 20 {
		nearest := 0.0
		for c := range 3 {
			nearest = max(nearest, linalg.Dot(x[i*dim:(i+1)*dim], centres[c*dim:]))
		}
		if nearest < 0.4 {
			t.Errorf("vector %d is %.2f from the nearest centre", i, nearest)
		}
	}
}
