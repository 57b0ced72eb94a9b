package vectors

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// circle is n points on a circle, as many apart as there are, moved a little.
func circle(n int, seed uint64) *vector.Points {
	rng := rand.New(rand.NewPCG(seed, 7))
	p := &vector.Points{Dim: 2}
	for i := range n {
		angle := 2 * math.Pi * (float64(i) + 0.8*rng.Float64()) / float64(n)
		p.X = append(p.X, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	return p
}

// torus is n points on a torus.
func torus(n int, seed uint64) *vector.Points {
	rng := rand.New(rand.NewPCG(seed, 8))
	p := &vector.Points{Dim: 3}
	for range n {
		u, v := 2*math.Pi*rng.Float64(), 2*math.Pi*rng.Float64()
		r := 2 + math.Cos(v)
		p.X = append(p.X, float32(r*math.Cos(u)), float32(r*math.Sin(u)), float32(math.Sin(v)))
	}
	return p
}

func fit(t testing.TB, p *vector.Points, c Config) *Model {
	m, err := Fit(context.Background(), p, c, manifold.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func embed(t testing.TB, m *Model, p *vector.Points) []float32 {
	x, err := m.Embed(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The coordinates span the Laplacian eigenmaps of the same graph, but for a few degrees: those are functions of all
// points, ours of a tenth to a quarter as many atoms. Two dimensions are a whole eigenspace of a circle, as of a torus.
func TestAgreesWithLaplacianEigenmaps(t *testing.T) {
	if testing.Short() {
		t.Skip("a quarter of a minute on the generic tier, minutes under the race detector")
	}
	for name, p := range map[string]*vector.Points{"circle": circle(600, 1), "torus": torus(1000, 2)} {
		for _, dictionary := range []Dictionary{KMeans, Exemplars} {
			c := Default()
			c.Dictionary, c.Smooth = dictionary, c.Dims
			c.Atoms = map[string]int{"circle": 60, "torus": 256}[name]
			found := angle(dense(embed(t, fit(t, p, c), p), 2), eigenmaps(p, c.Neighbours, 2))
			if t.Logf("%s, %s: %.2f degrees", name, dictionary, found); found > 6 {
				t.Errorf("%s, %s: the largest angle to Laplacian eigenmaps is %.2f degrees", name, dictionary, found)
			}
		}
	}
}

// tr PLPᵀ, from the statistics, is the sum of the eigenvalues, and coordinates are uncorrelated with variance 1.
func TestObjective(t *testing.T) {
	p := torus(2000, 3)
	c := Default()
	c.Dims, c.Smooth = 6, 6
	m := fit(t, p, c)
	v := m.VICReg()
	if math.Abs(v.Invariance-v.EigenvalueSum) > 1e-4*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-4 || v.Covariance > 1e-6 {
		t.Errorf("objective %+v", v)
	}
	x, d := embed(t, m, p), c.Dims
	for j := range d {
		mean, square := 0.0, 0.0
		for i := range p.N() {
			mean += float64(x[i*d+j]) / float64(p.N())
			square += float64(x[i*d+j]) * float64(x[i*d+j]) / float64(p.N())
		}
		if math.Abs(mean) > 1e-2 || math.Abs(square-1) > 1e-2 {
			t.Errorf("coordinate %d has mean %.4f and mean square %.4f over the points: want 0 and 1", j, mean, square)
		}
	}
}

// New points are embedded near to where a fit with them puts them: up to a rotation, as pairs of coordinates of a circle
// have it, found by least squares on the old points.
func TestNewPoints(t *testing.T) {
	all := torus(3000, 4)
	old := &vector.Points{Dim: 3, X: all.X[:2400*3]}
	added := &vector.Points{Dim: 3, X: all.X[2400*3:]}
	c := Default()
	c.Smooth = c.Dims
	m, refit := fit(t, old, c), fit(t, all, c)
	if away := outOfSample(m, refit, old, added); away > 0.06 {
		t.Errorf("new points are %.3f away from where a new fit has them, in parts of their spread", away)
	}
}

// outOfSample is the root mean square of the difference of m's embeddings of new points and those of a refit, best rotated on the old points.
func outOfSample(m, refit *Model, old, added *vector.Points) float64 {
	d := m.Dim()
	get := func(m *Model, p *vector.Points) *mat.Dense {
		x, err := m.Embed(context.Background(), p)
		if err != nil {
			panic(err)
		}
		return dense(x, d)
	}
	var product, rotation, moved mat.Dense
	product.Mul(get(m, old).T(), get(refit, old))
	var svd mat.SVD
	svd.Factorize(&product, mat.SVDThin)
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	rotation.Mul(&u, v.T())
	moved.Mul(get(m, added), &rotation)
	var difference mat.Dense
	difference.Sub(&moved, get(refit, added))
	return mat.Norm(&difference, 2) / math.Sqrt(float64(added.N()*d))
}

// swissRoll is n points of a rolled sheet.
func swissRoll(n int, seed uint64) *vector.Points {
	rng := rand.New(rand.NewPCG(seed, 9))
	p := &vector.Points{Dim: 3}
	for range n {
		t, y := 1.5*math.Pi*(1+2*rng.Float64()), 21*rng.Float64()
		p.X = append(p.X, float32(t*math.Cos(t)), float32(y), float32(t*math.Sin(t)))
	}
	return p
}

// A rolled sheet comes out flat, in its size: neighbours stay neighbours, and the two coordinates vary as
// those of the sheet, 90 by 21, do.
func TestUnrolls(t *testing.T) {
	p := swissRoll(3000, 21)
	m := fit(t, p, Default())
	x := &vector.Points{Dim: 2, X: embed(t, m, p)}
	kept, err := Measure(context.Background(), p, x, 10)
	if err != nil || kept.Trust < 0.999 || kept.Continuity < 0.999 {
		t.Errorf("%+v, %v: want 0.999", kept, err)
	}
	for j, want := range []float64{90 / math.Sqrt(12), 21 / math.Sqrt(12)} {
		square := 0.0
		for i := range p.N() {
			square += float64(x.Row(i)[j]) * float64(x.Row(i)[j]) / float64(p.N())
		}
		if d := math.Sqrt(square) / want; d < 0.8 || d > 1.2 {
			t.Errorf("coordinate %d has the deviation %.2f, want about %.2f", j, math.Sqrt(square), want)
		}
	}
}

// The same bytes come out whatever the number of workers, and come back from a file.
func TestSaveAndWorkers(t *testing.T) {
	p := torus(1500, 5)
	var first []byte
	for _, workers := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(workers)
		m := fit(t, p, Default())
		runtime.GOMAXPROCS(before)
		var b bytes.Buffer
		if err := m.SaveTo(&b); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		} else if !bytes.Equal(first, b.Bytes()) {
			t.Fatalf("%d workers: another model", workers)
		}
	}
	m := fit(t, p, Default())
	read, err := LoadFrom(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(embed(t, m, p), embed(t, read, p)) {
		t.Error("a model that was read embeds in another way")
	}
	var again bytes.Buffer
	if err := read.SaveTo(&again); err != nil || !bytes.Equal(again.Bytes(), first) {
		t.Errorf("a model that was read is written in another way: %v", err)
	}
}

// Copies of points change nothing but their number.
func TestDuplicates(t *testing.T) {
	p := torus(500, 6)
	twice := &vector.Points{Dim: 3, X: append(slices.Clone(p.X), p.X...)}
	once, m := fit(t, p, Default()), fit(t, twice, Default())
	if got := m.Data().Duplicates; got != 500 {
		t.Errorf("%d duplicates, want 500", got)
	}
	if !slices.Equal(embed(t, once, p), embed(t, m, p)) {
		t.Error("copies change the embedding")
	}
}

func TestRefused(t *testing.T) {
	far := torus(200, 7)
	for i := range 60 {
		far.X[3*i] += 100
	}
	bad := torus(100, 8)
	bad.X[3*17+2] = float32(math.NaN())
	same := &vector.Points{Dim: 3, X: make([]float32, 300)}
	small := torus(200, 7)
	for i := range small.X {
		small.X[i] *= 1e-30
	}
	few := torus(20, 9)
	for says, x := range map[string]struct {
		p *vector.Points
		c func(*Config)
	}{
		"is in 2 pieces, of 140, 60 points":             {far, func(*Config) {}},
		"row 17, column 2 (from 0) is NaN":              {bad, func(*Config) {}},
		"1 different point: want at least 16 (99 point": {same, func(*Config) {}},
		"20 neighbours of each of 20 different points":  {few, func(c *Config) { c.Neighbours, c.Active = 20, 3 }},
		"11 atoms of 20 different points":               {few, func(c *Config) { c.Atoms = 11 }},
		"10 smooth coordinates of codes of 10 atoms":    {few, func(c *Config) { c.Dims, c.Active = 10, 3 }},
		"smooth is 1: want at least the 2 coordinates":  {few, func(c *Config) { c.Smooth = 1 }},
		"12 active atoms of 10":                         {few, func(*Config) {}},
		`dictionary is "random"`:                        {few, func(c *Config) { c.Dictionary = "random" }},
		"values vary by":                                {small, func(*Config) {}},
		"ridge is NaN":                                  {few, func(c *Config) { c.Ridge = math.NaN() }},
	} {
		c := Default()
		x.c(&c)
		if _, err := Fit(context.Background(), x.p, c, manifold.Run{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	var pieces *PiecesError
	if _, err := Fit(context.Background(), far, Default(), manifold.Run{}); !errors.As(err, &pieces) || !slices.Equal(pieces.Sizes, []int{140, 60}) {
		t.Errorf("pieces: %v", err)
	}
	m := fit(t, torus(100, 10), Default())
	if _, err := m.Embed(context.Background(), circle(20, 1)); err == nil || !strings.Contains(err.Error(), "points have 2 values, the model was fitted on points of 3") {
		t.Errorf("error %v", err)
	}
}

// Pieces have coordinates of their own, with the eigenvalue 0, that tell them apart.
func TestPieces(t *testing.T) {
	p := torus(600, 11)
	for i := range 200 {
		p.X[3*i] += 100
	}
	c := Default()
	c.Pieces, c.Smooth = true, 2
	m := fit(t, p, c)
	if v := m.Eigenvalues(); v[0] > 1e-4 || v[1] < 1e-3 {
		t.Errorf("eigenvalues %v: want one 0", v)
	}
	x, mean := embed(t, m, p), 0.0
	for i := range 600 {
		mean += float64(x[2*i]) / 600
		want := x[2*599]
		if i < 200 {
			want = -2 * want // of mean 0, as the piece is half as large
		}
		if math.Abs(float64(x[2*i]-want)) > 0.05 {
			t.Fatalf("point %d has the coordinate %g, its piece %g", i, x[2*i], want)
		}
	}
	if math.Abs(mean) > 1e-2 {
		t.Errorf("the mean is %g, want 0", mean)
	}
}

func TestFitIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Fit(ctx, torus(500, 12), Default(), manifold.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// FuzzLoad: a file that is read is one that would be written.
func FuzzLoad(f *testing.F) {
	c := Default()
	c.Atoms, c.Neighbours, c.Active = 8, 4, 3
	m, err := Fit(context.Background(), circle(24, 1), c, manifold.Run{})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.SaveTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := LoadFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := m.SaveTo(&again); err != nil {
			t.Fatal(err)
		}
		p := &vector.Points{Dim: m.Data().Values, X: make([]float32, m.Data().Values)}
		x, err := m.Embed(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range x {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("embedding %v", x)
			}
		}
	})
}
