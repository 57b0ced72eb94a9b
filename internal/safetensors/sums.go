package safetensors

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/plural"
)

// sumsKey is the key of the metadata that has the sums.
const sumsKey = "crc32c"

// sumsPrefix is what a header with sums begins with: that of the header is at a fixed
// place, so that it can be left out of itself.
const sumsPrefix = `{"` + metadataKey + `":{"` + sumsKey + `":"`

// sumsAt is the place of the header's sum, from the beginning of the file.
const sumsAt = lengthBytes + len(sumsPrefix)

// sumsText is the sums as metadata, with room for the header's.
func sumsText(tensors []uint32) string {
	var b strings.Builder
	b.WriteString(strings.Repeat("0", checksum.Digits))
	for _, sum := range tensors {
		b.WriteString(" " + checksum.Text(sum))
	}
	return b.String()
}

// checkSums checks the sum of the head of a file, length and header, and returns what the
// sums of its n tensors are, as text.
func checkSums(head []byte, text string, n int) ([]string, error) {
	if !bytes.HasPrefix(head[lengthBytes:], []byte(sumsPrefix)) {
		return nil, fmt.Errorf("the checksums, %s of the metadata, are not at the beginning of the header", sumsKey)
	}
	if len(head) < sumsAt+checksum.Digits || !checksum.Sealed(head, sumsAt) {
		return nil, fmt.Errorf("the header has changed: its checksum is not the one that was written")
	}
	sums := strings.Split(text, " ")[1:]
	if len(sums) != n {
		return nil, fmt.Errorf("%s for %s: want one of each", plural.Of(len(sums), "checksum"), plural.Of(n, "tensor"))
	}
	return sums, nil
}
