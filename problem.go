package smt

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
	"github.com/sparse-manifold/smt/spectral"
)

// statistics is either of the two kinds: cooccur.Statistics, or, for the largest
// dictionaries, cooccur.Packed.
type statistics interface {
	Accumulate(batch []*sparse.Codes) error
	Save(path string, notes map[string]string) error
}

// imagesOf is the number of images that s is of.
func imagesOf(s statistics) int64 {
	switch s := s.(type) {
	case *cooccur.Statistics:
		return s.Images
	case *cooccur.Packed:
		return s.Images
	}
	panic("smt: statistics of an unknown kind")
}

// packedAtoms is the size from which on statistics are packed: they would take
// more than 2 GB otherwise. Tests make it small.
var packedAtoms = 16384

// packs reports whether the statistics are packed.
func (c Config) packs() bool {
	return c.Atoms > packedAtoms && c.Flips && c.Context.Kind == cooccur.Image && c.Code != sparse.Soft
}

func (e *Encoder) empty() (statistics, error) {
	if !e.cfg.packs() {
		return e.Statistics()
	}
	s, err := cooccur.NewPacked(e.dict.Mirror, e.rows, e.cols)
	if err != nil {
		return nil, fmt.Errorf("smt: %d atoms, step %d: statistics of so many atoms take a few patches an image, a larger step leaves fewer: %w",
			e.cfg.Atoms, e.cfg.Step, err)
	}
	s.Encoder = e.identity
	return s, nil
}

// problem is the eigenproblem L p = λ V p of some statistics. It splits where
// bases say so.
type problem struct {
	images, coded int64
	bases         []cooccur.Basis
	// solve finds, on the codes that b spans, those of the n smoothest coordinates
	// that are among the values beside, of the rest.
	solve func(ctx context.Context, b cooccur.Basis, n int, beside []float64) (*spectral.Solution, error)
	// forms returns YVYᵀ and YLYᵀ for linear forms on the coordinates of b.
	forms func(ctx context.Context, b cooccur.Basis, y linalg.Matrix) (v, l linalg.Matrix, err error)
}

func (e *Encoder) problem(s statistics, o options) problem {
	bases := cooccur.Bases(e.dict.N(), e.dict.Mirror)
	ridge, seed := e.cfg.Ridge, e.cfg.Seed
	switch s := s.(type) {
	// The matrices of a part are as large as anything: the last ones must be gone before
	// the next are made.
	case *cooccur.Statistics:
		return problem{s.Images, s.Coded, bases,
			func(ctx context.Context, b cooccur.Basis, n int, beside []float64) (*spectral.Solution, error) {
				debug.FreeOSMemory()
				p := s.Pencil(b)
				return spectral.Smallest(ctx, p.V, p.L, n, beside, ridge, seed)
			},
			func(ctx context.Context, b cooccur.Basis, y linalg.Matrix) (v, l linalg.Matrix, err error) {
				debug.FreeOSMemory()
				p := s.Pencil(b)
				if v, err = form(ctx, y, p.V); err == nil {
					l, err = form(ctx, y, p.L)
				}
				return v, l, err
			}}
	case *cooccur.Packed:
		return problem{s.Images, s.Coded, bases,
			func(ctx context.Context, b cooccur.Basis, n int, beside []float64) (*spectral.Solution, error) {
				debug.FreeOSMemory()
				stage := map[int]string{1: "solving even part", -1: "solving odd part"}[b.Parity]
				total := 3 * (n - len(beside)) // a guess: nobody knows how many steps it takes
				o.report(stage, 0, total)
				defer func() { o.report(stage, total, total) }()
				return spectral.SmallestOfDifference(ctx, s.V(b), s.Between(b), n, beside, ridge, seed, func(steps int) {
					for steps >= total {
						total *= 2
					}
					o.report(stage, steps, total)
				})
			},
			func(ctx context.Context, b cooccur.Basis, y linalg.Matrix) (v, l linalg.Matrix, err error) {
				debug.FreeOSMemory()
				if v, err = form(ctx, y, s.V(b)); err != nil {
					return v, l, err
				}
				l = linalg.New(v.Rows, v.Cols)
				between := s.BetweenForm(b, y)
				for i := range l.Data {
					l.Data[i] = v.Data[i] - between.Data[i]
				}
				return v, l, nil
			}}
	}
	panic("smt: statistics of an unknown kind")
}
