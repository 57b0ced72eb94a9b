package spectral

import (
	"math"
	"slices"
)

// Parts solves a problem that falls into one part or two, of some sizes. Of each part it
// returns the solutions that are among the k smallest of all, and maybe more. solve finds
// those of one part that are among the k smallest of its own and of the values beside, which
// are sorted and of the other part. values are the eigenvalues of what solve returns.
//
// Where flips split the problem in two, smooth coordinates are mostly even: of
// photographs three in four or more. So the second part, the odd one, is solved first, for what it
// rarely has more of, then the first for what is missing beside those; and the second
// once more if it has more after all.
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
