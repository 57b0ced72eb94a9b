package smt

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/dct/dcttest"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/rapidtest"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
	"github.com/sparse-manifold/smt/pool/pooltest"
	"github.com/sparse-manifold/smt/sparse"
)

// random is a model of random numbers, with or without flips: atom a^1 is that of atom a.
func random(rng *rand.Rand, cfg Config, shape dataset.Shape) *Model {
	dim := cfg.Patch * cfg.Patch * shape.Channels
	d := &dictionary.Dictionary{Dim: dim, Atoms: make([]float32, cfg.Atoms*dim)}
	t := &patch.Transform{Size: cfg.Patch, Channels: shape.Channels, Center: cfg.Center}
	for a := range cfg.Atoms {
		x := d.Atoms[a*dim : (a+1)*dim]
		for k := range x {
			x[k] = float32(rng.NormFloat64())
		}
		linalg.Unit(x)
		if cfg.Flips {
			d.Mirror = append(d.Mirror, uint16(a^1))
			for i, j := range t.Flip() {
				if a%2 == 1 {
					x[j] = d.Atoms[(a-1)*dim+i]
				}
			}
		}
	}
	e, err := newEncoder(cfg, shape, t, d)
	if err != nil {
		panic(err)
	}
	kept := make([]cooccur.Coordinate, cfg.Dims)
	for j := range kept {
		kept[j] = cooccur.Coordinate{Eigenvalue: rng.Float64(), Atoms: make([]float32, cfg.Atoms), Parity: int8(1 - 2*rng.IntN(2))}
		for a := range cfg.Atoms {
			kept[j].Atoms[a] = float32(rng.NormFloat64())
		}
	}
	slices.SortFunc(kept, func(a, b cooccur.Coordinate) int { return cmp.Compare(a.Eigenvalue, b.Eigenvalue) })
	m := newModel(e, &manifold.Solution{Kept: kept})
	m.data = Data{Shape: shape, Images: 1, Patches: 1}
	for _, v := range m.values {
		m.vicreg.EigenvalueSum += v
	}
	m.vicreg.Invariance, m.vicreg.Variance = m.vicreg.EigenvalueSum, 1
	return m
}

func config() Config {
	return Config{Patch: 2, Center: patch.CenterNone, Atoms: 40, Dictionary: Exemplars, MaxCosine: 1,
		Code: sparse.General, Threshold: 0.5, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2},
		Flips: true, Dims: 35, Pool: 3, Stride: 2}
}

// The pooled embedding from its definition: every patch's β, scaled to unit
// length, averaged over the windows of the grid, and again to unit length.
func TestPoolAgreesWithDefinition(t *testing.T) { rapid.Check(t, poolAgrees) }

// Whatever codes and grids there are, the rows that the kernels are given increase and
// are rows, which a checked build looks at, and embeddings are as defined.
func FuzzPool(f *testing.F) { rapidtest.Fuzz(f, poolAgrees) }

func poolAgrees(rt *rapid.T) {
	cfg := config()
	cfg.Dims = rapid.IntRange(1, 40).Draw(rt, "dims")
	cfg.Pool = rapid.IntRange(1, 5).Draw(rt, "pool")
	cfg.Stride = rapid.IntRange(1, 6).Draw(rt, "stride")
	cfg.Spectrum = rapid.IntRange(0, 3).Draw(rt, "spectrum")
	if cfg.Patch = 3; cfg.Pool >= cfg.Patch {
		cfg.Thin = rapid.SampledFrom([]int{0, 1, 2, 4}).Draw(rt, "thin")
	}
	rows, cols := cfg.Pool+rapid.IntRange(0, 9).Draw(rt, "rows"), cfg.Pool+rapid.IntRange(0, 9).Draw(rt, "cols")
	shape := dataset.Shape{Height: rows + cfg.Patch - 1, Width: cols + cfg.Patch - 1, Channels: 1}
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
	m := random(rng, cfg, shape)
	soft := rapid.Bool().Draw(rt, "soft")
	codes := &sparse.Codes{Start: []int32{0}}
	for range rows * cols {
		for a := range cfg.Atoms {
			if rng.IntN(9) == 0 {
				codes.Atom = append(codes.Atom, uint16(a))
				if soft {
					codes.Value = append(codes.Value, uint16(1+rng.IntN(999)))
				}
			}
		}
		codes.Start = append(codes.Start, int32(len(codes.Atom)))
	}
	checkPool(rt, m, codes, rows, cols)
}

// checkPool compares the embedding of codes with its definition in float64.
func checkPool(t interface{ Fatalf(string, ...any) }, m *Model, codes *sparse.Codes, rows, cols int) {
	cfg := m.enc.cfg
	beta := make([][]float64, rows*cols)
	for i := range beta {
		beta[i] = make([]float64, cfg.Dims)
		for k := codes.Start[i]; k < codes.Start[i+1]; k++ {
			v := 1.0
			if codes.Value != nil {
				v = float64(codes.Value[k])
			}
			for j := range beta[i] {
				beta[i][j] += v * float64(m.p.Row(int(codes.Atom[k]))[j])
			}
		}
		unit64(beta[i])
	}
	var want []float64
	used := pooltest.Used(cfg.Thin, rows, cols)
	ys, xs := m.Stages().Layout.Cells(rows, cols)
	for _, y0 := range ys {
		for _, x0 := range xs {
			cell := make([]float64, cfg.Dims)
			for y := y0; y < y0+cfg.Pool; y++ {
				for x := x0; x < x0+cfg.Pool; x++ {
					if !used[y*cols+x] {
						continue
					}
					for j, v := range beta[y*cols+x] {
						cell[j] += v
					}
				}
			}
			if unit64(cell) < 1e-2 {
				cell[0] = math.NaN() // the mean cancels: no direction to compare
			}
			want = append(want, cell...)
		}
	}
	numbers := m.Stages().Layout.Used(rows, cols)
	got := make([]float32, m.Dim(dataset.Shape{Height: rows + cfg.Patch - 1, Width: cols + cfg.Patch - 1, Channels: 1}))
	err := m.Stages().Layout.Embed(rows, cols, m.p.Width(), new(pool.Scratch), got, func(first, last int, beta []float32) error {
		if cfg.Thin <= 1 {
			m.p.Embed(codes, first, last, new(manifold.Projector), beta)
			return nil
		}
		for k, i := range numbers[first:last] {
			m.p.Embed(codes, i, i+1, new(manifold.Projector), beta[k*m.p.Width():])
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	if cfg.Spectrum > 0 {
		if slices.ContainsFunc(want, math.IsNaN) {
			return // a frequency has something of every cell
		}
		want = shares(cfg, want, len(ys), len(xs))
		for i, v := range got {
			got[i] = v * float32(math.Abs(float64(v)))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i := range want {
		if math.IsNaN(want[i-i%cfg.Dims]) {
			continue
		}
		if math.Abs(float64(got[i])-want[i]) > 1e-4 {
			t.Fatalf("value %d is %g, want %g", i, got[i], want[i])
		}
	}
}

// shares are the squares, with their signs, of the values of a spectrum.
func shares(cfg Config, all []float64, rows, cols int) (kept []float64) {
	var sum float64
	for f, v := range dcttest.Spectrum(all, rows, cols, cfg.Dims) {
		if f /= cfg.Dims; math.Hypot(float64(f/cols), float64(f%cols)) <= float64(cfg.Spectrum) {
			kept = append(kept, v)
			sum += math.Abs(v)
		}
	}
	for i := range kept {
		kept[i] /= sum
	}
	return kept
}

// Windows of more patches than 16 bits number, and small ones of which the second row
// is so many patches on.
func TestPoolOfManyPatches(t *testing.T) {
	for _, c := range []struct{ rows, cols, pool, stride int }{
		{299, 299, 299, 1}, // images of 300 × 300 pixels, pooled over all
		{258, 400, 257, 1},
		{3, 70_000, 2, 20_000},
	} {
		cfg := config()
		cfg.Pool, cfg.Stride = c.pool, c.stride
		rng := rand.New(rand.NewPCG(uint64(c.cols), 7))
		m := random(rng, cfg, dataset.Shape{Height: c.rows + 1, Width: c.cols + 1, Channels: 1})
		codes := &sparse.Codes{Start: []int32{0}}
		for i := range c.rows * c.cols {
			// What patches have changes over the image, or a wrong one would do as well.
			for range rng.IntN(4) {
				codes.Atom = append(codes.Atom, uint16((i*cfg.Atoms/(c.rows*c.cols)+rng.IntN(5))%cfg.Atoms))
			}
			slices.Sort(codes.Atom[codes.Start[i]:])
			codes.Atom = codes.Atom[:int(codes.Start[i])+len(slices.Compact(codes.Atom[codes.Start[i]:]))]
			codes.Start = append(codes.Start, int32(len(codes.Atom)))
		}
		checkPool(t, m, codes, c.rows, c.cols)
	}
}

// unit64 scales x to unit length and returns the length it had.
func unit64(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	if sum > 0 {
		for i := range x {
			x[i] /= math.Sqrt(sum)
		}
	}
	return math.Sqrt(sum)
}

// Cells that a spectrum cannot number are refused, whatever the file or the image says,
// and without a list of them.
func TestSpectrumOfTooManyCells(t *testing.T) {
	cfg := config()
	cfg.Stride, cfg.Spectrum = 1, 4
	wide := dataset.Shape{Height: 4, Width: pool.MaxLine + cfg.Pool + cfg.Patch - 2, Channels: 1}
	if err := cfg.fits(wide); err != nil {
		t.Errorf("%v: error %v", wide, err)
	}
	for wide.Width++; wide.Width < 1<<24; wide.Width *= 15 {
		if err := cfg.fits(wide); err == nil || !strings.Contains(err.Error(), "65536 cells") {
			t.Errorf("%v: error %v", wide, err)
		}
	}
	wide.Width /= 15
	cfg.Spectrum = 0
	if err := cfg.fits(wide); err != nil {
		t.Errorf("%v, cells: error %v", wide, err)
	}
}

// Packed statistics lead to the model that exact ones lead to.
func TestSolvePacked(t *testing.T) {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	cfg := config()
	cfg.Patch, cfg.Atoms, cfg.Dims, cfg.Skip, cfg.Sample, cfg.Ridge = 5, 60, 10, 2, 30, 1e-6
	cfg.MaxCosine, cfg.Threshold, cfg.Center, cfg.Flips, cfg.Step = 0.9, 0.6, patch.CenterPatch, true, 2
	src := dataset.Slice(set.Train, 0, 80)
	solved := func(most int) *Model {
		defer func(atoms int) { packedAtoms = atoms }(packedAtoms)
		packedAtoms = most
		e, err := NewEncoder(ctx, set.Train, cfg)
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(ctx, src)
		if err != nil {
			t.Fatal(err)
		}
		if _, packed := s.(*cooccur.Packed); packed != (cfg.Atoms > most) {
			t.Fatalf("statistics are %T", s)
		}
		m, err := e.Solve(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want, got := solved(cfg.Atoms), solved(1)
	if got.data.Patches != want.data.Patches || got.data.Images != want.data.Images {
		t.Errorf("%+v, want %+v", got.data, want.data)
	}
	for i, v := range got.values {
		// Exact statistics weigh images by 12-bit fractions.
		if math.Abs(v-want.values[i]) > 1e-3 || got.parity[i] != want.parity[i] {
			t.Errorf("eigenvalue %d is %g, parity %d, want %g, %d", i, v, got.parity[i], want.values[i], want.parity[i])
		}
	}
	if v := got.vicreg; math.Abs(v.Invariance-v.EigenvalueSum) > 1e-4*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-4 || v.Covariance > 1e-6 {
		t.Errorf("objective %+v, want invariance = sum of eigenvalues, variance 1 and covariance 0", v)
	}
}
