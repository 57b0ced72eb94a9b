package cooccur

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/sparse"
)

// bySlow are the sums straight from their definition, in integers, and L in float64.
func bySlow(c Context, atoms, unit int, all []drawn, codes []*sparse.Codes) (s *Dense, l [][]float64) {
	s, _ = NewDense(Origin{Context: c, Atoms: atoms, Denominator: unit})
	l = make([][]float64, atoms)
	for a := range l {
		l[a] = make([]float64, atoms)
	}
	add := func(dst []int64, x []int64) {
		for a := range atoms {
			for b := range a + 1 {
				dst[a*(a+1)/2+b] += x[a] * x[b]
			}
		}
	}
	addL := func(x []float64) {
		for a := range atoms {
			for b := range atoms {
				l[a][b] += x[a] * x[b]
			}
		}
	}
	for g, d := range all {
		n := d.topology.Units()
		phi, coded := make([][]int64, n), make([]bool, n)
		mean, count := make([]float64, atoms), 0.0
		for i := range n {
			phi[i] = make([]int64, atoms)
			for k := codes[g].Start[i]; k < codes[g].Start[i+1]; k++ {
				phi[i][codes[g].Atom[k]] = 1
				if unit != 1 {
					phi[i][codes[g].Atom[k]] = int64(codes[g].Value[k])
				}
			}
			if coded[i] = codes[g].Start[i] < codes[g].Start[i+1]; coded[i] {
				s.Coded++
				count++
				for a, v := range phi[i] {
					mean[a] += float64(v)
				}
			}
			add(s.V, phi[i])
		}
		s.Groups++
		for i := range n {
			sum, near := make([]int64, atoms), int64(0)
			for j := range n {
				if c.Kind != Window || i == j || !coded[i] || !coded[j] || !d.near(i, j, c.Radius) {
					continue
				}
				near++
				s.Pairs++
				for a, v := range phi[j] {
					sum[a] += v
				}
				if c.Difference == 1 && i < j { // both orders are one half each
					apart := make([]int64, atoms)
					for a := range apart {
						apart[a] = phi[i][a] - phi[j][a]
					}
					add(s.M, apart)
				}
			}
			if near > 0 {
				s.Inner++
				if c.Difference == 2 {
					apart := make([]int64, atoms)
					for a := range apart {
						exact := float64(near*phi[i][a]-sum[a]) * (1 << meanBits) / float64(near)
						apart[a] = int64(math.Round(exact))
					}
					add(s.M, apart)
				}
			}
			if c.Kind == Whole && coded[i] {
				apart := make([]float64, atoms)
				for a := range apart {
					apart[a] = (float64(phi[i][a]) - mean[a]/count) / float64(unit)
				}
				addL(apart)
			}
		}
	}
	return s, l
}

// Groups of different sizes, of every topology, have the sums of the definition, in any
// batches and order.
func TestGroupsOfAnyTopology(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(contexts()).Draw(t, "context")
		unit := rapid.SampledFrom([]int{1, sparse.SoftUnit}).Draw(t, "unit")
		atoms := rapid.IntRange(1, 9).Draw(t, "atoms")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		all := topologies(t)
		codes, groups := make([]*sparse.Codes, len(all)), make([]Group, len(all))
		for i, d := range all {
			codes[i] = randomCodes(rng, d.topology.Units(), atoms, unit)
			groups[i] = Group{codes[i], d.topology}
		}
		want, l := bySlow(c, atoms, unit, all, codes)
		got, _ := NewDense(want.Origin)
		parts, _ := NewDense(want.Origin)
		if _, err := got.Accumulate(context.Background(), groups); err != nil {
			t.Fatal(err)
		}
		for order := rapid.Permutation(groups).Draw(t, "order"); len(order) > 0; {
			n := rapid.IntRange(1, len(order)).Draw(t, "batch")
			part, _ := NewDense(want.Origin)
			if _, err := part.Accumulate(context.Background(), order[:n]); err != nil {
				t.Fatal(err)
			}
			if err := parts.Add(part); err != nil {
				t.Fatal(err)
			}
			order = order[n:]
		}
		if !reflect.DeepEqual(got, parts) {
			t.Fatal("sums depend on batches or order")
		}
		for a, u := range got.Usage() {
			if v := float64(want.V[a*(a+1)/2+a]) / math.Max(1, float64(want.Coded*int64(unit*unit))); math.Abs(u-v) > 1e-12 {
				t.Fatalf("atom %d has the usage %g, want %g", a, u, v)
			}
		}
		if c.Kind == Window {
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("sums are not those of the definition: %+v, want %+v", got, want)
			}
			return
		}
		if got.Summary != want.Summary || !reflect.DeepEqual(got.V, want.V) {
			t.Fatalf("V is not that of the definition: %+v, want %+v", got, want)
		}
		p := got.pencil(Bases(atoms, nil)[0])
		for a := range atoms {
			for b := range atoms {
				// Weights have 12 bits at least.
				exact := l[a][b] / math.Max(1, float64(got.Coded))
				if bound := 1e-6 + 0x1p-12*float64(p.V.At(a, a)+p.V.At(b, b)); math.Abs(float64(p.L.At(a, b))-exact) > bound {
					t.Fatalf("L[%d,%d] is %g, want %g", a, b, p.L.At(a, b), exact)
				}
			}
		}
	})
}
