// Package reuse makes slices in memory that was used before.
package reuse

import "slices"

// Slice is n values in the memory of s, or in new memory if s has no room for so many. They
// are to be written before they are read.
func Slice[T any](s []T, n int) []T {
	if n > cap(s) { // in the line of the caller, for which most calls are for nothing
		s = slices.Grow(s[:0], n)
	}
	return s[:n]
}

// Zeros is Slice of zeros.
func Zeros[T any](s []T, n int) []T {
	s = Slice(s, n)
	clear(s)
	return s
}
