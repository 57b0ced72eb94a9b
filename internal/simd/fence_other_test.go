//go:build !linux

package simd

import "testing"

// fenced is a slice of n values. Linux has a fence behind it.
func fenced[T any](_ testing.TB, n int) []T { return make([]T, n) }
