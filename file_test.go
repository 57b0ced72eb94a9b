package smt

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
	"github.com/sparse-manifold/smt/sparse"
)

func bytesOf(t testing.TB, m *Model) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func load(b []byte) (*Model, error) { return LoadFrom(bytes.NewReader(b), int64(len(b))) }

// Of changed bytes, at random and in every part of a file, all are noticed.
func TestChangedModelsAreRefused(t *testing.T) {
	file := bytesOf(t, withComponents(config()))
	if m, err := load(file); err != nil || !m.Record().Checksums {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(200, 1))
	var places []int
	for range 200 {
		places = append(places, rng.IntN(len(file)))
	}
	for i := range 8 + int(binary.LittleEndian.Uint64(file)) {
		places = append(places, i) // the whole header
	}
	for _, name := range []string{"whitening", "atoms", "mirror", "projection", "eigenvalues", "parity", "dropped", "dropped_eigenvalues", "dropped_parity",
		"components_mean", "components", "components_variances", "components_odd", "components_odd_variances"} {
		from, to := safetensorstest.Place(t, file, name)
		places = append(places, from, from+(to-from)/2, to-1)
	}
	for _, at := range places {
		for _, by := range []byte{1 << rng.IntN(8), byte(1 + rng.IntN(255))} {
			changed := bytes.Clone(file)
			changed[at] ^= by
			if _, err := load(changed); err == nil {
				t.Errorf("byte %d of %d, %#x, became %#x and the model was read", at, len(file), file[at], changed[at])
			}
		}
	}
}

// Files of before there were checksums, and before dropped coordinates were kept, are read.
func TestOlderModelsAreRead(t *testing.T) {
	m := withDropped(config())
	file := bytesOf(t, m)
	older, err := load(safetensorstest.Older(t, file, "", ""))
	if err != nil || older.Record().Checksums {
		t.Fatalf("%v, checksums %v", err, older.Record().Checksums)
	}
	if got := bytesOf(t, older); !bytes.Equal(got, file) {
		t.Error("saved again, the model has other bytes than with checksums")
	}
	from, _ := safetensorstest.Place(t, file, "dropped")
	cut := bytes.Index(file, []byte(`,"dropped":`))
	end := 8 + int(binary.LittleEndian.Uint64(file))
	none, err := load(safetensorstest.Older(t, file[:from], string(bytes.TrimRight(file[cut:end], " ")), "}"))
	if err != nil || len(none.Stages().Dropped) != 0 || len(older.Stages().Dropped) != 2 {
		t.Errorf("without dropped coordinates: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	good := bytesOf(t, withComponents(config()))
	set := func(tensor string, at int, value any) []byte {
		b := safetensorstest.Older(t, good, "", "")
		from, to := safetensorstest.Place(t, b, tensor)
		if _, err := binary.Encode(b[from:to][at*binary.Size(value):], binary.LittleEndian, value); err != nil {
			t.Fatal(err)
		}
		return b
	}
	header := func(old, new string) []byte { return safetensorstest.Older(t, good, old, new) }
	atoms := func(n string) string { return `\"atoms\":` + n }
	for says, file := range map[string][]byte{
		"truncated":                  good[:len(good)-1],
		"oversized":                  append(bytes.Clone(good), 0),
		"version 7":                  header(`{\"version\":2`, `{\"version\":7,\"new\":0`),
		"format":                     header("smt-model", "smt-moped"),
		`tensor "atoms": shape`:      header(atoms("40"), atoms("38")),
		`tensor "eigenvalues": not`:  header(`"eigenvalues"`, `"eigenvaluez"`),
		`tensor "mirror": not in`:    header(`"mirror"`, `"mirrow"`),
		`tensor "dropper": not know`: header(`"dropped"`, `"dropper"`),
		`"dropped_eigenvalues": not`: header(`"dropped_eigenvalues"`, `"dropped_eigenvaluez"`),
		`"dropped_parity": not in`:   header(`"dropped_parity"`, `"dropped_paritz"`),
		`tensor "dropped": shape`:    header(`\"skip\":2`, `\"skip\":3`),
		"header":                     header(`\"version\"`, `\"version}}`),
		`metadata "formal"`:          header(`"format":`, `"formal":"","format":`),
		// Names that come twice, are not known, or are in other letters.
		`"config.patch" comes twice`:            header(`\"patch\":2`, `\"patch\":2,\"patch\":3`),
		`"data.shape.height" comes twice`:       header(`\"height\":9`, `\"height\":8,\"height\":9`),
		`"version" comes twice`:                 header(`\"version\":2`, `\"version\":7,\"version\":2`),
		`unknown field "config.spectral"`:       header(`\"pool\":`, `\"spectral\":4,\"pool\":`),
		`unknown field "config.Pool"`:           header(`\"pool\":`, `\"Pool\":`),
		`unknown field "objective.covariances"`: header(`\"covariance\":`, `\"covariances\":`),
		// Numbers that no fit leads to.
		"images is -1":              header(`\"images\":1,`, `\"images\":-1,`),
		"counted is 2":              header(`\"counted\":1`, `\"counted\":2`),
		"sampled is -1":             header(`\"sampled\":1`, `\"sampled\":-1`),
		"depth is 17":               header(`\"patches\":1`, `\"depth\":17,\"patches\":1`),
		"patches is -5":             header(`\"patches\":1`, `\"patches\":-5`),
		"fingerprint is":            header(`0f0f\"`, `0f0\"`),
		"SHA-256":                   header(`0f0f\"`, `0f\"`),
		"variance":                  header(`\"variance\":1`, `\"variance\":1e999`),
		"eigenvalue_sum is":         header(`\"eigenvalue_sum\":`, `\"eigenvalue_sum\":1`),
		"at most 100000000 pixels":  header(`\"height\":9,\"width\":9`, `\"height\":20000,\"width\":20000`),
		"2147483648 × 2147483648":   header(`\"height\":9,\"width\":9`, `\"height\":2147483648,\"width\":2147483648`),
		"smaller than":              header(`\"height\":9,\"width\":9`, `\"height\":-2147483648,\"width\":-2147483648`),
		`projection": the value`:    set("projection", 700, float32(math.NaN())),
		`whitening": the value`:     set("whitening", 3, float32(math.Inf(1))),
		"atom 20, coordinate 0":     set("projection", 700, float32(3e38)),
		"index 700":                 set("projection", 700, float32(-1e20)),
		"dropped: the value":        set("dropped", 3, float32(1e30)),
		"row 0, column 3 (index 3)": set("whitening", 3, float32(-3e38)),
		"atom 1 has length":         set("atoms", 4, float32(2)),
		"tensor eigenvalues: value": set("dropped_eigenvalues", 1, 0.5),
		"the tensor eigenvalues":    set("eigenvalues", 3, 0.0),
		"value 0 is -1e+30":         set("dropped_eigenvalues", 0, -1e30),
		"tensor parity: value 2":    set("parity", 2, int8(3)),
		"dropped_parity: value 1":   set("dropped_parity", 1, int8(0)),
		"the flip of atom 6, whi":   set("mirror", 7, uint16(41)),
		"version 1 with components": header(`\"version\":2`, `\"version\":1`),
		"version 3, this software":  header(`\"version\":2`, `\"version\":3`),
		"version 2 with components": header(`\"components\":7`, `\"components\":0`),
		"there are []":              header(`,\"components\":[2,2]`, ``),
		"components of 1 parts":     header(`\"components\":[2,2]`, `\"components\":[2]`),
		"part 1 has 9 components":   header(`\"components\":[2,2]`, `\"components\":[2,9]`),
		"part 0 has -1 components":  header(`\"components\":[2,2]`, `\"components\":[-1,2]`),
		`tensor "components_odd`:    header(`\"components\":[2,2]`, `\"components\":[2,3]`),
		"power is 1.5":              header(`\"power\":0.5`, `\"power\":1.5`),
		"the mean has length":       set("components_mean", 0, float32(2)),
		"want 0, as its flip":       set("components_mean", 16*35-1, float32(0.1)),
		"the variance of component": set("components_variances", 0, 7.0),
		"want the largest first":    set("components_odd_variances", 1, 0.2),
		"component 0 has length":    set("components", 0, float32(90)),
		"part 1: component 0 has":   set("components_odd", 2, float32(1e10)),
	} {
		if _, err := load(file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	small := withDropped(config())
	for a := range config().Atoms {
		for i := range small.p.Row(a) {
			small.p.Row(a)[i] *= 0x1p-60
		}
	}
	if _, err := load(bytesOf(t, small)); err == nil || !strings.Contains(err.Error(), "the largest value of coordinate 0 is") {
		t.Errorf("error %v, want one that says a coordinate is too small", err)
	}
}

// Whatever a file holds, loading it fails or gives a model that embeds, to finite values.
func FuzzLoadModel(f *testing.F) {
	cfg := config()
	for range 2 {
		for _, m := range []*Model{withDropped(cfg), withComponents(cfg)} {
			f.Add(bytesOf(f, m))
			f.Add(safetensorstest.Older(f, bytesOf(f, m), "", "")) // the fuzzer finds no sums
		}
		file := bytesOf(f, withComponents(cfg))
		f.Add(safetensorstest.Older(f, file, `\"height\":9,\"width\":9`, `\"height\":20000,\"width\":20000`))
		cfg.Flips, cfg.Code, cfg.Spectrum = false, sparse.Soft, 2
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m *Model
		var err error
		// The fuzzer itself, in the same process, takes some too.
		if n := memorytest.Allocated(func() { m, err = load(data) }); n > uint64(8<<20+1000*len(data)) {
			t.Errorf("%d bytes of memory for a file of %d", n, len(data))
		}
		if err != nil {
			return
		}
		s := m.data.Shape
		if s.Len() > 1<<16 || m.Dim(s) > 1<<20 {
			return
		}
		pix := make([]uint8, s.Len())
		for i := range pix {
			pix[i] = byte(i * 37)
		}
		for out, err := range m.EmbedAll(context.Background(), dataset.Single(s, pix)) {
			if err != nil {
				t.Fatalf("a model that loads does not embed: %v", err)
			}
			for i, v := range out {
				if v-v != 0 {
					t.Fatalf("value %d of the embedding is %g", i, v)
				}
			}
		}
	})
}
