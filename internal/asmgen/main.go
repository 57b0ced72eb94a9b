// Command asmgen writes the assembly of internal/simd.
//
// Every tile kernel has the same skeleton. A step of the inner loop takes four
// bytes of each of six rows of A (one float32, two int16 or four int8),
// broadcasts them, and multiplies them into a panel of B that holds four bytes
// for each of its columns: 64 columns with AVX-512, 16 with AVX2. The 6 × 64
// (6 × 16) products stay in registers until the last step; what happens to them
// then is the epilogue: they are added to C, or compared with two thresholds
// and only the bits of the answers are stored.
//
// It is a module of its own so that avo is not a dependency of smt.
package main

import . "github.com/mmcloughlin/avo/build"

//go:generate go run . -out ../simd/kernels_amd64.s -stubs ../simd/kernels_amd64.go -pkg simd

func main() {
	ConstraintExpr("amd64,!purego")

	gemm("gemmAVX512", avx512, float, float32s)
	gemm("gemmAVX2", avx2, float, float32s)
	gemm("gemm16AVX512", avx512, words, integers)
	gemm("gemm16AVX2", avx2, words, integers)
	gemm("gemm16VNNI", avx512, wordsVNNI, integers)
	gemm("gemm8VNNI", avx512, bytesVNNI, integers)

	mask("maskAVX512", avx512, float, float32s, false)
	mask("maskAVX2", avx2, float, float32s, false)
	mask("mask8VNNI", avx512, bytesVNNI, integers, false)
	mask("maskMirroredAVX512", avx512, float, float32s, true)
	mask("maskMirroredAVX2", avx2, float, float32s, true)
	mask("mask8MirroredVNNI", avx512, bytesVNNI, integers, true)

	gatherAdd("gatherAVX512", avx512)
	gatherAdd("gatherAVX2", avx2)
	sumWords("sumWordsAVX512", avx512)
	sumWords("sumWordsAVX2", avx2)
	dotRows("dotRowsAVX512", avx512, false)
	dotRows("dotRowsAVX2", avx2, false)
	dotRows("dotBytesAVX512", avx512, true)
	dotRows("dotBytesAVX2", avx2, true)
	dotNibbles("dotNibblesAVX2")
	dotDoubles("dotDoublesAVX512", avx512)
	dotDoubles("dotDoublesAVX2", avx2)
	subtractDoubles("subtractDoublesAVX512", avx512)
	subtractDoubles("subtractDoublesAVX2", avx2)
	foldBytes("foldBytesAVX2")
	halves("halvesAVX2")
	dotBundle("dotBundleAVX512", avx512)
	dotBundle("dotBundleAVX2", avx2)
	subtractBundle("subtractBundleAVX512", avx512)
	subtractBundle("subtractBundleAVX2", avx2)
	gatherPlaces("gatherPlacesAVX2")
	fetch("fetchAMD64")
	count("countAMD64", false)
	count("weighAMD64", true)
	bits()
	maxAbs()
	quantize("quantizeAVX512", false)
	quantize("ditherAVX512", true)
	peak("peakAVX512", avx512, float)
	peak("peakAVX2", avx2, float)
	peak("peakVNNI", avx512, bytesVNNI)

	Generate()
}
