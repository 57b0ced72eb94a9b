package estimate_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/layout"
)

// drawnRows are random embeddings, which are made as they are read.
type drawnRows struct {
	rows []int
	dim  int
}

func (s drawnRows) Len() int                 { return len(s.rows) }
func (s drawnRows) Dim() int                 { return s.dim }
func (s drawnRows) Even() int                { return s.dim / 2 }
func (s drawnRows) ID(i int) (string, error) { return strconv.Itoa(s.rows[i]), nil }

func (s drawnRows) Pick(rows []int) embedding.Set {
	picked := drawnRows{dim: s.dim}
	for _, r := range rows {
		picked.rows = append(picked.rows, s.rows[r])
	}
	return picked
}

func (s drawnRows) Blocks(_ context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		block := make([]float32, min(n, s.Len())*s.dim)
		for first := 0; first < s.Len(); first += n {
			rows := s.rows[first:min(first+n, s.Len())]
			for i, r := range rows {
				rng := rand.New(rand.NewPCG(uint64(r), 1))
				for k := range s.dim {
					block[i*s.dim+k] = float32(rng.Float64() - 0.5)
				}
			}
			if !yield(block[:len(rows)*s.dim], nil) {
				return
			}
		}
	}
}

// lookAtGraph does what smt map does with an index, but for the page, and returns the estimate of its peak.
func lookAtGraph(ctx context.Context, n, dim int) (int64, error) {
	set := drawnRows{dim: dim}
	for i := range n {
		set.rows = append(set.rows, i)
	}
	making, held := graph.Memory(n, dim, graph.Nearest)
	need := memory.Estimate(max(making, held+groups.Memory(n, graph.Nearest, 0), held+layout.Memory(n, graph.Nearest)))
	g, err := graph.New(ctx, set, graph.Nearest, nil)
	if err != nil {
		return 0, err
	}
	if _, err := groups.Find(ctx, g, 0, 1, nil); err != nil {
		return 0, err
	}
	near, start := make([][]layout.Near, n), make([]layout.Point, n)
	for i := range near {
		start[i] = layout.Point{X: float64(i), Y: float64(i % 7)}
		for _, v := range g.Near(i) {
			near[i] = append(near[i], layout.Near{Index: int32(v.Index), Square: 2 - 2*v.Cosine})
		}
	}
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err = layout.TSNE(stop, layout.Gaussian(near, graph.Nearest), start, func(step, _ int) {
		if step == 20 { // the others take no more
			cancel()
		}
	})
	if stop.Err() != nil {
		err = ctx.Err()
	}
	return need, err
}

func TestEstimatesOfGraphsAgreeWithMeasuredPeaks(t *testing.T) {
	memorytest.Skip(t)
	for name, c := range map[string]peakCase{
		"long embeddings":  {Work: "graph", Images: 9000, Components: 2000},
		"short embeddings": {Work: "graph", Images: 60_000, Components: 20},
	} {
		t.Run(name, func(t *testing.T) {
			memorytest.Late(t)
			memorytest.Compare(t, c)
		})
	}
}
