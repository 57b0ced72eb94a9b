package spectral

import (
	"math"
	"slices"
)

// Parts solves a problem that falls into one part or two, of some sizes: of each it returns the eigenpairs
// that are among the k smallest of all, and maybe more. solve finds, of one part, those that
// are among the k smallest of its own and of the values beside, sorted, of the other.
//
// Where flips split the problem in two, smooth coordinates are mostly even: of
// photographs three in four or more. So the second part, the odd one, is solved first, for what it
// rarely has more of, then the first for what is missing beside those; and the second
// once more if it has more after all.
func Parts(sizes []int, k int, solve func(part, k int, beside []float64) (*Solution, error)) ([]*Solution, error) {
	if len(sizes) == 1 {
		s, err := solve(0, min(k, sizes[0]), nil)
		return []*Solution{s}, err
	}
	few := min(max(1, k*5/16), sizes[1])
	odd, err := solve(1, few, nil)
	if err != nil {
		return nil, err
	}
	even, err := solve(0, min(k, sizes[0]+few), odd.Values)
	if err != nil {
		return nil, err
	}
	all := []*Solution{even, odd}
	last := math.Inf(1) // of the k smallest
	if values := sorted(all); len(values) >= k {
		last = values[k-1]
	}
	if few < min(k, sizes[1]) && odd.Values[few-1] < last {
		all[1], err = solve(1, min(k, sizes[1]+len(even.Values)), even.Values)
	}
	return all, err
}

func sorted(all []*Solution) (values []float64) {
	for _, s := range all {
		values = append(values, s.Values...)
	}
	slices.Sort(values)
	return values
}
