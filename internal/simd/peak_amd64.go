//go:build amd64 && !purego

package simd

func peaksOf(tier string) peaks {
	switch tier {
	case "vnni":
		return peaks{float: peakAVX512, bytes: peakVNNI, sums: 24, lanes: 16}
	case "avx512":
		return peaks{float: peakAVX512, sums: 24, lanes: 16}
	case "avx2":
		return peaks{float: peakAVX2, sums: 12, lanes: 8}
	}
	return genericPeaks
}
