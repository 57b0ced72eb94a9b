package server

import (
	"context"
	"net/http"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
)

// leastMargin is that of near-duplicates that are asked for: one of 0 stands for the one that is chosen.
const leastMargin = 0.001

// findDuplicates reads by which margin. The duplicates of the one that is chosen are kept beside others.
func (s *Index) findDuplicates(r *http.Request) (*long, error) {
	margin, err := amount(r, "threshold", leastMargin, 1, 0)
	if err != nil {
		return nil, err
	}
	q := &long{kind: "duplicates", of: margin}
	if margin != 0 {
		q.kind = "duplicates by a threshold"
	}
	q.find = func(ctx context.Context) (any, error) {
		g, err := s.related(ctx, answers.DuplicatesMemory(s.x.Len(), margin))
		if err != nil {
			return nil, err
		}
		found, err := answers.FindDuplicates(ctx, s.x, g, margin, s.report)
		if err != nil {
			return nil, err
		}
		found.Index = s.o.Name
		return found, nil
	}
	return q, nil
}

// outliersMost bounds the outliers that an answer has. So many are kept.
const outliersMost = 10000

func (s *Index) findOutliers(r *http.Request) (*long, error) {
	most, err := between(r, "most", 1, outliersMost, 20)
	if err != nil {
		return nil, err
	}
	find := func(ctx context.Context) (any, error) {
		g, err := s.related(ctx, 0)
		if err != nil {
			return nil, err
		}
		found, err := answers.FindOutliers(ctx, s.x, g, outliersMost, s.report)
		if err != nil {
			return nil, err
		}
		found.Index = s.o.Name
		found.All = nil // no answer has them
		return found, nil
	}
	some := func(all any) any { return all.(*answers.Outliers).First(most) }
	return &long{"outliers", nil, find, some}, nil
}

// groupsMost bounds the groups that are asked for: the solver holds a vector of all items for each.
const groupsMost = 200

func (s *Index) findGroups(r *http.Request) (*long, error) {
	k, err := between(r, "k", 2, min(groupsMost, s.x.Len()), 0)
	if err != nil {
		return nil, err
	}
	find := func(ctx context.Context) (any, error) {
		g, err := s.related(ctx, groups.Memory(s.x.Len(), graph.Nearest, k))
		if err != nil {
			return nil, err
		}
		found, err := answers.FindGroups(ctx, s.x, g, answers.Division{K: k, Seed: answers.Seed}, s.report)
		if err != nil {
			return nil, err
		}
		found.Index = s.o.Name
		found.All, found.Of = nil, nil // no answer has them
		return found, nil
	}
	return &long{kind: "groups", of: k, find: find}, nil
}
