package cooccur

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/spectral"
)

// transformed is V and L of the definition of transformed counts, from the integers of s alone.
func transformed(s *Sparse, t Transform) (v, l *mat.SymDense) {
	v, l = mat.NewSymDense(s.Atoms, nil), mat.NewSymDense(s.Atoms, nil)
	pow := func(n float64) float64 {
		if n == 0 {
			return 0
		}
		return math.Pow(n, t.Power)
	}
	counts := mat.NewSymDense(s.Atoms, nil)
	for a, row := range s.near {
		for k, b := range row.atoms {
			n := float64(row.counts[k])
			if int(b) == a {
				n *= 2
			}
			counts.SetSym(a, int(b), pow(n))
		}
	}
	if s.Context.Slots {
		return transformedSlots(s, pow)
	}
	var units float64
	for a, n := range s.V {
		v.SetSym(a, a, pow(float64(n)))
		units += v.At(a, a)
	}
	v.ScaleSym(1/units, v)
	l.ScaleSym(-1/mat.Sum(counts), counts)
	l.AddSym(l, v)
	l.ScaleSym(2, l)
	return v, l
}

// transformedSlots is V and L = 2V − C of transformed counts with slots, C by dense products.
func transformedSlots(s *Sparse, pow func(float64) float64) (v, l *mat.SymDense) {
	v, l = mat.NewSymDense(s.Atoms, nil), mat.NewSymDense(s.Atoms, nil)
	right := mat.NewDense(s.Atoms, s.Atoms, nil)
	for a, row := range s.near {
		for k, b := range row.atoms {
			right.Set(a, int(b), pow(float64(row.counts[k])))
		}
	}
	right.Scale(1/mat.Sum(right), right)
	inverse := mat.NewDiagDense(s.Atoms, nil)
	var units float64
	for _, n := range s.V {
		units += pow(float64(n))
	}
	for a, n := range s.V {
		v.SetSym(a, a, pow(float64(n))/units)
		inverse.SetDiag(a, units/pow(float64(n)))
	}
	var x, y mat.Dense
	x.Product(right, inverse, right.T())
	y.Product(right.T(), inverse, right)
	x.Add(&x, &y)
	for a := range s.Atoms {
		for b := range a + 1 {
			l.SetSym(a, b, 2*v.At(a, b)-x.At(a, b))
		}
	}
	return v, l
}

// exact are the eigenvalues of L p = λ V p of diagonal V, in float64.
func exact(t *testing.T, v, l *mat.SymDense) []float64 {
	n := v.SymmetricDim()
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			a.SetSym(i, j, l.At(i, j)/math.Sqrt(v.At(i, i)*v.At(j, j)))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(a, false) {
		t.Fatal("no convergence")
	}
	return e.Values(nil)
}

func TestSparseSolutionAgreesWithFloat64(t *testing.T) {
	for _, c := range []struct {
		atoms, lines, k int
		of              Transform
		slots           bool
	}{
		{20, 60, 20, Transform{}, false}, {100, 400, 9, Transform{Power: 0.5}, false}, {100, 400, 9, Transform{Power: 1}, false},
		{300, 2000, 12, Transform{}, false}, {300, 2000, 12, Transform{Power: 0.5}, false}, {300, 2000, 12, Transform{Power: 0.75}, false},
		{20, 60, 20, Transform{}, true}, {100, 400, 9, Transform{Power: 1}, true}, {300, 2000, 12, Transform{Power: 0.5}, true},
	} {
		context := falling(4)
		context.Slots = c.slots
		s := countedTexts(t, context, c.atoms, texts(rand.New(rand.NewPCG(8, uint64(c.atoms))), c.lines, c.atoms))
		v, l := s.forms()
		if c.of != (Transform{}) {
			v, l = transformed(s, c.of)
		}
		want := exact(t, v, l)
		problem := s.Transformed(c.of)
		got, err := problem.Smallest(t.Context(), Bases(c.atoms, nil)[0], c.k, nil, Search{Seed: 1})
		if err != nil || len(got) != c.k {
			t.Fatalf("%d coordinates, error %v", len(got), err)
		}
		var rows [][]float32
		for j, p := range got {
			rows = append(rows, p.Atoms)
			if d := math.Abs(p.Eigenvalue - want[j]); d > 2e-4 {
				t.Errorf("%+v: eigenvalue %d is %g, want %g", c, j, p.Eigenvalue, want[j])
			}
		}
		fv, fl, err := problem.Forms(t.Context(), Bases(c.atoms, nil)[0], rows)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range rows {
			x := mat.NewVecDense(c.atoms, nil)
			for a, value := range p {
				x.SetVec(a, float64(value))
			}
			for j, q := range rows {
				y := mat.NewVecDense(c.atoms, nil)
				for a, value := range q {
					y.SetVec(a, float64(value))
				}
				identity, diagonal := 0.0, 0.0
				if i == j {
					identity, diagonal = 1, got[i].Eigenvalue
				}
				pvp, plp := mat.Inner(x, v, y), mat.Inner(x, l, y)
				if math.Abs(pvp-identity) > 1e-4 || math.Abs(plp-diagonal) > 2e-4 {
					t.Errorf("%+v: PVPᵀ[%d,%d] is %g, PLPᵀ %g, want %g and %g", c, i, j, pvp, plp, identity, diagonal)
				}
				if at := i*c.k + j; math.Abs(float64(fv[at])-pvp) > 1e-5 || math.Abs(float64(fl[at])-plp) > 1e-5 {
					t.Errorf("%+v: Forms has %g and %g at (%d, %d), want %g and %g", c, fv[at], fl[at], i, j, pvp, plp)
				}
			}
		}
	}
}

// The solution has the same bytes on any number of workers.
func TestSparseSolutionOnAnyWorkers(t *testing.T) {
	s := countedTexts(t, falling(4), 500, texts(rand.New(rand.NewPCG(9, 9)), 3000, 500)).Transformed(Transform{Power: 0.5})
	var want []byte
	for workers := 1; workers <= 4; workers++ {
		before := runtime.GOMAXPROCS(workers)
		got, err := s.Smallest(t.Context(), Bases(500, nil)[0], 20, nil, Search{Seed: 3})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = text
		}
		if !bytes.Equal(text, want) {
			t.Errorf("%d workers: another solution", workers)
		}
	}
}

func TestSparseSolvingIsStopped(t *testing.T) {
	s := countedTexts(t, falling(4), 300, texts(rand.New(rand.NewPCG(10, 9)), 2000, 300))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Smallest(ctx, Bases(300, nil)[0], 20, nil, Search{Progress: func(done, total int) {
		if done >= total {
			t.Errorf("%d of %d steps are done while it goes on", done, total)
		}
		if done > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, _, err := s.Forms(ctx, Bases(300, nil)[0], [][]float32{make([]float32, 300)}); !errors.Is(err, context.Canceled) {
		t.Errorf("forms of a context that is done: error %v", err)
	}
}

// An atom that never was leaves V singular, unless there is a ridge.
func TestSparseOfUnusedAtoms(t *testing.T) {
	s := countedTexts(t, falling(2), 4, [][]int{{0, 1, 3, 1, 0, 3}})
	_, err := s.Smallest(t.Context(), Bases(4, nil)[0], 2, nil, Search{})
	var singular *spectral.SingularError
	if !errors.As(err, &singular) || singular.Row != 2 || !singular.Empty {
		t.Errorf("error %v, want one of atom 2", err)
	}
	if found, err := s.Smallest(t.Context(), Bases(4, nil)[0], 2, nil, Search{Ridge: 1e-6}); err != nil || math.Abs(found[0].Eigenvalue) > 1e-4 {
		t.Errorf("with a ridge: %v, error %v", found, err)
	}
	odd := Basis{Parity: -1}
	if _, err := s.Smallest(t.Context(), odd, 1, nil, Search{}); err == nil || !strings.Contains(err.Error(), "flips") {
		t.Errorf("error %v", err)
	}
}

func TestTransformRefuses(t *testing.T) {
	for _, power := range []float64{-1, 1.01, math.NaN(), math.Inf(1)} {
		if err := (Transform{Power: power}).Validate(); err == nil || !strings.Contains(err.Error(), "power") {
			t.Errorf("power %g: error %v", power, err)
		}
	}
	for _, power := range []float64{0, 0.5, 1} {
		if err := (Transform{Power: power}).Validate(); err != nil {
			t.Errorf("power %g: error %v", power, err)
		}
	}
}
