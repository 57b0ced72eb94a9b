package checksum

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// definition is the CRC of RFC 3720, bit by bit.
func definition(b []byte) uint32 {
	sum := ^uint32(0)
	for _, v := range b {
		sum ^= uint32(v)
		for range 8 {
			low := sum & 1
			sum >>= 1
			if low == 1 {
				sum ^= 0x82f63b78
			}
		}
	}
	return ^sum
}

// The test vectors of RFC 3720, B.4.
func TestVectors(t *testing.T) {
	rising := make([]byte, 32)
	for i := range rising {
		rising[i] = byte(i)
	}
	for _, c := range []struct {
		of   []byte
		want string
	}{
		{make([]byte, 32), "8a9136aa"}, {bytes.Repeat([]byte{0xff}, 32), "62a8ab43"}, {rising, "46dd794e"}, {nil, "00000000"},
	} {
		if got := Text(Append(0, c.of)); got != c.want {
			t.Errorf("the sum of %x is %s, want %s", c.of, got, c.want)
		}
	}
}

func TestPiecesJoin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []byte
		var joined, appended uint32
		var j Joiner
		for _, piece := range rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 300)).Draw(rt, "pieces") {
			all = append(all, piece...)
			joined = j.Join(joined, Append(0, piece), int64(len(piece)))
			appended = Append(appended, piece)
		}
		if want := definition(all); joined != want || appended != want {
			rt.Fatalf("joined %08x, appended %08x, want %08x", joined, appended, want)
		}
	})
}

// Any changed byte of what is sealed is noticed, the digits of the seal among them.
func TestSeal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), Digits, 200).Draw(rt, "bytes")
		at := rapid.IntRange(0, len(b)-Digits).Draw(rt, "at")
		Seal(b, at)
		if !Sealed(b, at) {
			rt.Fatal("not sealed")
		}
		b[rapid.IntRange(0, len(b)-1).Draw(rt, "changed")] ^= byte(rapid.IntRange(1, 255).Draw(rt, "by"))
		if Sealed(b, at) {
			rt.Fatal("a changed byte goes unnoticed")
		}
	})
}
