// Package involution looks at permutations that are their own inverse, as flips are.
package involution

// Fault is the first place that p does not lead to one that leads back, −1 if p is an involution.
func Fault[T uint16 | int](p []T) int {
	for i, to := range p {
		if to < 0 || int(to) >= len(p) || int(p[to]) != i {
			return i
		}
	}
	return -1
}
