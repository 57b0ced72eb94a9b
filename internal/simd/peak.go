package simd

import "runtime"

// The peak loops measure the processor, not smt: how many operations a second
// there are to be had. A call cannot be interrupted by the scheduler, so rounds
// should be some thousands.

// peaks are a tier's peak loops: rounds × sums products of vectors of lanes values.
type peaks struct {
	float func(rounds int)
	bytes func(rounds int) // nil where the tier has no 8-bit kernel

	sums, lanes int
}

// PeakFloat does rounds of products and sums of float32 in registers, and
// returns how many operations that were, a product and a sum being two. The
// generic tier's loop is scalar, as Go compiles it.
func PeakFloat(rounds int) int {
	p := peaksOf(use.name)
	if rounds < 1 {
		return 0
	}
	p.float(rounds)
	return 2 * rounds * p.sums * p.lanes
}

// PeakBytes is PeakFloat for products of 8-bit integers, summed in 32 bits, four
// to a lane. It returns 0 where the tier has no instruction for them.
func PeakBytes(rounds int) int {
	p := peaksOf(use.name)
	if rounds < 1 || p.bytes == nil {
		return 0
	}
	p.bytes(rounds)
	return 8 * rounds * p.sums * p.lanes
}

var genericPeaks = peaks{float: peakGeneric, sums: 12, lanes: 1}

func peakGeneric(rounds int) {
	const a, b = 0.75, 0.5 // sums approach 2
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 float32
	for range rounds {
		s0 = s0*a + b
		s1 = s1*a + b
		s2 = s2*a + b
		s3 = s3*a + b
		s4 = s4*a + b
		s5 = s5*a + b
		s6 = s6*a + b
		s7 = s7*a + b
		s8 = s8*a + b
		s9 = s9*a + b
		s10 = s10*a + b
		s11 = s11*a + b
	}
	runtime.KeepAlive(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11)
}
