package half

import (
	"math"
	"testing"
)

// value is the definition of binary16, in float64, for finite halves.
func value(h uint16) float64 {
	e, f := int(h>>10&31), float64(h&1023)
	v := f / 1024 * math.Pow(2, -14)
	if e > 0 {
		v = (1 + f/1024) * math.Pow(2, float64(e-15))
	}
	if h >= 0x8000 {
		v = -v
	}
	return v
}

const largest = 0x7bff // 65,504

func TestDecodeEveryHalf(t *testing.T) {
	for h := range 1 << 16 {
		var x [1]float32
		Decode(x[:], []byte{byte(h), byte(h >> 8)})
		got := float64(x[0])
		switch m := h & 0x7fff; {
		case m > 0x7c00:
			if !math.IsNaN(got) {
				t.Fatalf("%#04x is %g, want NaN", h, got)
			}
		case m == 0x7c00:
			if want := math.Inf(1 - h>>15*2); got != want {
				t.Fatalf("%#04x is %g, want %g", h, got, want)
			}
		default:
			if want := value(uint16(h)); got != want || math.Signbit(got) != (h >= 0x8000) {
				t.Fatalf("%#04x is %g, want %g", h, got, want)
			}
		}
	}
}

// encoded is one value as Encode has it.
func encoded(v float32) uint16 {
	var b [2]byte
	Encode(b[:], []float32{v})
	return uint16(b[0]) | uint16(b[1])<<8
}

// Between two neighbouring halves Encode changes over at one place: at the
// middle, which itself goes to the even one. Encode grows with its argument
// (TestEncodeGrows), so that what is right on both sides of every middle is right
// everywhere.
func TestEncodeAroundEveryHalf(t *testing.T) {
	check := func(v float32, want uint16) {
		t.Helper()
		for _, sign := range []uint16{0, 0x8000} {
			x := v
			if sign != 0 {
				x = -v
			}
			if got := encoded(x); got != sign|want {
				t.Fatalf("%g (%b) becomes %#04x, want %#04x", x, x, got, sign|want)
			}
		}
	}
	for h := uint16(0); h <= largest; h++ {
		v := float32(value(h))
		check(v, h)
		next := value(h) + (value(h) - value(h-1)) // of the largest: 2¹⁶, which stands for infinity
		if h < largest {
			next = value(h + 1)
		}
		middle := float32((value(h) + next) / 2) // exact: one bit more
		check(math.Nextafter32(middle, 0), h)
		check(middle, h+h&1)
		check(math.Nextafter32(middle, math.MaxFloat32), h+1)
	}
	check(math.MaxFloat32, 0x7c00)
	check(float32(math.Inf(1)), 0x7c00)
	check(math.SmallestNonzeroFloat32, 0)
	if h := encoded(float32(math.NaN())); h&0x7fff <= 0x7c00 {
		t.Errorf("NaN becomes %#04x", h)
	}
}

// A sweep over all floats in odd steps.
func TestEncodeGrows(t *testing.T) {
	const step = 1009
	last := uint16(0)
	for u := uint32(0); u <= infinity; u += step {
		h := encoded(math.Float32frombits(u))
		if h < last {
			t.Fatalf("%g becomes %#04x, less than %#04x before it", math.Float32frombits(u), h, last)
		}
		last = h
	}
}

func BenchmarkEncode(b *testing.B) { benchmark(b, func(x []float32, h []byte) { Encode(h, x) }) }
func BenchmarkDecode(b *testing.B) { benchmark(b, func(x []float32, h []byte) { Decode(x, h) }) }

func benchmark(b *testing.B, f func([]float32, []byte)) {
	x, h := make([]float32, 24576), make([]byte, 2*24576)
	for i := range x {
		x[i] = float32(math.Sin(float64(i))) / 157
	}
	Encode(h, x)
	b.SetBytes(int64(len(h)))
	for b.Loop() {
		f(x, h)
	}
}

// Beyond finds what is larger in size than a bound, or no number, of all halves.
func TestBeyond(t *testing.T) {
	for _, most := range []float32{0, 1, 0.3, 65504} {
		var rounded [1]float32
		var b [Size]byte
		Encode(b[:], []float32{most})
		Decode(rounded[:], b[:])
		for bits := range 1 << 16 {
			src := []byte{0, 0, byte(bits), byte(bits >> 8)}
			var x [2]float32
			Decode(x[:], src)
			want := -1
			if !(x[1] >= -rounded[0] && x[1] <= rounded[0]) {
				want = 1
			}
			if got := Beyond(src, most); got != want {
				t.Fatalf("%g beyond %g: %d, want %d", x[1], most, got, want)
			}
		}
	}
}

// Lengths that are no whole blocks of simd.Halves have the same values, and nothing beyond them is written.
func TestDecodeEveryLength(t *testing.T) {
	const guard = -7
	src := make([]byte, Size*40)
	for i := range 40 {
		src[Size*i], src[Size*i+1] = byte(37*i), 0x30+byte(i%8)
	}
	for n := range 40 {
		x := make([]float32, n+1)
		x[n] = guard
		Decode(x[:n], src)
		for i := range n {
			if want := value(uint16(src[Size*i]) | uint16(src[Size*i+1])<<8); float64(x[i]) != want {
				t.Fatalf("%d values: value %d is %g, want %g", n, i, x[i], want)
			}
		}
		if x[n] != guard {
			t.Fatalf("%d values: one more was written", n)
		}
	}
}
