//go:build !checked

package simd

const checked = false
