package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// gemm compares a product of float32 matrices with numpy's. Both overwrite C.
func gemm(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("gemm")
	if err != nil {
		return nil, err
	}
	defer remove()
	n := b.side
	rng := rand.New(rand.NewPCG(1, 1))
	x, y, c := linalg.New(n, n), linalg.New(n, n), linalg.New(n, n)
	for i := range x.Data {
		x.Data[i], y.Data[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
	}
	if err := errors.Join(save(dir, "a", x.Data, n, n), save(dir, "b", y.Data, n, n)); err != nil {
		return nil, err
	}
	best, _, err := b.against(ctx, "gemm", dir, 3*b.rounds, timed(func() error {
		clear(c.Data)
		linalg.AddMul(c, 1, x, y)
		return nil
	}))
	if err != nil {
		return nil, err
	}
	theirs, err := load[float32](dir, "c", n*n)
	if err != nil {
		return nil, err
	}
	// Values are about √n; their rounding errors, sums of n, some √n·ε of that.
	worst, allowed := 0.0, 100*float64(n)*0x1p-24
	for i, v := range c.Data {
		worst = max(worst, math.Abs(float64(v)-float64(theirs[i])))
	}
	if !(worst <= allowed) {
		return nil, fmt.Errorf("products differ by %g, want at most %g", worst, allowed)
	}
	progress("gemm: products differ by %.2g at most", worst)
	return []Result{seconds("gemm", best[0], best[1], 0.9, fmt.Sprintf("%d × %d × %d float32; numpy.dot", n, n, n))}, nil
}
