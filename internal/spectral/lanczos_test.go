package spectral

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// withValues is a symmetric matrix with some eigenvalues.
func withValues(values []float64, seed uint64) linalg.Matrix {
	n := len(values)
	q := orthogonal(n, rand.New(rand.NewPCG(seed, 4)))
	scaled, a := linalg.New(n, n), linalg.New(n, n)
	for i := range n {
		for j, v := range values {
			scaled.Row(i)[j] = q.At(i, j) * float32(v)
		}
	}
	linalg.AddMul(a, 1, scaled, q.T())
	return a
}

// Where blocks lose their rank, since A has few different eigenvalues or hardly any
// size, new directions take the place of what vanishes: T remains A in another basis.
func TestLanczosOfDeficientBlocks(t *testing.T) {
	for name, value := range map[string]func(i int) float64{
		"different":     func(i int) float64 { return float64(i) / 10 },
		"zero":          func(int) float64 { return 0 },
		"the identity":  func(int) float64 { return 1 },
		"two values":    func(i int) float64 { return float64(i % 2) },
		"one apart":     func(i int) float64 { return []float64{1, 0.5}[min(1, i/9)] },
		"fives":         func(i int) float64 { return float64(i / 5) },
		"tiny":          func(i int) float64 { return 1e-6 * float64(i) },
		"of both signs": func(i int) float64 { return float64(i%7) - 3 },
	} {
		for _, n := range []int{1, 2, 7, 8, 9, 16, 27, 60} {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				values := make([]float64, n)
				size := 1e-30
				for i := range values {
					values[i] = value(i)
					size = max(size, math.Abs(values[i]))
				}
				a := withValues(values, uint64(n))
				slices.Sort(values)
				for _, k := range []int{1, (n + 1) / 2, n} {
					s, err := lanczos(context.Background(), operator{n, padded(a).Times}, func(v []float64) int { return min(k, len(v)) }, 1, nil)
					if err != nil {
						t.Fatal(err)
					}
					for i, v := range s.Values {
						if d := math.Abs(v - values[i]); d > 1e-5*size {
							t.Errorf("%d wanted: eigenvalue %d is off by %g", k, i, d)
						}
					}
					isEigen(t, s, a, size)
				}
			})
		}
	}
}

// isEigen demands that vectors are orthonormal and A multiplies them with their values.
func isEigen(t *testing.T, s *Solution, a linalg.Matrix, size float64) {
	t.Helper()
	x := float64s(s.Vectors)
	isDiagonal(t, "the products of vectors", formOf(x, nil), ones, 1e-5)
	multiplies(t, x, sym(a), s.Values, 2e-5*size)
}

// multiplies demands that a multiplies rows of x with their values.
func multiplies(t *testing.T, x *mat.Dense, a mat.Symmetric, values []float64, within float64) {
	t.Helper()
	var ax mat.Dense
	ax.Mul(x, a)
	for i, value := range values {
		for j := range a.SymmetricDim() {
			if d := math.Abs(ax.At(i, j) - value*x.At(i, j)); !(d <= within) {
				t.Fatalf("vector %d is no eigenvector: off by %g", i, d)
			}
		}
	}
}

func TestSmallestDoesNotDependOnWorkers(t *testing.T) {
	v, l := pencil(300, 6)
	for name, solve := range solvers {
		run := func(workers int) *Solution {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
			s, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: 40, Ridge: 1e-4, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		serial, parallel := run(1), run(3)
		if !slices.Equal(serial.Values, parallel.Values) || !slices.Equal(serial.Vectors.Data, parallel.Vectors.Data) {
			t.Errorf("%s: 1 and 3 workers disagree", name)
		}
	}
}

func itself(values []float64) []float64 { return values }

// The eigenpairs on bases are those of the whole, however many either has of the smallest.
func TestBases(t *testing.T) {
	for _, k := range []int{1, 5, 16, 40} {
		for _, split := range []int{1, 10, 20, 39, 40} { // of 40 values, so many on the first basis
			var bases [2][]float64
			for i := range 40 {
				p := 0
				if i*7%40 >= split {
					p = 1
				}
				bases[p] = append(bases[p], float64(i))
			}
			got, err := Bases([]int{len(bases[0]), len(bases[1])}, k, itself, func(basis, k int, beside []float64) ([]float64, error) {
				if !slices.IsSorted(beside) || k < 1 || k > len(bases[basis])+len(beside) {
					t.Fatalf("%d values wanted on basis %d beside %v", k, basis, beside)
				}
				return bases[basis][:among(bases[basis], beside, k)], nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range sorted(got, itself)[:k] {
				if v != float64(i) {
					t.Errorf("%d of bases of %d and %d: value %d is %g", k, split, 40-split, i, v)
				}
			}
		}
	}
}
