package manifold

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/sparse"
)

// randomMap is the rows of Pᵀ, normal numbers.
func randomMap(rng *rand.Rand, atoms, dims int) []float32 {
	rows := make([]float32, atoms*dims)
	for i := range rows {
		rows[i] = float32(rng.NormFloat64())
	}
	return rows
}

// apply is Pφ.
func apply(rows []float32, dims int, code []float64) []float64 {
	beta := make([]float64, dims)
	for a, v := range code {
		for j := range beta {
			beta[j] += v * float64(rows[a*dims+j])
		}
	}
	return beta
}

func decoded(t interface{ Fatal(...any) }, v *Inverse, lambda float64, atoms int, betas ...[]float64) [][]float64 {
	var all []float32
	for _, beta := range betas {
		for _, x := range beta {
			all = append(all, float32(x))
		}
	}
	w, err := v.Decode(context.Background(), all, lambda)
	if err != nil {
		t.Fatal(err)
	}
	codes := make([][]float64, len(betas))
	for i := range codes {
		codes[i] = make([]float64, atoms)
		for k := w.Start[i]; k < w.Start[i+1]; k++ {
			codes[i][w.Atom[k]] = float64(w.Value[k])
		}
	}
	return codes
}

// Where P is square and units are codes of one atom, as words are, nothing is lost.
func TestInverseIsExact(t *testing.T) {
	const n = 24
	rng := rand.New(rand.NewPCG(3, 7))
	rows := randomMap(rng, n, n)
	v, err := NewInverse(rows, n)
	if err != nil {
		t.Fatal(err)
	}
	var codes, betas [][]float64
	for a := range n {
		code := make([]float64, n)
		code[a] = 0.1 + 3*rng.Float64()
		codes, betas = append(codes, code), append(betas, apply(rows, n, code))
	}
	for i, got := range decoded(t, v, 0.05, n, betas...) {
		for a := range got {
			if math.Abs(got[a]-codes[i][a]) > 1e-5*codes[i][i] {
				t.Fatalf("code of atom %d has %g at atom %d, want %g", i, got[a], a, codes[i][a])
			}
		}
	}
}

// Of codes of a few atoms more comes back from more coordinates, and nearly all from as many as there
// are atoms.
func TestInverseErrorFallsWithDims(t *testing.T) {
	const atoms, n = 60, 200
	rng := rand.New(rand.NewPCG(1, 2))
	full := randomMap(rng, atoms, atoms)
	codes := make([][]float64, n)
	for i := range codes {
		codes[i] = make([]float64, atoms)
		for range 3 {
			codes[i][rng.IntN(atoms)] = 0.3 + rng.Float64()
		}
	}
	before := math.Inf(1)
	for _, dims := range []int{2, 4, 8, 15, 30, 60} {
		var rows []float32
		for a := range atoms {
			rows = append(rows, full[a*atoms:a*atoms+dims]...)
		}
		v, err := NewInverse(rows, dims)
		if err != nil {
			t.Fatal(err)
		}
		var betas [][]float64
		for _, code := range codes {
			betas = append(betas, apply(rows, dims, code))
		}
		var lost, all float64
		for i, got := range decoded(t, v, 0.01, atoms, betas...) {
			for a, x := range codes[i] {
				lost, all = lost+(got[a]-x)*(got[a]-x), all+x*x
			}
		}
		if lost /= all; lost >= before {
			t.Errorf("%d coordinates lose %g of codes, fewer lost %g", dims, lost, before)
		}
		before = lost
	}
	if before > 1e-3 {
		t.Errorf("as many coordinates as atoms lose %g", before)
	}
}

// Codes have the least objective, as coordinate descent on the definition finds it.
func TestInverseAgreesWithDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dims, atoms := rapid.IntRange(1, 12).Draw(rt, "dims"), rapid.IntRange(1, 40).Draw(rt, "atoms")
		lambda := rapid.Float64Range(0.05, 0.9).Draw(rt, "lambda")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		rows := randomMap(rng, atoms, dims)
		zero := rng.IntN(atoms) // a column of zeros, unless it is the only one
		if atoms > 1 {
			clear(rows[zero*dims : (zero+1)*dims])
		}
		beta := make([]float64, dims)
		for j := range beta {
			beta[j] = float64(float32(rng.NormFloat64()))
		}
		v, err := NewInverse(rows, dims)
		if err != nil {
			rt.Fatal(err)
		}
		code := decoded(rt, v, lambda, atoms, beta, make([]float64, dims))
		if slices.Max(code[1]) != 0 {
			rt.Fatal("an embedding of zero has a code")
		}
		if slices.Min(code[0]) < 0 || atoms > 1 && code[0][zero] != 0 {
			rt.Fatalf("code %v", code[0])
		}
		// What the penalty took is given back: along φ̂ the objective is least at another length.
		got := apply(rows, dims, code[0])
		along, penalty := 0.0, penaltyOf(rows, beta, lambda, code[0])
		for j, b := range beta {
			along += b * got[j]
		}
		if q := square(got); q > 0 {
			if math.Abs(along/q-1) > 1e-4 {
				rt.Fatalf("Pφ̂ would be nearer to β at %g of its length", along/q)
			}
			for a := range code[0] {
				code[0][a] *= max(0, along-penalty) / q
			}
		}
		mine, least := inverseObjective(rows, beta, lambda, code[0]), inverseObjective(rows, beta, lambda, descent(rows, beta, lambda))
		if mine > least+1e-5*square(beta) {
			rt.Fatalf("objective %g, by coordinate descent %g", mine, least)
		}
	})
}

// penaltyOf is λ‖β‖ Σ_a ‖P_a‖ φ_a.
func penaltyOf(rows []float32, beta []float64, lambda float64, code []float64) (sum float64) {
	dims := len(beta)
	for a, v := range code {
		var s float64
		for _, x := range rows[a*dims : (a+1)*dims] {
			s += float64(x) * float64(x)
		}
		sum += v * math.Sqrt(s)
	}
	return lambda * math.Sqrt(square(beta)) * sum
}

func inverseObjective(rows []float32, beta []float64, lambda float64, code []float64) float64 {
	r := slices.Clone(beta)
	for j, v := range apply(rows, len(beta), code) {
		r[j] -= v
	}
	return square(r)/2 + penaltyOf(rows, beta, lambda, code)
}

func square(x []float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// descent is the code of least objective by coordinate descent, value by value.
func descent(rows []float32, beta []float64, lambda float64) []float64 {
	dims := len(beta)
	code := make([]float64, len(rows)/dims)
	r := slices.Clone(beta)
	for range 500 {
		for a := range code {
			column := make([]float64, dims)
			var along float64
			for j := range dims {
				column[j] = float64(rows[a*dims+j])
				along += column[j] * r[j]
			}
			length := math.Sqrt(square(column))
			if length == 0 {
				continue
			}
			to := max(0, code[a]+(along-lambda*math.Sqrt(square(beta))*length)/(length*length))
			for j := range r {
				r[j] -= (to - code[a]) * column[j]
			}
			code[a] = to
		}
	}
	return code
}

func TestInverseErrors(t *testing.T) {
	for name, f := range map[string]func() (*Inverse, error){
		"sizes": func() (*Inverse, error) { return NewInverse(make([]float32, 7), 3) },
		"zeros": func() (*Inverse, error) { return NewInverse(make([]float32, 6), 3) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	v, err := NewInverse([]float32{1, 2, 3}, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, lambda := range []float64{0, sparse.LeastL1 / 2, 1, math.NaN()} {
		if _, err := v.Decode(t.Context(), []float32{1, 1, 1}, lambda); err == nil {
			t.Errorf("λ of %g: no error", lambda)
		}
	}
}
