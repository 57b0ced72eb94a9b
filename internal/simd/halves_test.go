package simd

import (
	"encoding/binary"
	"math"
	"testing"
)

// half is the value of a half by its definition, in float64.
func half(h uint16) float64 {
	exponent, fraction := int(h>>10&31), float64(h&0x3ff)
	v := math.Ldexp(1024+fraction, exponent-25)
	switch {
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	case exponent == 31 && fraction > 0:
		return math.NaN()
	case exponent == 31:
		v = math.Inf(1)
	}
	if h >= 0x8000 {
		v = -v
	}
	return v
}

// Every half, at every place of a block.
func TestHalves(t *testing.T) {
	const all = 1 << 16
	eachTier(t, func(t *testing.T) {
		for from := range 8 {
			src := make([]byte, 2*all+1)[1:]
			for h := range all {
				binary.LittleEndian.PutUint16(src[2*((h+from)%all):], uint16(h))
			}
			dst := fill[float32](all + 1)
			Halves(src, dst[:all])
			for h := range all {
				got, want := float64(dst[(h+from)%all]), half(uint16(h))
				if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != (h >= 0x8000) {
					t.Fatalf("%#04x is %g, want %g", h, got, want)
				}
			}
			if dst[all] != guard {
				t.Fatal("written past the end")
			}
		}
		dst := fill[float32](1)
		if Halves(nil, dst[:0]); dst[0] != guard {
			t.Fatal("written where nothing was asked for")
		}
	})
}
