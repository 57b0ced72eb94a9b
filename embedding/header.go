package embedding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/sparse-manifold/smt/internal/half"
)

// A file of embeddings begins with headerSize bytes: a JSON object, and spaces.
// The rows follow, Dim halves each, little-endian: in Python
// np.memmap(path, "<f2", offset=4096, shape=(rows, dim)).
const (
	headerSize = 4096
	format     = "smt-embeddings"
	version    = 1
)

type header struct {
	Format   string `json:"format"`
	Version  int    `json:"version"`
	Identity string `json:"identity"` // what the rows are embeddings of, and by what
	Rows     int    `json:"rows"`
	Dim      int    `json:"dim"`
	Even     int    `json:"even"`
	Done     int    `json:"done"` // rows that are written
}

// largest bounds the numbers of a header, so that no product of them overflows.
const largest = math.MaxInt32

func (h header) check() error {
	switch {
	case h.Format != format:
		return fmt.Errorf("format is %q: want %q", h.Format, format)
	case h.Version != version:
		return fmt.Errorf("version is %d: this software reads version %d", h.Version, version)
	case h.Rows < 0 || h.Rows > largest:
		return fmt.Errorf("rows is %d: want 0 to %d", h.Rows, largest)
	case h.Dim < 1 || h.Dim > largest:
		return fmt.Errorf("dim is %d: want 1 to %d", h.Dim, largest)
	case int64(h.Rows) > (math.MaxInt64-headerSize)/half.Size/int64(h.Dim):
		return fmt.Errorf("%d rows of %d values do not fit in a file", h.Rows, h.Dim)
	case h.Even < -1 || h.Even > h.Dim:
		return fmt.Errorf("even is %d: want -1 to dim, %d", h.Even, h.Dim)
	case h.Done < 0 || h.Done > h.Rows:
		return fmt.Errorf("done is %d: want 0 to rows, %d", h.Done, h.Rows)
	}
	return nil
}

// offset is where row i begins in the file.
func (h header) offset(i int) int64 { return headerSize + int64(i)*int64(h.Dim)*half.Size }

func (h header) bytes() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(b) > headerSize {
		return nil, fmt.Errorf("identity has %d bytes: too many for a header of %d", len(h.Identity), headerSize)
	}
	return append(b, bytes.Repeat([]byte{' '}, headerSize-len(b))...), nil
}

func parseHeader(b []byte) (header, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var h header
	if err := d.Decode(&h); err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return header{}, errors.New("header: want one JSON object and spaces")
	}
	return h, h.check()
}
