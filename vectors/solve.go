package vectors

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/sparse"
)

// fitting is a fit whose graph is known.
type fitting struct {
	cfg       Config
	src       *vector.Source
	pieces    int
	counted   cooccur.Statistics // of codes in the graph
	landmarks *landmarks
	progress  manifold.Progress
	solved    *manifold.Solution // the last one
}

// engine finds so many smooth coordinates after the constant one.
func (f *fitting) engine(smooth int) (*manifold.Encoder, error) {
	dims, skip := smooth, 1
	if f.pieces > 1 { // the first coordinates are any combinations of the constant and others
		dims, skip = smooth+1, 0
	}
	return manifold.NewOfCodes(manifold.Config{
		Code:    sparse.Soft,
		Context: cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1},
		Dims:    dims, Skip: skip, Ridge: f.cfg.Ridge, Seed: f.cfg.Seed,
		Names: manifold.Names{Unit: "point", Units: "points", Groups: "groups"},
	}, f.src, f.cfg.Atoms)
}

// count counts codes in the graph. What is counted does not depend on how many coordinates are found.
func (f *fitting) count(ctx context.Context) error {
	e, err := f.engine(f.cfg.Dims)
	if err != nil {
		return err
	}
	f.counted, err = e.Collect(ctx, f.src, f.progress)
	return err
}

// solve finds so many smooth coordinates, unless they were found last.
func (f *fitting) solve(ctx context.Context, smooth int) (*manifold.Solution, error) {
	if f.solved != nil && len(f.solved.Kept) == smooth {
		return f.solved, nil
	}
	e, err := f.engine(smooth)
	if err != nil {
		return nil, err
	}
	s, err := e.Solve(ctx, f.counted, f.progress)
	if err == nil && f.pieces > 1 {
		s.Kept = withoutConstant(s.Kept, f.src.Means(f.cfg.Atoms), f.pieces)
	}
	f.solved = s
	return s, err
}

// withoutConstant turns the coordinates with the eigenvalue 0, one for each piece, so that the first of them is the
// constant, which it leaves out. means are those of codes. A Householder reflection takes the means of the coordinates
// to the first of them: the others have the mean 0.
func withoutConstant(kept []cooccur.Coordinate, means []float64, pieces int) []cooccur.Coordinate {
	n := min(pieces, len(kept))
	axis, square := make([]float64, n), 0.0
	for j, c := range kept[:n] {
		for a, x := range c.Atoms {
			axis[j] += means[a] * float64(x)
		}
		square += axis[j] * axis[j]
	}
	axis[0] += math.Copysign(math.Sqrt(square), axis[0])
	square = 0
	for _, x := range axis {
		square += x * x
	}
	for a := range kept[0].Atoms {
		product := 0.0
		for j, c := range kept[:n] {
			product += axis[j] * float64(c.Atoms[a])
		}
		for j, c := range kept[:n] {
			c.Atoms[a] -= float32(2 * axis[j] * product / square)
		}
	}
	return kept[1:]
}
