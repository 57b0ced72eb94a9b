// Package shuffle chooses items by a hash of their number and a seed, not by a generator
// that someone has to draw from in the right order: the choice is the same on every platform.
package shuffle

import (
	"cmp"
	"slices"
)

// Order is the numbers below n in an order that depends on the seed.
func Order(n int, seed uint64) []int {
	// The mix is a bijection and the multiplier odd, so no two numbers tie.
	start := Mix(seed)
	key := func(i int) uint64 { return Mix(start + uint64(i)*0x9e3779b97f4a7c15) }
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(key(a), key(b)) })
	return order
}

// Sample is k of the numbers below n, sorted, or all if there are fewer: those that come
// first in Order.
func Sample(n, k int, seed uint64) []int {
	sample := Order(n, seed)[:min(k, n)]
	slices.Sort(sample)
	return sample
}

// Mix is the finalizer of splitmix64 (Steele, Lea, Flood 2014).
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
