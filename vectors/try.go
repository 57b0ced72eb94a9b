package vectors

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/sparse"
)

// Tried is how well the neighbours of a sample of the points are kept by embeddings that are made of so many smooth coordinates.
type Tried struct {
	Smooth int `json:"smooth"`
	Preserved
}

// smoothEach are the numbers of smooth coordinates that are tried, for each coordinate of an embedding. More are tried if the last
// before is the best so far: to find many takes longer.
var smoothEach = [][]int{{2, 3, 4, 8, 12}, {40}}

const (
	sampled        = 2000 // points that are ranked
	sampledQueries = 500  // of them, about, whose neighbours are compared
	keptNeighbours = 10   // of each
	fewestAtoms    = 3    // for each smooth coordinate that is tried
)

// candidates are so many smooth coordinates for each coordinate of an embedding, as far as there are atoms for them, fewest first.
func (c Config) candidates(each []int) (all []int) {
	for _, e := range each {
		all = append(all, max(c.Dims, min(e*c.Dims, c.Atoms/fewestAtoms)))
	}
	return slices.Compact(all)
}

// try measures embeddings of numbers of smooth coordinates.
func (f *fitting) try(ctx context.Context, points *vector.Points, coder *vector.Coder) (tried []Tried, err error) {
	some, queries := sample(points)
	codes, err := coder.Encode(ctx, some)
	if err != nil {
		return nil, err
	}
	seen := newSpace(some)
	seen.keep(queries)
	for stage, each := range smoothEach {
		all := f.cfg.candidates(each)
		if last := len(tried) - 1; last >= 0 && (best(tried) < tried[last].Smooth || all[len(all)-1] <= tried[last].Smooth) {
			break
		}
		f.progress("choosing", stage, len(smoothEach))
		embedded, err := f.embeddings(ctx, codes, all)
		if err != nil {
			return nil, err
		}
		for i, x := range embedded {
			kept, err := measure(ctx, [2]*space{seen, newSpace(x)}, queries, min(keptNeighbours, (some.N()-1)/2))
			if err != nil {
				return nil, err
			}
			tried = append(tried, Tried{all[i], kept})
		}
	}
	f.progress("choosing", len(smoothEach), len(smoothEach))
	return tried, nil
}

// embeddings are those of codes, made of each of these numbers of smooth coordinates, fewest first. Smooth coordinates are nested: the
// first of many are those of few.
func (f *fitting) embeddings(ctx context.Context, codes *sparse.Codes, numbers []int) (all []*vector.Points, err error) {
	s, err := f.solve(ctx, numbers[len(numbers)-1])
	if err != nil {
		return nil, err
	}
	n, dims := codes.N(), f.cfg.Dims
	smooth := mat.NewDense(n, len(s.Kept), nil)
	parallel.For(n, func(_, i int) {
		for j, k := range s.Kept {
			smooth.Set(i, j, value(codes, i, k.Atoms))
		}
	})
	ways := newStraightener(f.landmarks, s.Kept)
	for _, m := range numbers {
		var coordinates mat.Dense
		if m > dims {
			q, err := ways.weights(m, dims)
			if err != nil {
				return nil, err
			}
			coordinates.Mul(smooth.Slice(0, n, 0, m), q)
		} else {
			coordinates.CloneFrom(smooth.Slice(0, n, 0, m))
		}
		x := &vector.Points{Dim: dims, X: make([]float32, n*dims)}
		for i, v := range coordinates.RawMatrix().Data {
			x.X[i] = float32(v)
		}
		all = append(all, x)
	}
	return all, nil
}

// sample is a part of the points, evenly spread. The first queries of them are evenly spread too.
func sample(p *vector.Points) (some *vector.Points, queries int) {
	n := min(p.N(), sampled)
	step := (n + sampledQueries - 1) / sampledQueries
	some = &vector.Points{Dim: p.Dim, X: make([]float32, 0, n*p.Dim)}
	for from := range step {
		for i := from; i < n; i += step {
			some.X = append(some.X, p.Row(i*p.N()/n)...)
		}
	}
	return some, (n + step - 1) / step
}

// best is the number of smooth coordinates of those tried that keeps most, of equal ones the fewest.
func best(tried []Tried) int {
	most := tried[0]
	for _, t := range tried[1:] {
		if t.Trust+t.Continuity > most.Trust+most.Continuity {
			most = t
		}
	}
	return most.Smooth
}

// checkTried reports what no choice of so many smooth coordinates leaves.
func checkTried(tried []Tried, smooth int) error {
	if len(tried) == 0 {
		return nil
	}
	for i, t := range tried {
		switch {
		case t.Smooth < 1 || i > 0 && t.Smooth <= tried[i-1].Smooth:
			return fmt.Errorf("data: tried: %s at place %d: want at least 1, fewest first", plural.Of(t.Smooth, "smooth coordinate"), i)
		case !(t.Trust >= -sumTolerance && t.Trust <= 1) || !(t.Continuity >= -sumTolerance && t.Continuity <= 1):
			return fmt.Errorf("data: tried: %s: trustworthiness %g and continuity %g: want 0 to 1", plural.Of(t.Smooth, "smooth coordinate"), t.Trust, t.Continuity)
		}
	}
	if b := best(tried); b != smooth {
		return fmt.Errorf("data: tried: %s keep most neighbours, and the model is made of %d: want as many", plural.Of(b, "smooth coordinate"), smooth)
	}
	return nil
}
