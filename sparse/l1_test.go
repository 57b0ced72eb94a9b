package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// descend is the oracle: the L1 code of x by plain coordinate descent in float64, each value in
// turn at its minimum given the others, five hundred times or until none moves: any α bounds the least
// objective from above.
func descend(x, dict []float32, dim int, lambda float64) []float64 {
	n := len(dict) / dim
	alpha, r := make([]float64, n), make([]float64, dim)
	for k, v := range x {
		r[k] = float64(v)
	}
	for range 500 {
		moved := 0.0
		for a := range n {
			var dot, square float64
			for k, y := range dict[a*dim : (a+1)*dim] {
				dot += r[k] * float64(y)
				square += float64(y) * float64(y)
			}
			to := max(0, alpha[a]+(dot-lambda)/square)
			for k, y := range dict[a*dim : (a+1)*dim] {
				r[k] -= (to - alpha[a]) * float64(y)
			}
			moved = max(moved, math.Abs(to-alpha[a]))
			alpha[a] = to
		}
		if moved < 1e-13 {
			break
		}
	}
	return alpha
}

// objectiveOf is ½‖x − Aα‖² + λ Σα, and the products of the atoms with the residual.
func objectiveOf(x, dict []float32, dim int, lambda float64, alpha []float64) (f float64, products []float64) {
	r := make([]float64, dim)
	for k, v := range x {
		r[k] = float64(v)
	}
	for a, v := range alpha {
		f += lambda * v
		for k, y := range dict[a*dim : (a+1)*dim] {
			r[k] -= v * float64(y)
		}
	}
	for _, v := range r {
		f += v * v / 2
	}
	for a := range alpha {
		var dot float64
		for k, y := range dict[a*dim : (a+1)*dim] {
			dot += r[k] * float64(y)
		}
		products = append(products, dot)
	}
	return f, products
}

// dense is the code of unit i with all its values.
func (w *Weights) dense(i, atoms int) []float64 {
	alpha := make([]float64, atoms)
	for k := w.Start[i]; k < w.Start[i+1]; k++ {
		alpha[w.Atom[k]] = float64(w.Value[k])
	}
	return alpha
}

func TestL1AgreesWithCoordinateDescent(t *testing.T) { rapid.Check(t, l1Agrees) }

func l1Agrees(rt *rapid.T) {
	dim := rapid.SampledFrom([]int{1, 2, 3, 7, 16, 27, 64}).Draw(rt, "dim")
	atoms := rapid.IntRange(1, 150).Draw(rt, "atoms")
	n := rapid.IntRange(1, 60).Draw(rt, "units")
	lambda := rapid.Float64Range(LeastL1, 0.95).Draw(rt, "lambda")
	signed := rapid.Bool().Draw(rt, "signed")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
	dict, x := units(rng, atoms, dim), units(rng, n, dim) // with atoms that are equal
	if signed {
		dict = Signed(dict)
		atoms *= 2
	}
	copy(x, dict[:dim])
	c, err := NewCoder(L1, lambda, dict, dim, nil)
	if err != nil {
		rt.Fatal(err)
	}
	p := patches(x, dim, c.Stride())
	p.Blank[n-1] = n > 1
	var got Weights
	if err := c.Solve(p, new(Scratch), &got); err != nil {
		rt.Fatal(err)
	}
	var codes Codes
	if err := c.Encode(p, false, new(Scratch), &codes); err != nil {
		rt.Fatal(err)
	}
	if got.N() != n || codes.N() != n {
		rt.Fatalf("%d and %d codes of %d units", got.N(), codes.N(), n)
	}
	mean, coded := 0.0, 0
	for i := range n {
		alpha, u := got.dense(i, atoms), x[i*dim:(i+1)*dim]
		if p.Blank[i] {
			if slices.Max(alpha) != 0 || len(codes.Row(i)) > 0 {
				rt.Fatalf("blank unit %d has a code", i)
			}
			continue
		}
		f, products := objectiveOf(u, dict, dim, lambda, alpha)
		mean, coded = mean+f, coded+1
		for a, d := range products {
			// Values are rounded to float32, and so are residuals: a few millionths.
			if d > lambda+5e-6 || alpha[a] > 0 && d < lambda-5e-6 || alpha[a] < 0 {
				rt.Fatalf("unit %d, atom %d of value %g: product %g with the residual, λ is %g", i, a, alpha[a], d, lambda)
			}
		}
		// A product that exceeds λ by 1e-6 leaves as much, times values, of the objective.
		if least, _ := objectiveOf(u, dict, dim, lambda, descend(u, dict, dim, lambda)); f > least+1e-6*(1+1/lambda) {
			rt.Fatalf("unit %d: objective %.9g, by coordinate descent %.9g", i, f, least)
		}
		// Codes are rounded from values of float64, which are within a millionth of those of float32.
		rounded := make([]float64, atoms)
		for k := codes.Start[i]; k < codes.Start[i+1]; k++ {
			rounded[codes.Atom[k]] = float64(codes.Value[k]) / SoftUnit
			if codes.Value[k] == 0 || k > codes.Start[i] && codes.Atom[k] <= codes.Atom[k-1] {
				rt.Fatalf("unit %d: atoms %v of values %v", i, codes.Row(i), codes.Value[codes.Start[i]:codes.Start[i+1]])
			}
		}
		for a, v := range alpha {
			if math.Abs(rounded[a]-v) > 0.501/SoftUnit {
				rt.Fatalf("unit %d, atom %d: code %g, value %g", i, a, rounded[a], v)
			}
		}
	}
	if f := c.L1Objective(p, &got); math.Abs(f*float64(coded)-mean) > 1e-9*mean {
		rt.Fatalf("mean objective %g, want %g", f, mean/float64(coded))
	}
}

// A dictionary larger than the space, with dependent atoms among them: more are wanted than fit
// into a support.
func TestL1OfDependentAtoms(t *testing.T) {
	dict := Signed([]float32{1, 0, 0, 1, 0.6, 0.8, 0.8, 0.6})
	c, err := NewCoder(L1, LeastL1, dict, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 360 {
		angle := float64(k) * math.Pi / 180
		x := []float32{float32(math.Cos(angle)), float32(math.Sin(angle))}
		var got Weights
		if err := c.Solve(patches(x, 2, c.Stride()), new(Scratch), &got); err != nil {
			t.Fatal(err)
		}
		f, _ := objectiveOf(x, dict, 2, LeastL1, got.dense(0, 8))
		least, _ := objectiveOf(x, dict, 2, LeastL1, descend(x, dict, 2, LeastL1))
		if f > least+1e-7 || len(got.Atom) > 2 {
			t.Errorf("%d°: objective %.9g of atoms %v, want %.9g", k, f, got.Atom, least)
		}
	}
}

// With orthogonal atoms an L1 code is a soft one.
func TestL1OfOrthogonalAtomsIsSoft(t *testing.T) {
	const dim, n = 16, 50
	dict := make([]float32, dim*dim)
	for a := range dim {
		dict[a*dim+a] = 1
	}
	x := units(rand.New(rand.NewPCG(6, 1)), n, dim)
	var codes [2]Codes
	for k, kind := range []Kind{Soft, L1} {
		c, err := NewCoder(kind, 0.2, dict, dim, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Encode(patches(x, dim, c.Stride()), true, new(Scratch), &codes[k]); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(codes[0].Start, codes[1].Start) || !slices.Equal(codes[0].Atom, codes[1].Atom) || !slices.Equal(codes[0].Value, codes[1].Value) {
		t.Errorf("codes are not equal: %v and %v", codes[0], codes[1])
	}
}

// The code of a unit is the same whatever units are coded beside it.
func TestL1CodesStandAlone(t *testing.T) {
	const dim, n = 36, 3*l1Rows + 5
	rng := rand.New(rand.NewPCG(2, 9))
	dict, x := units(rng, 300, dim), units(rng, n, dim)
	c, err := NewCoder(L1, 0.1, dict, dim, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all, single Weights
	var s Scratch
	if err := c.Solve(patches(x, dim, c.Stride()), &s, &all); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := c.Solve(patches(x[i*dim:(i+1)*dim], dim, c.Stride()), &s, &single); err != nil {
			t.Fatal(err)
		}
		if from, to := all.Start[i], all.Start[i+1]; !slices.Equal(single.Atom, all.Atom[from:to]) || !slices.Equal(single.Value, all.Value[from:to]) {
			t.Fatalf("unit %d has another code alone", i)
		}
	}
}

func TestL1Errors(t *testing.T) {
	atoms := []float32{1, 0, 0, 1}
	if _, err := NewCoder(L1, LeastL1/2, atoms, 2, nil); err == nil {
		t.Error("a λ whose values 16 bits may not hold: no error")
	}
	c, err := NewCoder(Soft, 0.3, atoms, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Solve(patches([]float32{1, 0}, 2, c.Stride()), new(Scratch), new(Weights)); err == nil {
		t.Error("weights of soft codes: no error")
	}
}

func BenchmarkL1(b *testing.B) {
	const dim, n = 144, 3072
	rng := rand.New(rand.NewPCG(2, 9))
	dict, x := Signed(units(rng, 512, dim)), units(rng, n, dim)
	c, err := NewCoder(L1, 0.15, dict, dim, nil)
	if err != nil {
		b.Fatal(err)
	}
	p := patches(x, dim, c.Stride())
	var got Weights
	var s Scratch
	for b.Loop() {
		if err := c.Solve(p, &s, &got); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/unit")
	b.ReportMetric(float64(len(got.Atom))/n, "atoms/unit")
}
