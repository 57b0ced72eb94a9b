package groups

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// mostGroups bounds the number of groups where none is given.
const mostGroups = 24

// Candidate is a number of groups that was tried.
type Candidate struct {
	Groups     int     `json:"groups"`
	Modularity float64 `json:"modularity"` // of the division into so many
}

// Gap is the number of groups, 2 or more, by the eigengap: the next value is furthest below
// the last of so many. The values come largest first. Of fewer than three values it is 2.
func Gap(values []float64) int {
	k, widest := 2, 0.0
	for i := 2; i < len(values) && i <= mostGroups; i++ {
		if gap := values[i-1] - values[i]; gap > widest {
			k, widest = i, gap
		}
	}
	return k
}

// candidates are the numbers of groups from 2 on, up to mostGroups, that of the largest modularity first and of equal ones the
// smallest, and the division into the first of them. vectors are the eigenvectors of S. Of more items than sampledKmeans takes, some have
// the groups found, and all are divided: the winner is to be divided anew, and its division is nil.
func (l links) candidates(ctx context.Context, vectors linalg.Matrix, seed uint64, report func(done, total int)) (all []Candidate, best []int, err error) {
	most := min(l.Rows(), mostGroups)
	largest := math.Inf(-1)
	for k := 2; k <= most; k++ {
		of, err := sampledKmeans(ctx, rows(vectors, k), k, seed)
		if err != nil {
			return nil, nil, err
		}
		c := Candidate{k, l.modularity(of)}
		if all = append(all, c); c.Modularity > largest && l.Rows() <= sampled {
			largest, best = c.Modularity, of
		}
		report(k-1, most-1)
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Modularity, a.Modularity) })
	return all, best, nil
}

// modularity is the share of the weights that is within groups, less what it would be of weights thrown in at random
// between items of the same degrees (Newman and Girvan, Physical Review E 2004):
//
//	Q = Σ_c (w(c, c)/w − (d(c)/w)²)
//
// It is 0 of one group, and of items without weights.
func (l links) modularity(of []int) float64 {
	degrees := make([]float64, slices.Max(of)+1)
	var inside, all float64
	for i, d := range l.degrees() {
		degrees[of[i]] += d
		all += d
		for e := l.Start[i]; e < l.Start[i+1]; e++ {
			if of[l.Column[e]] == of[i] {
				inside += float64(l.Value[e])
			}
		}
	}
	if all == 0 {
		return 0
	}
	q := inside / all
	for _, d := range degrees {
		q -= d / all * d / all
	}
	return q
}
