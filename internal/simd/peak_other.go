//go:build !amd64 || purego

package simd

func peaksOf(string) peaks { return genericPeaks }
