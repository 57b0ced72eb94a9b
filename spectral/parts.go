package spectral

import (
	"math"
	"slices"
)

// Parts solves a problem that falls into parts of some sizes: of each it returns the eigenpairs
// that are among the k smallest of all, and maybe more. solve finds, of one part, those that
// are among the k smallest of its own and of the values beside, sorted, of the others.
//
// Where flips split the problem in two, smooth coordinates are mostly even: of
// photographs four in five. The first part, the even one, is solved for a few more than that, and
// for as many as it takes only if it turns out to have more.
func Parts(sizes []int, k int, solve func(part, k int, beside []float64) (*Solution, error)) ([]*Solution, error) {
	most := min(k, sizes[0])
	first := most
	if len(sizes) > 1 {
		first = min(k-k/8, most)
	}
	s, err := solve(0, first, nil)
	if err != nil {
		return nil, err
	}
	all := []*Solution{s}
	for part := 1; part < len(sizes); part++ {
		beside := sorted(all)
		if s, err = solve(part, min(k, len(beside)+sizes[part]), beside); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if first == most {
		return all, nil
	}
	last := math.Inf(1) // of the k smallest
	if values := sorted(all); len(values) >= k {
		last = values[k-1]
	}
	if all[0].Values[len(all[0].Values)-1] < last {
		beside := sorted(all[1:])
		if all[0], err = solve(0, min(k, sizes[0]+len(beside)), beside); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func sorted(all []*Solution) (values []float64) {
	for _, s := range all {
		values = append(values, s.Values...)
	}
	slices.Sort(values)
	return values
}
