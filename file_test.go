package smt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
	"github.com/sparse-manifold/smt/manifold"
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

// withDropped is a model that has everything a file may have.
func withDropped(cfg Config) *Model {
	cfg.Skip, cfg.Whiten = 2, true
	m := random(rand.New(rand.NewPCG(1, 1)), cfg, dataset.Shape{Height: 9, Width: 9, Channels: 1})
	dim := m.enc.transform().Dim()
	m.enc.transform().Whitening = make([]float32, dim*dim)
	for i := range dim {
		m.enc.transform().Whitening[i*dim+i] = 2
	}
	for j := range cfg.Skip {
		row := make([]float32, cfg.Atoms)
		for a := range row {
			row[a] = float32(a%5) - 2
		}
		m.dropped = append(m.dropped, cooccur.Coordinate{Eigenvalue: float64(j) / 1e4, Atoms: row, Parity: int8(1 - 2*j)})
	}
	m.data.Fingerprint = strings.Repeat("0f", 32)
	m.data.Counted, m.data.Sampled = m.data.Images, m.data.Images
	return m
}

func load(b []byte) (*Model, error) { return readModel(bytes.NewReader(b), int64(len(b))) }

// half takes and gives half of what it is asked for, and says nothing of it.
type half struct{ of io.ReaderAt }

func (half) Write(b []byte) (int, error) { return len(b) / 2, nil }

func (h half) ReadAt(b []byte, off int64) (int, error) {
	n, _ := h.of.ReadAt(b[:len(b)/2], off)
	return n, nil
}

// full is a writer that takes n bytes and then fails.
type full struct{ n int }

var errFull = errors.New("disk full")

func (w *full) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return 0, errFull
	}
	w.n -= len(b)
	return len(b), nil
}

// A writer gets the bytes of a file, and a reader of them is the model of the file.
func TestModelStreams(t *testing.T) {
	m := withDropped(config())
	file := bytesOf(t, m)
	var got bytes.Buffer
	if err := m.SaveTo(&got); err != nil || !bytes.Equal(got.Bytes(), file) {
		t.Fatalf("a writer gets other bytes than a file, %v", err)
	}
	size := int64(len(file))
	read, err := LoadFrom(bytes.NewReader(file), size)
	if err != nil {
		t.Fatal(err)
	}
	if again := bytesOf(t, read); !bytes.Equal(again, file) {
		t.Error("a reader gives another model than the file")
	}
	for _, n := range []int{0, 7, 100, len(file) / 2, len(file) - 1} {
		if err := m.SaveTo(&full{n}); !errors.Is(err, errFull) {
			t.Errorf("a writer that takes %d bytes: %v", n, err)
		}
		if _, err := LoadFrom(bytes.NewReader(file[:n]), int64(n)); err == nil || !strings.Contains(err.Error(), "smt: model input: ") {
			t.Errorf("%d of %d bytes: %v", n, len(file), err)
		}
		if _, err := LoadFrom(bytes.NewReader(file[:n]), size); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes that are said to be %d: %v", n, len(file), err)
		}
	}
	if err := m.SaveTo(half{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a writer that takes half: %v", err)
	}
	if _, err := LoadFrom(half{bytes.NewReader(file)}, size); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that gives half: %v", err)
	}
}

// Of changed bytes, at random and in every part of a file, all are noticed.
func TestChangedModelsAreRefused(t *testing.T) {
	file := bytesOf(t, withDropped(config()))
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
	for _, name := range []string{"whitening", "atoms", "mirror", "projection", "eigenvalues", "parity", "dropped", "dropped_eigenvalues", "dropped_parity"} {
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
	good := bytesOf(t, withDropped(config()))
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
		"version 7":                  header(`{\"version\":1`, `{\"version\":7,\"new\":0`),
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
		`"version" comes twice`:                 header(`\"version\":1`, `\"version\":7,\"version\":1`),
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

// Values that are finite, in files with the right checksums, that no fit leads to: each is
// refused by the name of its file, what it stands in and its place.
func TestAbsurdModelsAreRefused(t *testing.T) {
	projection := func(at int, v float32) func(m *Model) { return func(m *Model) { m.p.Row(at / 35)[at%35] = v } }
	whitening := func(at int, v float32) func(m *Model) {
		return func(m *Model) { m.enc.transform().Whitening[at] = v }
	}
	objective := func(v VICReg) func(m *Model) {
		return func(m *Model) {
			v.EigenvalueSum = m.vicreg.EigenvalueSum
			m.vicreg = v
		}
	}
	for _, c := range []struct {
		says string
		make func(m *Model)
	}{
		{"tensor projection: the value at atom 20, coordinate 0 (index 700) is 1e+10, want at most", projection(700, 1e10)},
		{"(index 701) is -1e+12, want at most", projection(701, -1e12)},
		{"(index 1399) is 1e+15, want at most", projection(1399, 1e15)},
		{"(index 0) is 1e+07, want at most", func(m *Model) { // a ridge bounds sizes much better
			m.enc.cfg.Ridge, m.p.Row(0)[0] = 1e-6, 1e7
		}},
		{"tensor projection: the largest value of coordinate 0 is 0 in size, want at least", func(m *Model) {
			for a := range 40 {
				clear(m.p.Row(a))
			}
		}},
		{"tensor projection: the largest value of coordinate 34 is 0 in size", func(m *Model) {
			for a := range 40 {
				m.p.Row(a)[34] = 0
			}
		}},
		{"tensor projection: the largest value of coordinate 3 is 1e-06 in size", func(m *Model) {
			for a := range 40 {
				m.p.Row(a)[3] = 1e-6
			}
		}},
		{"tensor dropped: the value at atom 7, coordinate 1 (index 15) is -1e+13", func(m *Model) { m.dropped[1].Atoms[7] = -1e13 }},
		{"tensor dropped: the largest value of coordinate 0 is 0 in size", func(m *Model) { clear(m.dropped[0].Atoms) }},
		{"tensor whitening: the value in row 0, column 0 (index 0) is 0, want 0.25 to", func(m *Model) { clear(m.enc.transform().Whitening) }},
		{"row 2, column 2 (index 10) is 1e+15, want 0.25 to 63.25", whitening(10, 1e15)},
		{"row 3, column 3 (index 15) is 100, want 0.25 to 63.25", whitening(15, 100)},
		{"row 1, column 1 (index 5) is -2, want", whitening(5, -2)},
		{"row 0, column 3 (index 3) is 1e+15, want at most 2 in size", whitening(3, 1e15)},
		{"row 2, column 1 (index 9) is 0.5, and 0 in row 1, column 2, want a symmetric matrix", whitening(9, 0.5)},
		{"tensor mirror: value 6 is 8, and value 1 of atom 8 is", func(m *Model) { copy(m.enc.dict.Mirror[6:], []uint16{8, 9, 6, 7}) }},
		{"tensor mirror: value 0 is 0, and value 1 of atom 0 is", func(m *Model) { copy(m.enc.dict.Mirror, []uint16{0, 1}) }},
		{"header: objective: invariance is 1e+308, want -0.35 to 35000", objective(VICReg{Invariance: 1e308, Variance: 1})},
		{"header: objective: invariance is -5, want -0.35", objective(VICReg{Invariance: -5, Variance: 1})},
		{"header: objective: variance is 7, want 1", objective(VICReg{Invariance: 1, Variance: 7})},
		{"header: objective: covariance is 1e+300, want 0 to 35000", objective(VICReg{Invariance: 1, Variance: 1, Covariance: 1e300})},
		{"header: objective: covariance is -0.1, want 0 to", objective(VICReg{Invariance: 1, Variance: 1, Covariance: -0.1})},
		{"header: data: images is 4611686018427387904, want 1 to 111199990799271 of 9 × 9 × 1", func(m *Model) { m.data.Images = 1 << 62 }},
		{"header: data: images is 0, want 1 to", func(m *Model) { m.data.Images = 0 }},
		{"header: data: counted is 3, want at most 2 of the 5 images", func(m *Model) { m.enc.cfg.Images, m.data.Images, m.data.Counted = 2, 5, 3 }},
		{"header: data: sampled is 1000000000000, want 0 to 1", func(m *Model) { m.data.Sampled = 1e12 }},
		{"header: data: sampled is 21, want 0 to 20", func(m *Model) { m.enc.cfg.Sample, m.data.Sampled, m.data.Fingerprint = 20, 21, "" }},
		{"header: data: patches is 65, want 1 to 64", func(m *Model) { m.data.Patches = 65 }},
		{"header: data: patches is 4611686018427387904, want 1 to 64", func(m *Model) { m.data.Patches = 1 << 62 }},
		{"header: data: patches is 0, want 1 to 64", func(m *Model) { m.data.Patches = 0 }},
	} {
		cfg := config()
		cfg.Epsilon = 1e-3
		m := withDropped(cfg)
		path := filepath.Join(t.TempDir(), "m")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err != nil {
			t.Fatal(err)
		}
		c.make(m)
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "model "+path) {
			t.Errorf("error %v, want %q in it", err, c.says)
		}
	}
}

// With the largest values that are read nothing overflows, whatever the image.
func TestBoundsKeepEmbeddingsFinite(t *testing.T) {
	for _, code := range []sparse.Kind{sparse.General, sparse.Soft, sparse.Nearest} {
		for _, spectrum := range []int{0, 3} {
			cfg := config()
			cfg.Code, cfg.Threshold, cfg.Spectrum = code, 1e-6, spectrum // about half of the atoms are active
			m := withDropped(cfg)
			// So many patches that the size of a coordinate is bounded by what is finite alone.
			m.data.Images, m.data.Counted, m.data.Patches = 1<<46, 1<<46, 1<<52
			dim := m.enc.transform().Dim()
			w := float32(math.Sqrt(math.MaxFloat32/2/float64(dim)) / float64(dim))
			for i := range m.enc.transform().Whitening {
				m.enc.transform().Whitening[i] = w
			}
			most := float32(math.Sqrt(math.MaxFloat32/2/float64(cfg.Dims+32)) / float64(cfg.Atoms))
			fill := func(v float32) {
				for a := range cfg.Atoms {
					for i := range m.p.Row(a) {
						m.p.Row(a)[i] = v
					}
				}
			}
			fill(most)
			back, err := load(bytesOf(t, m))
			if err != nil {
				t.Fatal(err)
			}
			s := m.data.Shape
			white, noise := bytes.Repeat([]byte{255}, s.Len()), make([]byte, s.Len())
			for i := range noise {
				noise[i] = byte(255 * (i % 2))
			}
			for _, pix := range [][]byte{white, noise, make([]byte, s.Len())} {
				out := make([]float32, back.Dim(s))
				if err := back.embed(context.Background(), dataset.Single(s, pix), 0, new(scratch), out); err != nil {
					t.Fatal(err)
				}
				for i, v := range out {
					if v-v != 0 || math.Abs(float64(v)) > 1.001 {
						t.Fatalf("%s, spectrum %d: value %d of the embedding is %g", code, spectrum, i, v)
					}
				}
				beta := make([]float32, back.p.Width())
				back.p.Embed(&sparse.Codes{Start: []int32{0, 40}, Atom: every(40)}, 0, 1, new(manifold.Projector), beta)
				var sum float32
				for _, v := range beta {
					sum += v * v
				}
				// The bound is not far from where it overflows.
				if sum-sum != 0 || 4.5*sum-4.5*sum == 0 {
					t.Fatalf("a code of all atoms has the squared length %g", sum)
				}
			}
			// A little more is refused.
			fill(most * 1.001)
			if _, err := load(bytesOf(t, m)); err == nil {
				t.Error("a projection beyond the bound was read")
			}
		}
	}
}

func every(n int) (atoms []uint16) {
	for a := range n {
		atoms = append(atoms, uint16(a))
	}
	return atoms
}

// What a header states takes no memory that the file has not.
func TestStatedShapesTakeNoMemory(t *testing.T) {
	cfg := config()
	for _, change := range []func(c *Config){
		func(c *Config) {}, func(c *Config) { c.Step = 2 }, func(c *Config) { c.Spectrum = 1 << 15 }, func(c *Config) { c.Stride = 1 },
	} {
		c := cfg
		change(&c)
		file := bytesOf(t, withDropped(c))
		for shape, fine := range map[string]bool{
			`\"height\":10000,\"width\":10000`: true, `\"height\":3,\"width\":33333333`: false, `\"height\":4,\"width\":25000000`: true,
			`\"height\":20000,\"width\":20000`: false, `\"height\":2147483648,\"width\":2147483648`: false,
			`\"height\":9223372036854775807,\"width\":9223372036854775807`: false, `\"height\":4294967296,\"width\":4294967296`: false,
		} {
			if c.Spectrum > 0 && strings.Contains(shape, "25000000") {
				fine = false // too many cells side by side
			}
			changed := safetensorstest.Older(t, file, `\"height\":9,\"width\":9`, shape)
			var err error
			n := allocated(func() {
				var m *Model
				if m, err = load(changed); err == nil {
					_, err = m.Dim(m.data.Shape), m.Check(m.data.Shape)
				}
			})
			if n > 4<<20 || (err == nil) != fine {
				t.Errorf("%s of %+v: %d bytes of memory, error %v", shape, c, n, err)
			}
		}
		// Tensors larger than the file has them.
		for old, new := range map[string]string{
			`\"atoms\":40`: `\"atoms\":65536`, `\"dims\":35`: `\"dims\":38`, `\"patch\":2`: `\"patch\":9`,
			`\"skip\":2`: `\"skip\":0`, `\"pool\":3`: `\"pool\":2147483648`,
		} {
			changed := safetensorstest.Older(t, file, old, new)
			var err error
			if n := allocated(func() { _, err = load(changed) }); n > 4<<20 || err == nil {
				t.Errorf("%s: %d bytes of memory, error %v", new, n, err)
			}
		}
	}
}

// allocated is the memory f takes, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Eigenvalues of windows are bounded by the pairs that patches can be in.
func TestEigenvalueBounds(t *testing.T) {
	window := Config{Context: cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}}
	if err := checkEigenvalues([]float64{0, 35e3}, window, Data{}); err != nil {
		t.Error(err)
	}
	for _, values := range [][]float64{{0, 37e3}, {1, 0}, {-37e3, 0}, {math.NaN()}} {
		if checkEigenvalues(values, window, Data{}) == nil {
			t.Errorf("eigenvalues %g of a window were taken", values)
		}
	}
}

// Whatever a file holds, loading it fails or gives a model that embeds, to finite values.
func FuzzLoadModel(f *testing.F) {
	cfg := config()
	for range 2 {
		file := bytesOf(f, withDropped(cfg))
		f.Add(file)
		f.Add(safetensorstest.Older(f, file, "", "")) // the fuzzer finds no sums
		f.Add(safetensorstest.Older(f, file, `\"height\":9,\"width\":9`, `\"height\":20000,\"width\":20000`))
		cfg.Flips, cfg.Code, cfg.Spectrum = false, sparse.Soft, 2
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m *Model
		var err error
		// The fuzzer itself, in the same process, takes some too.
		if n := allocated(func() { m, err = load(data) }); n > uint64(8<<20+1000*len(data)) {
			t.Errorf("%d bytes of memory for a file of %d", n, len(data))
		}
		if err != nil {
			return
		}
		s := m.data.Shape
		if s.Len() > 1<<16 || m.Dim(s) > 1<<20 {
			return
		}
		out := make([]float32, m.Dim(s))
		pix := make([]uint8, s.Len())
		for i := range pix {
			pix[i] = byte(i * 37)
		}
		if err := m.embed(context.Background(), dataset.Single(s, pix), 0, new(scratch), out); err != nil {
			t.Fatalf("a model that loads does not embed: %v", err)
		}
		for i, v := range out {
			if v-v != 0 {
				t.Fatalf("value %d of the embedding is %g", i, v)
			}
		}
	})
}
