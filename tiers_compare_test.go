package smt_test

import (
	"math"
	"slices"
	"testing"
)

// compareTiers checks the bounds that docs/reliability.md states.
func compareTiers(t *testing.T, name string, want, got tierFit) {
	t.Helper()
	within := func(what string, value, bound float64) {
		t.Helper()
		t.Logf("%s: %s %.3g, at most %g", name, what, value, bound)
		if !(value <= bound) {
			t.Errorf("%s: %s differ by %g, want at most %g", name, what, value, bound)
		}
	}
	whitened := 0.0 // 1 where patches may have other last bits
	if want.Whitening != nil {
		whitened = 1
		within("whitening matrices, of the largest value", most(want.Whitening, got.Whitening)/most(want.Whitening, make([]float32, len(want.Whitening))), 1e-5)
	}
	dim := len(want.Atoms) * len(want.Values) / len(want.Projection)
	within("the part of atoms that are not the same", unequal(slices.Collect(slices.Chunk(want.Atoms, dim)), slices.Collect(slices.Chunk(got.Atoms, dim))), whitened*0.02)
	within("atoms", most(want.Atoms, got.Atoms), whitened*0.01)
	within("the part of patches with other codes", unequal(want.Codes, got.Codes), whitened*0.002)
	var off, all float64
	for i, v := range want.V {
		off += math.Abs(float64(v-got.V[i])) + math.Abs(float64(want.M[i]-got.M[i]))
		all += math.Abs(float64(v)) + math.Abs(float64(want.M[i]))
	}
	within("statistics, of their sum", off/all, whitened*1e-4)
	for i, v := range want.Values {
		if d := math.Abs(v-got.Values[i]) / v; d > 1e-4 {
			t.Errorf("%s: eigenvalue %d is %g, want %g", name, i, got.Values[i], v)
		}
	}
	within("embeddings by the tiers' models, 1 − cosine,", 1-leastCosine(want.Own, got.Own), max(1e-5, whitened*0.01))
	within("cosines of two images by the tiers' models", gram(want.Own, got.Own), max(1e-4, whitened*0.01))
	within("embeddings by one model, 1 − cosine,", 1-leastCosine(want.Common, got.Common), max(1e-6, whitened*0.01))
	within("the part of votes by the tiers' models", unequal(votes(want.Own), votes(got.Own)), whitened*0.03)
	within("the part of votes by one model", unequal(votes(want.Common), votes(got.Common)), whitened*0.01)
}

// votes are the classes, each a list of one.
func votes(j judged) (all [][]int) {
	for _, v := range j.Votes {
		all = append(all, []int{v})
	}
	return all
}

// unequal is the part of lists that differ.
func unequal[T comparable](a, b [][]T) float64 {
	n := 0
	for i := range a {
		if !slices.Equal(a[i], b[i]) {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// most is the largest difference of two values.
func most(a, b []float32) (d float64) {
	for i, v := range a {
		d = max(d, math.Abs(float64(v)-float64(b[i])))
	}
	return d
}

// cosine is that of embeddings i of a and j of b.
func (a judged) cosine(i int, b judged, j int) float64 {
	var ab, aa, bb float64
	for k := range a.Dim {
		x, y := float64(a.Embeddings[i*a.Dim+k]), float64(b.Embeddings[j*b.Dim+k])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}

// leastCosine is the smallest cosine of an image's two embeddings.
func leastCosine(a, b judged) float64 {
	least := 1.0
	for i := range a.Votes {
		least = min(least, a.cosine(i, b, i))
	}
	return least
}

// gram is the largest difference of the cosines of two images.
func gram(a, b judged) (d float64) {
	for i := range a.Votes {
		for j := range i {
			d = max(d, math.Abs(a.cosine(i, a, j)-b.cosine(i, b, j)))
		}
	}
	return d
}
