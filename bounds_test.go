package smt

import (
	"bytes"
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

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
			n := memorytest.Allocated(func() {
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
			if n := memorytest.Allocated(func() { _, err = load(changed) }); n > 4<<20 || err == nil {
				t.Errorf("%s: %d bytes of memory, error %v", new, n, err)
			}
		}
	}
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
