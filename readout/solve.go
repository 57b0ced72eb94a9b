package readout

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/internal/spectral"
)

const (
	// above is how far μ is above |λ_min|, below which K + μI is not positive definite.
	above = 1.1
	// leastMu is μ of a K without negative eigenvalues.
	leastMu = 1e-3
	// enough is the part of the right side that a residual may have: a tenth of it gives the same accuracy ("The readout" in
	// docs/research). mostSteps bounds the steps. To a tenth of enough 1,500 items take 18 and 6,000 take 30, about as the
	// cube root of their number.
	enough    = 1e-2
	mostSteps = 200
)

// smallest is λ_min of K, by the block Lanczos method. The values that it finds come down to λ_min.
func (k *kernel) smallest(ctx context.Context) (float64, error) {
	ones := make([]float64, k.n)
	for i := range ones {
		ones[i] = 1
	}
	x, y := linalg.New(k.n, simd.Bundle), linalg.New(k.n, simd.Bundle)
	column := make([]float32, k.n)
	var failed error
	times := func(in, out linalg.Bundle) {
		for v := range simd.Bundle {
			in.Get(v, column)
			for i, c := range column {
				x.Data[i*simd.Bundle+v] = c
			}
		}
		if err := k.times(ctx, y, x); err != nil {
			failed = err
		}
		for v := range simd.Bundle {
			for i := range column {
				column[i] = y.Data[i*simd.Bundle+v]
			}
			out.Set(v, column)
		}
	}
	s, err := spectral.SmallestOfDiagonal(ctx, ones, 0, times, spectral.Search{K: 1})
	if failed != nil {
		err = failed
	}
	if err != nil {
		return 0, fmt.Errorf("the least eigenvalue of the kernel: %w", err)
	}
	return s.Values[0], nil
}

// solution is what solve found.
type solution struct {
	a        linalg.Matrix // n × columns
	steps    int
	residual float64 // the largest of all columns, as a part of the right side
}

// solve finds A with (K + μI)·A = Y by conjugate gradients, all columns at once, each with its own steps. The first so many columns have
// all rows. Each so many after them leave out the rows that one of left lists: K and Y have zeros there, and so has A.
//
// Each step checks that pᵀ(K + μI)p is positive: where it is not, the method goes on and finds something else.
func (k *kernel) solve(ctx context.Context, mu float64, y linalg.Matrix, left [][]int, columns int, report func(stage string, done, total int)) (*solution, error) {
	n, m := y.Rows, y.Cols
	mask := func(x linalg.Matrix) {
		for f, rows := range left {
			for _, i := range rows {
				clear(x.Row(i)[(1+f)*columns : (2+f)*columns])
			}
		}
	}
	r, p, ap := linalg.New(n, m), linalg.New(n, m), linalg.New(n, m)
	s := &solution{a: linalg.New(n, m)}
	for i := range n {
		copy(r.Row(i), y.Row(i))
	}
	mask(r)
	copy(p.Data, r.Data)
	start := dots(r, r)
	old := start
	for {
		s.residual = 0
		for c, v := range old {
			if start[c] > 0 {
				s.residual = max(s.residual, math.Sqrt(v/start[c]))
			}
		}
		report("solving", s.steps, mostSteps)
		if s.residual <= enough {
			report("solving", mostSteps, mostSteps)
			return s, nil
		}
		if s.steps == mostSteps {
			return nil, fmt.Errorf("conjugate gradients: after %d steps a residual of %.2g is left: want %g", s.steps, s.residual, enough)
		}
		if err := k.times(ctx, ap, p); err != nil {
			return nil, err
		}
		add(ap, p, each(m, mu))
		mask(ap)
		pap := dots(p, ap)
		alpha, minus := make([]float64, m), make([]float64, m)
		for c, v := range old {
			if v == 0 {
				continue
			}
			if !(pap[c] > 0) {
				return nil, fmt.Errorf("conjugate gradients: pᵀ(K + μI)p is %.3g in step %d: the kernel and μ = %.4g are not positive definite", pap[c], s.steps, mu)
			}
			alpha[c], minus[c] = v/pap[c], -v/pap[c]
		}
		add(s.a, p, alpha)
		add(r, ap, minus)
		now := dots(r, r)
		for c := range now {
			if old[c] > 0 {
				alpha[c] = now[c] / old[c]
			}
		}
		rows(n, func(i int) {
			to, from := p.Row(i), r.Row(i)
			for c, v := range from {
				to[c] = v + float32(alpha[c])*to[c]
			}
		})
		old = now
		s.steps++
	}
}

func each(m int, v float64) []float64 {
	x := make([]float64, m)
	for i := range x {
		x[i] = v
	}
	return x
}

// add adds to each column of y that of x, times its weight.
func add(y, x linalg.Matrix, weights []float64) {
	rows(y.Rows, func(i int) {
		to := y.Row(i)
		for c, v := range x.Row(i) {
			to[c] += float32(weights[c]) * v
		}
	})
}

// dots are the products of each column of x with that of y, in float64, summed in an order that the sizes fix.
func dots(x, y linalg.Matrix) []float64 {
	parts := make([][]float64, (x.Rows+pieceRows-1)/pieceRows)
	parallel.For(len(parts), func(_, p int) {
		sums := make([]float64, x.Cols)
		for i := p * pieceRows; i < min(x.Rows, (p+1)*pieceRows); i++ {
			other := y.Row(i)
			for c, v := range x.Row(i) {
				sums[c] += float64(v) * float64(other[c])
			}
		}
		parts[p] = sums
	})
	total := make([]float64, x.Cols)
	for _, part := range parts {
		for c, v := range part {
			total[c] += v
		}
	}
	return total
}

const pieceRows = 512

// rows calls f for all rows, on all workers.
func rows(n int, f func(i int)) {
	parallel.For((n+pieceRows-1)/pieceRows, func(_, p int) {
		for i := p * pieceRows; i < min(n, (p+1)*pieceRows); i++ {
			f(i)
		}
	})
}
