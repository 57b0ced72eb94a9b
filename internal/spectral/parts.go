package spectral

import (
	"math"
	"slices"
)

// Parts solves a problem that falls into one part or into two, of the given sizes. It returns, for each
// part, what solve made of it: all of its solutions that are among the k smallest of both parts, and maybe
// more. values are the eigenvalues of what solve returns.
//
// solve(part, k, beside) solves one part. beside are eigenvalues of the other part, sorted, or nil. It
// returns the solutions that are among the k smallest of its own and those beside.
//
// The second part is the odd one where flips split a problem, and smooth coordinates are mostly even: three
// in four or more, of photographs. So the odd part is solved first, for the 5/16 of k that it rarely has more
// of. The even part is solved next, for what is missing beside those. If the odd part may have more after
// all, as its last value is among the k smallest, it is solved again beside the even one.
func Parts[S any](sizes []int, k int, values func(S) []float64, solve func(part, k int, beside []float64) (S, error)) ([]S, error) {
	if len(sizes) == 1 {
		s, err := solve(0, min(k, sizes[0]), nil)
		return []S{s}, err
	}
	few := min(max(1, k*5/16), sizes[1])
	odd, err := solve(1, few, nil)
	if err != nil {
		return nil, err
	}
	even, err := solve(0, min(k, sizes[0]+few), values(odd))
	if err != nil {
		return nil, err
	}
	all := []S{even, odd}
	last := math.Inf(1) // of the k smallest
	if s := sorted(all, values); len(s) >= k {
		last = s[k-1]
	}
	if few < min(k, sizes[1]) && values(odd)[few-1] < last {
		all[1], err = solve(1, min(k, sizes[1]+len(values(even))), values(even))
	}
	return all, err
}

func sorted[S any](all []S, values func(S) []float64) (sorted []float64) {
	for _, s := range all {
		sorted = append(sorted, values(s)...)
	}
	slices.Sort(sorted)
	return sorted
}
