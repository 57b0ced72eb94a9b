package linalg

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// looks is a context that is done once it was looked at so many times.
type looks struct {
	context.Context
	left atomic.Int64
}

func (l *looks) Err() error {
	if l.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Factors and solutions of matrices of any size are given up in the middle.
func TestFactorsAreInterrupted(t *testing.T) {
	const n = 1200
	rng := rand.New(rand.NewPCG(1, 2))
	matrix := func() Matrix {
		x, a := random(rng, n, 20), New(n, n)
		AddMul(a, 1, x, x.T())
		for i := range n {
			a.Data[i*n+i]++
		}
		return a
	}
	whole := &looks{Context: context.Background()}
	const plenty = 1 << 40
	whole.left.Store(plenty)
	f, err := Factor(whole, matrix())
	if err != nil {
		t.Fatal(err)
	}
	// A look for each block of rows of a product, of a few million operations.
	if looked := plenty - whole.left.Load(); looked < 50 {
		t.Errorf("the context was looked at %d times", looked)
	}
	for _, most := range []int64{0, 1, 20, 45} {
		ctx := &looks{Context: context.Background()}
		ctx.left.Store(most)
		if _, err := Factor(ctx, matrix()); !errors.Is(err, context.Canceled) {
			t.Errorf("after %d looks: error %v", most, err)
		}
		ctx.left.Store(most / 10)
		if err := f.SolveRows(ctx, random(rng, 30, n)); !errors.Is(err, context.Canceled) {
			t.Errorf("solving, after %d looks: error %v", most/10, err)
		}
	}
}
