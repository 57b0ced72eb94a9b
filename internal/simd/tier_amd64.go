//go:build amd64 && !purego

package simd

import "golang.org/x/sys/cpu"

// tiers lists what this processor can run, fastest first.
func tiers() []tier {
	all := []tier{genericTier}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		t := genericTier
		t.name, t.columns = "avx2", 16
		t.gemm32, t.gemm16 = gemmAVX2, gemm16AVX2
		t.mask32, t.mask32Mirrored = maskAVX2, maskMirroredAVX2
		t.gather, t.sumWords, t.dotRows = gatherAVX2, sumWordsAVX2, dotRowsAVX2
		t.dotDoubles, t.subtractDoubles = dotDoublesAVX2, subtractDoublesAVX2
		t.dotBytes, t.fetch = dotBytesAVX2, fetchAMD64
		t.dotNibbles = dotNibblesAVX2
		t.dotBundle, t.subtractBundle, t.foldBytes, t.gatherPlaces = dotBundleAVX2, subtractBundleAVX2, foldBytesAVX2, gatherPlacesAVX2
		t.count, t.weigh = countAMD64, weighAMD64
		t.halves = halvesAVX2
		all = append([]tier{t}, all...)
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
		t := genericTier
		t.name, t.columns = "avx512", 64
		t.gemm32, t.gemm16 = gemmAVX512, gemm16AVX512
		t.mask32, t.mask32Mirrored = maskAVX512, maskMirroredAVX512
		t.gather, t.sumWords, t.dotRows = gatherAVX512, sumWordsAVX512, dotRowsAVX512
		t.dotDoubles, t.subtractDoubles = dotDoublesAVX512, subtractDoublesAVX512
		t.dotBytes, t.fetch = dotBytesAVX512, fetchAMD64
		t.dotNibbles = dotNibblesAVX2
		t.dotBundle, t.subtractBundle, t.foldBytes, t.gatherPlaces = dotBundleAVX512, subtractBundleAVX512, foldBytesAVX2, gatherPlacesAVX2
		t.count, t.weigh = countAMD64, weighAMD64
		t.halves = halvesAVX2
		t.maxAbs, t.quantize, t.dither = maxAbsAVX512, quantizeAVX512, ditherAVX512
		t.gemm8, t.mask8, t.mask8Mirrored = nil, nil, nil // the generic ones have narrower panels
		all = append([]tier{t}, all...)
		if cpu.X86.HasAVX512VNNI {
			t.name, t.bytes = "vnni", true
			t.gemm16, t.gemm8 = gemm16VNNI, gemm8VNNI
			t.mask8, t.mask8Mirrored = mask8VNNI, mask8MirroredVNNI
			if cpu.X86.HasAVX512VBMI2 {
				t.bits = bitsVBMI2
			}
			all = append([]tier{t}, all...)
		}
	}
	return all
}
