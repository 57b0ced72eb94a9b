// Package safetensorstest makes files to be refused of files that are right.
package safetensorstest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"regexp"
	"testing"
)

var sums = regexp.MustCompile(`"crc32c":"[0-9a-f ]*",`)

// Older is a file as earlier software wrote it, without checksums, with one text of the header
// put in place of another.
func Older(t testing.TB, file []byte, old, new string) []byte {
	t.Helper()
	n := 8 + binary.LittleEndian.Uint64(file)
	header := sums.ReplaceAll(file[8:n], nil)
	if !bytes.Contains(header, []byte(old)) {
		t.Fatalf("no %s in the header", old)
	}
	header = bytes.Replace(header, []byte(old), []byte(new), 1)
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), file[n:]...)
}

// Place is where the values of a tensor begin and end in a file.
func Place(t testing.TB, file []byte, name string) (from, to int) {
	t.Helper()
	n := 8 + int(binary.LittleEndian.Uint64(file))
	var all map[string]struct {
		Offsets []int `json:"data_offsets"`
	}
	if err := json.Unmarshal(file[8:n], &all); err != nil || all[name].Offsets == nil {
		t.Fatalf("tensor %s: %v", name, err)
	}
	return n + all[name].Offsets[0], n + all[name].Offsets[1]
}
