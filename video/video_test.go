package video

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/sparse"
)

// drifting is clips of a texture that moves over a frame, a few of them at rest.
func drifting(t interface{ Fatal(...any) }, shape dataset.Shape, seed uint64, lengths ...int) *videosource.Frames {
	rng := rand.New(rand.NewPCG(seed, 16))
	var clips [][]uint8
	for _, n := range lengths {
		dx, dy, phase := rng.Float64(), rng.Float64(), 7*rng.Float64()
		var pix []uint8
		for k := range n {
			for y := range shape.Height {
				for x := range shape.Width * shape.Channels {
					at := float64(k)
					pix = append(pix, uint8(112+50*math.Sin(0.9*(float64(x)+dx*at)+phase)+50*math.Cos(0.7*(float64(y)+dy*at)+phase)+30*rng.Float64()))
				}
			}
		}
		clips = append(clips, pix)
	}
	f, err := videosource.NewFrames(shape, clips...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// small is a configuration for frames of a shape that fits in no time.
func small(shape dataset.Shape) Config {
	return Config{
		Shape: shape, Patch: 4, Stride: 3, Center: patch.CenterPatch, Whiten: true, Epsilon: 0.05,
		Atoms: 12, Dictionary: Exemplars, MaxCosine: 0.99, Code: sparse.Soft, Threshold: 0.2,
		Radius: 1, Difference: 1, Dims: 4, Ridge: 1e-6, Seed: 1,
	}
}

func fit(t interface {
	Helper()
	Fatal(...any)
}, f *videosource.Frames, c Config) *Model {
	t.Helper()
	m, err := Fit(context.Background(), f, c, manifold.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func embedAll(t interface {
	Helper()
	Fatal(...any)
}, m *Model, f *videosource.Frames) []float32 {
	t.Helper()
	var all []float32
	for i := range f.Clips() {
		out := make([]float32, f.ClipLen(i)*m.Config().Dim())
		if err := m.Embed(context.Background(), f.ClipPixels(i), out); err != nil {
			t.Fatal(err)
		}
		all = append(all, out...)
	}
	return all
}

// code is the code of a unit by its definition, of cosines in float64; with fill, one that has none has
// its nearest atom.
func code(m *Model, x []float32, fill bool) []float64 {
	c, d := m.enc.cfg, m.enc.dict
	phi := make([]float64, d.N())
	nearest, best, some := 0, -2.0, false
	for a := range phi {
		var cosine float64
		for k, v := range x {
			cosine += float64(v) * float64(d.Atoms[a*d.Dim+k])
		}
		if cosine > best {
			nearest, best = a, cosine
		}
		switch c.Code {
		case sparse.General:
			if cosine >= c.Threshold {
				phi[a], some = 1, true
			}
		case sparse.L1:
			// below, of all atoms
		case sparse.Soft:
			if v := math.Floor((cosine-c.Threshold)*sparse.SoftUnit + 0.5); v >= 1 {
				phi[a], some = v/sparse.SoftUnit, true
			}
		}
	}
	if c.Code == sparse.L1 {
		phi, some = descent(d, x, c.Threshold)
	}
	if c.Code == sparse.Nearest || fill && !some {
		phi[nearest], some = 1, true
	}
	if !some {
		return nil
	}
	return phi
}

// descent is the L1 code of x, value by value until none moves, and rounded; and whether there is a value.
func descent(d *dictionary.Dictionary, x []float32, lambda float64) (phi []float64, some bool) {
	atoms := func(a int) []float32 { return d.Atoms[a*d.Dim : (a+1)*d.Dim] }
	phi, rest := make([]float64, d.N()), make([]float64, d.Dim)
	for k, v := range x {
		rest[k] = float64(v)
	}
	for moved := 1.0; moved > 1e-13; {
		moved = 0
		for a := range phi {
			var along, square float64
			for k, y := range atoms(a) {
				along, square = along+rest[k]*float64(y), square+float64(y)*float64(y)
			}
			step := max(-phi[a], (along-lambda)/square)
			phi[a], moved = phi[a]+step, max(moved, math.Abs(step))
			for k, y := range atoms(a) {
				rest[k] -= step * float64(y)
			}
		}
	}
	for a, v := range phi {
		phi[a] = math.Floor(v*sparse.SoftUnit+0.5) / sparse.SoftUnit
		some = some || phi[a] > 0
	}
	return phi, some
}

// units are those of a frame, place by place, nil for a blank one.
func units(t interface{ Fatal(...any) }, m *Model, pix []uint8) [][]float32 {
	var v videosource.Group
	v.See(m.enc.places, pix)
	into := manifold.Units{Stride: m.enc.dict.Dim}
	n := m.enc.places.Len()
	if err := v.Read(0, n, &into); err != nil {
		t.Fatal(err)
	}
	all := make([][]float32, n)
	for i := range all {
		if !into.Vectors.Blank[i] {
			all[i] = into.Vectors.X[i*into.Stride : (i+1)*into.Stride]
		}
	}
	return all
}

// contextOf is, from its definition, E‖φ_t − φ_ctx(t)‖² of the kept coordinates, over all units that are
// coded and have someone to be compared with: the sum over coordinates, and each one's E(pφ)².
func contextOf(t interface{ Fatal(...any) }, m *Model, f *videosource.Frames) (change, energy []float64) {
	c := m.enc.cfg
	change, energy = make([]float64, c.Dims), make([]float64, c.Dims)
	var terms, coded float64
	for clip := range f.Clips() {
		n := f.ClipLen(clip)
		places := make([][][]float64, m.enc.places.Len()) // β of each place and time
		for time := range n {
			size := c.Shape.Len()
			for k, x := range units(t, m, f.ClipPixels(clip)[time*size:(time+1)*size]) {
				var beta []float64
				if x != nil {
					if phi := code(m, x, false); phi != nil {
						beta = make([]float64, c.Dims)
						for a, v := range phi {
							for j := range beta {
								beta[j] += v * float64(m.p.Row(a)[j])
							}
						}
					}
				}
				places[k] = append(places[k], beta)
			}
		}
		for _, place := range places {
			for time, beta := range place {
				if beta == nil {
					continue
				}
				coded++
				var near [][]float64
				for other := max(0, time-c.Radius); other <= min(n-1, time+c.Radius); other++ {
					if other != time && place[other] != nil {
						near = append(near, place[other])
					}
				}
				for j := range beta {
					energy[j] += beta[j] * beta[j]
					if len(near) == 0 {
						continue
					}
					if c.Difference == 2 {
						mean := 0.0
						for _, b := range near {
							mean += b[j] / float64(len(near))
						}
						change[j] += (beta[j] - mean) * (beta[j] - mean)
						continue
					}
					for _, b := range near {
						change[j] += (beta[j] - b[j]) * (beta[j] - b[j])
					}
				}
				if c.Difference == 2 && len(near) > 0 {
					terms++
				} else if c.Difference == 1 {
					terms += float64(len(near))
				}
			}
		}
	}
	for j := range change {
		change[j] /= terms
		energy[j] /= coded
	}
	return change, energy
}

// Eigenvalues are how much coordinates change in time, by the definition, and each has a second moment of 1:
// for both differences, all codes, frames as a whole and patches, and clips that differ in length.
func TestTemporalContext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := dataset.Shape{Height: rapid.IntRange(6, 9).Draw(t, "height"), Width: rapid.IntRange(6, 9).Draw(t, "width"), Channels: 1}
		c := small(shape)
		c.Difference = rapid.IntRange(1, 2).Draw(t, "difference")
		c.Radius = rapid.IntRange(1, 3).Draw(t, "radius")
		c.Ridge = 1e-3 // textures are few, and V nearly singular
		c.Code = rapid.SampledFrom([]sparse.Kind{sparse.General, sparse.Soft, sparse.L1}).Draw(t, "code")
		if rapid.Bool().Draw(t, "whole frames") {
			c.Patch, c.Stride, c.Whiten, c.Epsilon, c.MaxCosine, c.Atoms, c.Code = 0, 0, false, 0, 1, 8, sparse.Soft
		}
		f := drifting(t, shape, rapid.Uint64().Draw(t, "seed"), 30, 2, 17)
		m, err := Fit(context.Background(), f, c, manifold.Run{})
		if err != nil {
			if strings.Contains(err.Error(), "singular") || strings.Contains(err.Error(), "factored") || strings.Contains(err.Error(), "found") || strings.Contains(err.Error(), "determine fewer") {
				t.Skip(err)
			}
			t.Fatal(err)
		}
		change, energy := contextOf(t, m, f)
		// V and L are rounded to float32, and coordinates to 16 bits; the ridge is part of the
		// problem that they solve, and what is near singular takes up more of it.
		for j, value := range m.Eigenvalues() {
			if math.Abs(energy[j]-1) > 0.01 {
				t.Errorf("coordinate %d has second moment %g, want 1", j, energy[j])
			}
			if math.Abs(change[j]-value) > 0.01*value+1e-3 {
				t.Errorf("coordinate %d changes by %g, its eigenvalue is %g", j, change[j], value)
			}
		}
	})
}

// An embedding is the mean of β = Pφ over squares of places, by the definition.
func TestEmbed(t *testing.T) {
	shape := dataset.Shape{Height: 14, Width: 18, Channels: 3}
	f := drifting(t, shape, 3, 20, 21)
	for _, pool := range []int{0, 1, 2, 3} {
		for _, kind := range sparse.Kinds() {
			c := small(shape)
			c.Pool, c.Code = pool, kind
			m := fit(t, f, c)
			got, dim := embedAll(t, m, f), c.Dim()
			rows, cols := m.enc.places.Grid()
			high, wide := pool, pool
			if pool == 0 {
				high, wide = rows, cols
			}
			if cells := (rows / high) * (cols / wide); dim != cells*c.Dims {
				t.Fatalf("%d values, want %d", dim, cells*c.Dims)
			}
			for time := range f.Len() {
				pix := make([]uint8, shape.Len())
				if err := f.Image(time, pix); err != nil {
					t.Fatal(err)
				}
				all := units(t, m, pix)
				for cell := range (rows / high) * (cols / wide) {
					want := make([]float64, c.Dims)
					for k := range high * wide {
						y, x := cell/(cols/wide)*high+k/wide, cell%(cols/wide)*wide+k%wide
						for a, v := range code(m, all[y*cols+x], true) {
							for j := range want {
								want[j] += v * float64(m.p.Row(a)[j]) / float64(high*wide)
							}
						}
					}
					for j := range want {
						if x := float64(got[time*dim+cell*c.Dims+j]); math.Abs(x-want[j]) > 1e-4*(1+math.Abs(want[j])) {
							t.Fatalf("pool %d, %s: frame %d, cell %d, value %d is %g, want %g", pool, kind, time, cell, j, x, want[j])
						}
					}
				}
			}
		}
	}
}

// Neither the number of workers nor how frames come in blocks changes a bit.
func TestWorkersChangeNothing(t *testing.T) {
	shape := dataset.Shape{Height: 12, Width: 12, Channels: 1}
	f := drifting(t, shape, 4, 40, 25, 30)
	save := func() ([]byte, []float32) {
		m := fit(t, f, small(shape))
		var b bytes.Buffer
		if err := m.SaveTo(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes(), embedAll(t, m, f)
	}
	file, embeddings := save()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(5))
	file5, embeddings5 := save()
	if !bytes.Equal(file, file5) {
		t.Error("five workers write another model")
	}
	if !slices.Equal(embeddings, embeddings5) {
		t.Error("five workers make other embeddings")
	}
	m := fit(t, f, small(shape))
	single := make([]float32, m.Config().Dim())
	for i := range f.ClipLen(0) {
		n := shape.Len()
		if err := m.Embed(context.Background(), f.ClipPixels(0)[i*n:(i+1)*n], single); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(single, embeddings[i*len(single):(i+1)*len(single)]) {
			t.Fatalf("frame %d alone has another embedding", i)
		}
	}
}

func TestValidate(t *testing.T) {
	base := small(dataset.Shape{Height: 12, Width: 10, Channels: 1})
	if err := base.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(c *Config){
		"0 × 10":                 func(c *Config) { c.Shape.Height = 0 },
		"2 channels":             func(c *Config) { c.Shape.Channels = 2 },
		"patches of side 11":     func(c *Config) { c.Patch = 11 },
		"stride 0":               func(c *Config) { c.Stride = 0 },
		"stride 3":               func(c *Config) { c.Patch = 0 },
		`center "image"`:         func(c *Config) { c.Center = patch.CenterImage },
		"epsilon is 0":           func(c *Config) { c.Epsilon = 0 },
		"epsilon is 0.05":        func(c *Config) { c.Whiten = false },
		"epsilon is NaN":         func(c *Config) { c.Epsilon = math.NaN() },
		"atoms is 1":             func(c *Config) { c.Atoms = 1 },
		"dictionary is x":        func(c *Config) { c.Dictionary = "x" },
		"max_cosine is 0":        func(c *Config) { c.MaxCosine = 0 },
		"code is x":              func(c *Config) { c.Code = "x" },
		"threshold is 1":         func(c *Config) { c.Threshold = 1 },
		"radius is 0":            func(c *Config) { c.Radius = 0 },
		"difference is 3":        func(c *Config) { c.Difference = 3 },
		"dims is 13":             func(c *Config) { c.Dims = 13 },
		"skip is 9":              func(c *Config) { c.Skip = 9 },
		"ridge is 1":             func(c *Config) { c.Ridge = 1 },
		"pool is 4: want 1 to 3": func(c *Config) { c.Pool = 4 },
		"units of 19683 values":  func(c *Config) { c.Shape = dataset.Shape{Height: 99, Width: 99, Channels: 3}; c.Patch = 81 },
	} {
		c := base
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	flat, err := videosource.NewFrames(base.Shape, make([]uint8, 5*base.Shape.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Fit(context.Background(), flat, base, manifold.Run{}); err == nil || !strings.Contains(err.Error(), "blank") {
		t.Errorf("frames of nothing: error %v", err)
	}
}
