package smt_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
)

// Statistics of two shards add up to a model with the bytes of the whole.
func TestShards(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "l1", "window", "gray views"} {
		ctx := context.Background()
		src := colour(120)
		e, err := smt.NewEncoder(ctx, src, variants()[name])
		if err != nil {
			t.Fatal(err)
		}
		collect := func(s dataset.Source) cooccur.Statistics {
			c, err := e.Collect(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		sum := collect(dataset.Slice(src, 70, 120))
		if err := sum.Add(collect(dataset.Slice(src, 0, 70))); err != nil {
			t.Fatal(err)
		}
		whole, err := e.Solve(ctx, collect(src))
		if err != nil {
			t.Fatal(err)
		}
		parts, err := e.Solve(ctx, sum)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(saved(t, whole), saved(t, parts)) {
			t.Errorf("%s: shards gave a different model", name)
		}
	}
}

// With Step, statistics are those of the codes of patches Step apart, as far from
// one edge as from the other.
func TestStepThinsOutPatches(t *testing.T) {
	cfg := small()
	m := fitted(t, cfg)
	src := dataset.Slice(colour(120), 0, 9) // 10 × 11 patches
	for step, want := range map[int]struct{ rows, cols []int }{
		2: {[]int{0, 2, 4, 6, 8}, []int{0, 2, 4, 6, 8, 10}},
		3: {[]int{0, 3, 6, 9}, []int{0, 3, 6, 9}},
		4: {[]int{0, 4, 8}, []int{1, 5, 9}},
	} {
		cfg.Step = step
		e, err := smt.NewEncoder(context.Background(), colour(120), cfg)
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		got := s.(*cooccur.Dense)
		v := make([]int64, len(got.V))
		for i := range src.Len() {
			r, err := explain.Read(m, src, i, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, y := range want.rows {
				for _, x := range want.cols {
					atoms := r.Codes.Row(y*r.Cols + x)
					for k, a := range atoms {
						for _, b := range atoms[:k+1] {
							v[int(a)*(int(a)+1)/2+int(b)]++
						}
					}
				}
			}
		}
		if !slices.Equal(got.V, v) {
			t.Errorf("step %d: V is not that of the patches %d apart", step, step)
		}
		if got.Grid != (cooccur.Grid{len(want.rows), len(want.cols)}) {
			t.Errorf("step %d: a grid of %v", step, got.Grid)
		}
	}
}

func TestStatisticsOfAnotherEncoderAreRefused(t *testing.T) {
	ctx := context.Background()
	a, err := smt.NewEncoder(ctx, colour(60), small())
	if err != nil {
		t.Fatal(err)
	}
	other := small()
	other.Seed = 2
	b, err := smt.NewEncoder(ctx, colour(60), other)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Collect(ctx, colour(60))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Solve(ctx, s); err == nil || strings.ContainsAny(err.Error(), "{}") {
		t.Errorf("error %v of statistics of other atoms, want one in words", err)
	}
	o, err := b.Collect(ctx, colour(60))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(o); err == nil {
		t.Error("Add took statistics of other atoms")
	}
}
