package dictionary

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
)

// planted is n unit vectors that are sums of three of a few atoms, with signs, and a little noise; and
// the atoms.
func planted(n, dim, atoms int, signed bool) (Sample, linalg.Matrix) {
	rng := rand.New(rand.NewPCG(5, 5))
	normal := func(x []float32, size float64) {
		for k := range x {
			x[k] += float32(size * rng.NormFloat64())
		}
	}
	truth := linalg.New(atoms, dim)
	for a := range atoms {
		normal(truth.Row(a), 1)
		linalg.Unit(truth.Row(a))
	}
	x := linalg.New(n, dim)
	for i := range n {
		for range 3 {
			weight := 0.5 + float32(rng.Float64())
			if signed && rng.IntN(2) == 0 {
				weight = -weight
			}
			for k, v := range truth.Row(rng.IntN(atoms)) {
				x.Row(i)[k] += weight * v
			}
		}
		normal(x.Row(i), 0.02)
		linalg.Unit(x.Row(i))
	}
	return sampleOfRows(x), truth
}

func sampleOfRows(x linalg.Matrix) Sample {
	const units = 50
	return Sample{Dim: x.Cols, Groups: x.Rows / units, Units: units, Seed: 3, Reader: func() func(int, []int) (*sparse.Vectors, error) {
		return func(group int, which []int) (*sparse.Vectors, error) {
			v := &sparse.Vectors{N: len(which), Stride: x.Cols, Blank: make([]bool, len(which))}
			for _, i := range which {
				v.X = append(v.X, x.Row(group*units+i)...)
			}
			return v, nil
		}
	}}
}

// Atoms that units were made of are found again, up to their sign.
func TestLearnFindsPlantedAtoms(t *testing.T) {
	for _, signed := range []bool{true, false} {
		s, truth := planted(6000, 20, 30, signed)
		d, err := Learn(t.Context(), s, Learning{Atoms: 45, Lambda: 0.1, Signed: signed, Units: 6000, Passes: 12, Batch: 100}, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkUnitAndClosed(t, s, d, 45, false)
		found := 0
		for a := range truth.Rows {
			best := 0.0
			for b := range d.N() {
				c := linalg.Dot(truth.Row(a), d.Atoms[b*d.Dim:(b+1)*d.Dim])
				if signed {
					c = math.Abs(c)
				}
				best = max(best, c)
			}
			if best > 0.98 {
				found++
			}
		}
		if found < 28 {
			t.Errorf("signed %v: %d of %d planted atoms were found", signed, found, truth.Rows)
		}
	}
}

// update is the definition, computed atom by atom in float64.
func TestUpdateAgreesWithDefinition(t *testing.T) {
	const n, dim = 3*updateBlock + 5, 11
	rng := rand.New(rand.NewPCG(1, 8))
	random := func(rows, cols int) linalg.Matrix {
		m := linalg.New(rows, cols)
		for i := range m.Data {
			m.Data[i] = float32(rng.NormFloat64())
		}
		return m
	}
	o := newOnline(Learning{Atoms: n, Lambda: 0.1}, &Sample{Dim: dim}, random(n, dim), rng.Perm(n))
	for a := range n {
		linalg.Unit(o.atoms.Row(a))
	}
	codes := random(2*n, n)
	linalg.AddMul(o.codes, 1, codes.T(), codes)
	linalg.AddMul(o.units, 1, codes.T(), random(2*n, dim))
	want := make([]float64, n*dim)
	for i, v := range o.atoms.Data {
		want[i] = float64(v)
	}
	for j := range n {
		row, length := want[j*dim:(j+1)*dim], 0.0
		u := slices.Clone(row)
		for k := range dim {
			g := float64(o.units.At(j, k))
			for i := range n {
				g -= float64(o.codes.At(j, i)) * want[i*dim+k]
			}
			u[k] += g / float64(o.codes.At(j, j))
			length += u[k] * u[k]
		}
		for k, v := range u {
			row[k] = v / math.Sqrt(length)
		}
	}
	if err := o.update(t.Context(), []int{0}); err != nil {
		t.Fatal(err)
	}
	for i, v := range o.atoms.Data {
		if math.Abs(float64(v)-want[i]) > 1e-4 { // float32, through a hundred atoms
			t.Fatalf("value %d of atom %d is %g, want %g", i%dim, i/dim, v, want[i])
		}
	}
	if o.spares != 0 {
		t.Errorf("%d atoms were replaced, of none unused", o.spares)
	}
}

// An atom that no unit uses becomes a unit of the batch.
func TestUnusedAtomsAreReplaced(t *testing.T) {
	x := linalg.Wrap(3, 2, []float32{1, 0, 0, 1, 0.6, 0.8})
	o := newOnline(Learning{Atoms: 2, Lambda: 0.1}, &Sample{Dim: 2}, x, []int{0, 1})
	o.codes.Row(0)[0], o.units.Row(0)[0] = 1, 1
	if err := o.update(t.Context(), []int{2}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.atoms.Data, []float32{1, 0, 0.6, 0.8}) {
		t.Errorf("atoms are %v", o.atoms.Data)
	}
}

// The sums are those of scikit-learn 1.9's _update_inner_stats: what a batch of 4 keeps of those before.
func TestForget(t *testing.T) {
	o := &online{}
	for step, want := range []float32{1. / 5, 5. / 9, 9. / 13, 12. / 16, 13. / 17, 14. / 18} {
		o.steps = step
		if step >= 3 {
			want = (16 + float32(step) + 1 - 4 + 1 - 4) / (16 + float32(step) + 1 - 4 + 1)
		}
		if got := o.forget(4); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("step %d: %g, want %g", step, got, want)
		}
	}
}

// Learned atoms code units held out better than as many of the units do, and repeat for a seed.
func TestLearnedAtomsFit(t *testing.T) {
	s, _ := planted(3000, 16, 24, true)
	learn := func(seed uint64) *Dictionary {
		s.Seed = seed
		d, err := Learn(t.Context(), s, Learning{Atoms: 24, Lambda: 0.1, Signed: true, Units: 2000, Passes: 4, Batch: 64}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := learn(1)
	for _, workers := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(workers)
		if again := learn(1); !slices.Equal(again.Atoms, d.Atoms) {
			t.Errorf("%d workers learned other atoms", workers)
		}
		runtime.GOMAXPROCS(old)
	}
	if slices.Equal(learn(2).Atoms, d.Atoms) {
		t.Error("another seed learned the same atoms")
	}
	e, err := Exemplars(t.Context(), s, 24, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	objective := func(d *Dictionary) float64 {
		signed := d.Signed()
		if signed.N() != 2*d.N() {
			t.Fatalf("%d atoms with their negatives of %d", signed.N(), d.N())
		}
		c, err := sparse.NewCoder(sparse.L1, 0.1, signed.Atoms, d.Dim, nil)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := s.draw(t.Context(), 9, 1, 0, s.Groups, 10)
		if err != nil {
			t.Fatal(err)
		}
		var v sparse.Vectors
		v.Pack(drawn[0].Data, d.Dim, c.Stride())
		var w sparse.Weights
		if err := c.Solve(&v, new(sparse.Scratch), &w); err != nil {
			t.Fatal(err)
		}
		f := c.L1Objective(&v, &w)
		j, err := Judge(t.Context(), Learning{Lambda: 0.1, Signed: true}, drawn[0].Data, d.Atoms, d.Dim)
		if err != nil || math.Abs(j.Objective-f) > 1e-9 || math.Abs(j.Active-float64(len(w.Atom))/float64(v.N)) > 1e-9 {
			t.Errorf("judged %+v, error %v: want an objective of %g", j, err, f)
		}
		return f
	}
	if l, x := objective(d), objective(e); l > 0.9*x {
		t.Errorf("objective %g of learned atoms, %g of exemplars", l, x)
	}
}

func TestLearnErrors(t *testing.T) {
	plain := sample(20, false)
	good := Learning{Atoms: 8, Lambda: 0.2, Units: 100, Passes: 1, Batch: 10}
	for want, change := range map[string]func(*Learning, *Sample){
		"learning 0 atoms":     func(l *Learning, _ *Sample) { l.Atoms = 0 },
		"learning 40000 atoms": func(l *Learning, _ *Sample) { l.Atoms, l.Signed = 40000, true },
		"λ 0.001":              func(l *Learning, _ *Sample) { l.Lambda = 0.001 },
		"λ NaN":                func(l *Learning, _ *Sample) { l.Lambda = math.NaN() },
		"0 at a time":          func(l *Learning, _ *Sample) { l.Batch = 0 },
		"an even number":       func(l *Learning, s *Sample) { l.Atoms, *s = 7, sample(20, true) },
		"from 0 units":         func(_ *Learning, s *Sample) { s.Reader = blanks(s.Dim) },
	} {
		l, s := good, plain
		change(&l, &s)
		if _, err := Learn(t.Context(), s, l, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want one with %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Learn(ctx, plain, good, func(done, total int) {
		if cancel(); done > 1 {
			t.Errorf("batch %d of %d after the end", done, total)
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the context ended", err)
	}
}

// blanks reads units without signal.
func blanks(dim int) func() func(int, []int) (*sparse.Vectors, error) {
	return func() func(int, []int) (*sparse.Vectors, error) {
		return func(_ int, which []int) (*sparse.Vectors, error) {
			v := new(sparse.Vectors)
			v.Reset(len(which), dim)
			for i := range v.Blank {
				v.Blank[i] = true
			}
			return v, nil
		}
	}
}
