package spectral

import (
	"math"
	"slices"
)

// Parts solves a problem of one part, or of two that have nothing to do with each other.
//
// sizes are those of the parts. The result has, of each part, all of its solutions that are among the k
// smallest of both parts, and maybe more. values are the eigenvalues of what solve returns.
//
// solve(part, k, beside) solves one part. beside are eigenvalues of the other part, sorted, or nil. The result
// has the solutions that are among the k smallest of the part's own values and those beside.
//
// The order saves work. Where flips split a problem, the second part is the odd one, and the smooth coordinates
// are mostly even: of photographs, three in four or more.
//
//  1. The odd part is solved for 5/16 of k, which is more than it mostly has.
//  2. The even part is solved beside those, for what is missing.
//  3. The odd part may have more than 5/16: its last value is then among the k smallest. It is solved again,
//     beside the even part.
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
