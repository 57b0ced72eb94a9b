package safetensors

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// readAll reads a file as a program does that knows its tensors and its metadata.
func readAll(b []byte, keys ...string) error {
	f, err := readBytes(b)
	if err != nil {
		return err
	}
	for _, name := range []string{"a", "b", "c"} {
		if !f.Has(name) {
			continue
		}
		info := f.Tensors()[f.byName[name]]
		if err := readOne(f, info); err != nil {
			return err
		}
	}
	return f.Complete(keys...)
}

func small(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, map[string]string{"k": "v"}, []Tensor{
		NewTensor("a", []float32{1, -2, 0}, 3), NewTensor("b", []uint8{3}), NewTensor("c", []int16{}, 0),
	}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// Every single bit of a file is seen to: length, header, padding and values.
func TestEveryBitIsNoticed(t *testing.T) {
	whole := small(t)
	if err := readAll(whole, "k"); err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(whole) {
		b := bytes.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		if readAll(b, "k") == nil {
			t.Errorf("bit %d of byte %d, %q, may change unnoticed:\n%q", i%8, i/8, whole[i/8], b)
		}
	}
}

// Any changed byte, and any burst of up to four, of files of any content.
func TestChangesAreNoticed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		metadata := rapid.MapOf(rapid.SampledFrom([]string{"a", "header", "note.x", `"crc32c":"`, "z"}), rapid.String()).Draw(rt, "metadata")
		var keys []string
		for k := range metadata {
			keys = append(keys, k)
		}
		var tensors []Tensor
		for _, name := range []string{"a", "b", "c"} {
			tensors = append(tensors, drawAny(rt, name).tensor)
		}
		var buf bytes.Buffer
		if err := Write(&buf, metadata, tensors); err != nil {
			rt.Fatal(err)
		}
		b := buf.Bytes()
		if err := readAll(b, keys...); err != nil {
			rt.Fatal(err)
		}
		at := rapid.IntRange(0, len(b)-1).Draw(rt, "at")
		b[at] ^= byte(rapid.IntRange(1, 255).Draw(rt, "by"))
		for i := at + 1; i < min(len(b), at+rapid.IntRange(1, 4).Draw(rt, "bytes")); i++ {
			b[i] ^= rapid.Byte().Draw(rt, "and by")
		}
		if readAll(b, keys...) == nil {
			rt.Fatalf("a change at byte %d goes unnoticed: %q", at, b)
		}
	})
}

// A tensor of many pieces has the sum of its bytes one after the other.
func TestSumOfPieces(t *testing.T) {
	data := make([]uint16, 3*chunkBytes/2+5)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range data {
		data[i] = uint16(rng.Uint32())
	}
	var buf bytes.Buffer
	if err := Write(&buf, nil, []Tensor{NewTensor("a", data, len(data))}); err != nil {
		t.Fatal(err)
	}
	b := buf.Bytes()
	for _, i := range []int{0, chunkBytes - 1, chunkBytes, 2*len(data) - 1} {
		at := len(b) - 2*len(data) + i
		b[at] ^= 0x10
		if err := readAll(b); err == nil || !strings.Contains(err.Error(), `tensor "a": its values have changed`) {
			t.Errorf("byte %d: error %v, want one that names the tensor", i, err)
		}
		b[at] ^= 0x10
	}
	if err := readAll(b); err != nil {
		t.Error(err)
	}
}

// Files without sums, as there have been, are read; with sums there is one of everything.
func TestSumsAreOfAllOrNothing(t *testing.T) {
	const tensors = `"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}`
	f, err := readBytes(raw(`{"__metadata__":{"k":"v"},`+tensors+"}", 2))
	if err != nil || f.Summed() || f.Metadata["k"] != "v" {
		t.Fatalf("%+v, %v", f, err)
	}
	if f, err := readBytes(small(t)); err != nil || !f.Summed() || len(f.Metadata) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	for says, header := range map[string]string{
		"not at the beginning": `{"__metadata__":{"k":"v","crc32c":"00000000 00000000 00000000"},` + tensors + "}",
		"is not the one":       `{"__metadata__":{"crc32c":"00000000 00000000 00000000"},` + tensors + "}",
		"1 checksum for 2":     `{"__metadata__":{"crc32c":"HHHHHHHH 00000000"},` + tensors + "}",
		"3 checksums for 2":    `{"__metadata__":{"crc32c":"HHHHHHHH 00000000 00000000 00000000"},` + tensors + "}",
		`tensor "a": its`:      `{"__metadata__":{"crc32c":"HHHHHHHH 527d5350 527d5351"},` + tensors + "}",
		`tensor "b": its`:      `{"__metadata__":{"crc32c":"HHHHHHHH 527d5351 527D5351"},` + tensors + "}",
		"0 checksums for 2":    `{"__metadata__":{"crc32c":"HHHHHHHH"},` + tensors + "}",
	} {
		if err := readAll(sealed(header, 2)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want %q in it", header, err, says)
		}
	}
	if err := readAll(sealed(`{"__metadata__":{"crc32c":"HHHHHHHH 527d5351 527d5351"},`+tensors+"}", 2)); err != nil {
		t.Error(err)
	}
	if _, err := readBytes(raw(`{"__metadata__":{"crc32c":"`, 0)); err == nil {
		t.Error("a header that ends in its sum: no error")
	}
}

// sealed is raw with the header's sum in place of HHHHHHHH, bit by bit from its definition.
func sealed(header string, data int) []byte {
	b := raw(strings.Replace(header, "HHHHHHHH", "00000000", 1), data)
	if !strings.Contains(header, "HHHHHHHH") {
		return b
	}
	sum := ^uint32(0)
	for _, v := range b[:len(b)-data] {
		sum ^= uint32(v)
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78*(sum&1)
		}
	}
	const digits = "0123456789abcdef"
	var big [4]byte
	binary.BigEndian.PutUint32(big[:], ^sum)
	for i, v := range big {
		b[sumsAt+2*i], b[sumsAt+2*i+1] = digits[v>>4], digits[v&15]
	}
	return b
}

// What is misnamed is not taken for what a file may do without.
func TestComplete(t *testing.T) {
	f, err := readBytes(small(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Complete("k"); err == nil || !strings.Contains(err.Error(), `tensor "a"`) {
		t.Errorf("error %v, want the tensor that was not read", err)
	}
	if err := readAll(small(t)); err == nil || !strings.Contains(err.Error(), `metadata "k"`) {
		t.Errorf("error %v, want the metadata that is not known", err)
	}
}
