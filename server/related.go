package server

import (
	"net/http"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
)

// findDuplicates keeps those of the threshold that is chosen.
func (s *Index) findDuplicates(r *http.Request) (any, error) {
	margin, err := amount(r, "threshold", leastMargin, 1, 0)
	if err != nil {
		return nil, err
	}
	if margin == 0 && s.duplicates != nil {
		return s.duplicates, nil
	}
	g, err := s.related(r.Context(), 0)
	if err != nil {
		return nil, err
	}
	found, err := answers.FindDuplicates(r.Context(), s.x, g, margin)
	if err != nil {
		return nil, err
	}
	found.Index = s.o.Name
	if margin == 0 {
		s.duplicates = found
	}
	return found, nil
}

const (
	leastMargin  = 0.001 // of near-duplicates that are asked for: one of 0 stands for the one that is chosen
	outliersMost = 10000 // that an answer has
)

func (s *Index) findOutliers(r *http.Request) (any, error) {
	most, err := between(r, "most", 1, outliersMost, 20)
	if err != nil {
		return nil, err
	}
	if s.outliers == nil {
		g, err := s.related(r.Context(), 0)
		if err != nil {
			return nil, err
		}
		if s.outliers, err = answers.FindOutliers(r.Context(), s.x, g, outliersMost, s.o.Progress); err != nil {
			return nil, err
		}
		s.outliers.Index = s.o.Name
		s.outliers.All = nil // no answer has them
	}
	some := *s.outliers
	some.Outliers = some.Outliers[:min(most, len(some.Outliers))]
	return &some, nil
}

// groupsMost bounds the groups that are asked for: the solver holds a vector of all items for each.
const groupsMost = 200

func (s *Index) findGroups(r *http.Request) (any, error) {
	k, err := between(r, "k", 2, min(groupsMost, s.x.Len()), 0)
	if err != nil {
		return nil, err
	}
	if s.groups != nil && s.groupsK == k {
		return s.groups, nil
	}
	g, err := s.related(r.Context(), groups.Memory(s.x.Len(), graph.Nearest, k))
	if err != nil {
		return nil, err
	}
	found, err := answers.FindGroups(r.Context(), s.x, g, answers.Division{K: k, Seed: answers.Seed}, s.o.Progress)
	if err != nil {
		return nil, err
	}
	found.Index = s.o.Name
	found.All, found.Of = nil, nil // no answer has them
	s.groups, s.groupsK = found, k
	return found, nil
}
