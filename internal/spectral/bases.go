package spectral

import (
	"math"
	"slices"
)

// Bases solves a problem on one basis, or on two that have nothing to do with each other, the even one and the odd one.
//
// sizes are those of the bases. The result has, of each basis, all of its solutions that are among the k
// smallest of both, and maybe more. values are the eigenvalues of what solve returns.
//
// solve(basis, k, beside) solves on one basis. beside are eigenvalues on the other, sorted, or nil. The result
// has the solutions that are among the k smallest of the basis's own values and those beside.
//
// An odd basis of size 0, where every atom is its own flip, is not solved: its solution is the zero S.
//
// The order saves work, as the smooth coordinates are mostly even: of photographs, three in four or more.
//
//  1. The odd basis is solved for 5/16 of k, which is more than it mostly has.
//  2. The even basis is solved beside those, for what is missing.
//  3. The odd basis may have more than 5/16: its last value is then among the k smallest. It is solved again,
//     beside the even one.
func Bases[S any](sizes []int, k int, values func(S) []float64, solve func(basis, k int, beside []float64) (S, error)) ([]S, error) {
	if len(sizes) == 1 || sizes[1] == 0 {
		all := make([]S, len(sizes))
		var err error
		all[0], err = solve(0, min(k, sizes[0]), nil)
		return all, err
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
