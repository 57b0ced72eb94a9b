package embedding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// A file of embeddings begins with headerSize bytes: a JSON object, and spaces.
// The rows follow, Dim halves each, little-endian: in Python
// np.memmap(path, "<f2", offset=4096, shape=(rows, dim)).
//
// Version 2 has checksums: of the header, whose place is fixed so that it can be left out of
// itself, and of the rows that are written. Version 3 has the ids of the rows behind them.
// Files of earlier versions are read, and gone on with, as they are.
const (
	headerSize = 4096
	format     = "smt-embeddings"
	version    = 3
	unnamed    = 2 // the version without ids
	unsummed   = 1 // the version without checksums, nor ids
	sumPrefix  = `{"crc32c":"`
)

type header struct {
	Sum      string `json:"crc32c,omitempty"` // of the header, with zeros here
	Format   string `json:"format"`
	Version  int    `json:"version"`
	Rows     int    `json:"rows"`
	Dim      int    `json:"dim"`
	Even     int    `json:"even"`
	Done     int    `json:"done"`                  // rows that are written
	RowsSum  string `json:"rows_crc32c,omitempty"` // of those
	IDsBytes int64  `json:"ids_bytes,omitempty"`   // behind the rows
	IDsSum   string `json:"ids_crc32c,omitempty"`
	Identity string `json:"identity"` // what the rows are embeddings of, and by what
}

// newHeader is that of a file that has no rows yet.
func newHeader(identity string, of Set) (header, error) {
	ids, err := writeIDs(io.Discard, of)
	return header{Format: format, Version: version, Rows: of.Len(), Dim: of.Dim(), Even: of.Even(), RowsSum: checksum.Text(0),
		IDsBytes: ids.bytes, IDsSum: checksum.Text(ids.sum), Identity: identity}, err
}

// summed reports that the file has checksums.
func (h header) summed() bool { return h.Version > unsummed }

// named reports that the file has ids.
func (h header) named() bool { return h.Version > unnamed }

// largest bounds the numbers of a header, so that no product of them overflows.
const largest = math.MaxInt32

func (h header) check() error {
	switch {
	case h.Format != format:
		return fmt.Errorf("format is %q: want %q", h.Format, format)
	case h.Version < unsummed || h.Version > version:
		return fmt.Errorf("version is %d: this software reads version %d", h.Version, version)
	case h.summed() && len(h.RowsSum) != checksum.Digits:
		return fmt.Errorf("rows_crc32c is %q: want %d digits", h.RowsSum, checksum.Digits)
	case !h.summed() && h.RowsSum+h.Sum != "":
		return fmt.Errorf("version is %d: want no checksums in it", h.Version)
	case h.named() && len(h.IDsSum) != checksum.Digits:
		return fmt.Errorf("ids_crc32c is %q: want %d digits", h.IDsSum, checksum.Digits)
	case !h.named() && (h.IDsSum != "" || h.IDsBytes != 0):
		return fmt.Errorf("version is %d: want no ids in it", h.Version)
	case h.Rows < 0 || h.Rows > largest:
		return fmt.Errorf("rows is %d: want 0 to %d", h.Rows, largest)
	case h.Dim < 1 || h.Dim > largest:
		return fmt.Errorf("dim is %d: want 1 to %d", h.Dim, largest)
	case h.named() && (h.IDsBytes < int64(h.Rows)*idEnd || h.IDsBytes > int64(h.Rows)*(idEnd+maxID)):
		return fmt.Errorf("ids_bytes is %d: want %d to %d for %s", h.IDsBytes, int64(h.Rows)*idEnd, int64(h.Rows)*(idEnd+maxID), plural.Of(h.Rows, "row"))
	case int64(h.Rows) > (math.MaxInt64-headerSize-h.IDsBytes)/half.Size/int64(h.Dim):
		return fmt.Errorf("%s of %s do not fit in a file", plural.Of(h.Rows, "row"), plural.Of(h.Dim, "value"))
	case h.Even < -1 || h.Even > h.Dim:
		return fmt.Errorf("even is %d: want -1 to dim, %d", h.Even, h.Dim)
	case h.Done < 0 || h.Done > h.Rows:
		return fmt.Errorf("done is %d: want 0 to rows, %d", h.Done, h.Rows)
	}
	return nil
}

// offset is where row i begins in the file.
func (h header) offset(i int) int64 { return headerSize + int64(i)*int64(h.Dim)*half.Size }

// end is the size of the whole file.
func (h header) end() int64 { return h.offset(h.Rows) + h.IDsBytes }

func (h header) bytes() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	if h.summed() {
		h.Sum = checksum.Text(0)
	}
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(b) > headerSize {
		return nil, fmt.Errorf("identity has %s: too many for a header of %d", plural.Of(len(h.Identity), "byte"), headerSize)
	}
	b = append(b, bytes.Repeat([]byte{' '}, headerSize-len(b))...)
	if h.summed() {
		checksum.Seal(b, len(sumPrefix))
	}
	return b, nil
}

func parseHeader(b []byte) (h header, err error) {
	if err := strictjson.Versioned(b, &h, unsummed, unnamed, version); err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	if h.summed() && !(bytes.HasPrefix(b, []byte(sumPrefix)) && checksum.Sealed(b, len(sumPrefix))) {
		return header{}, errors.New("the header has changed: its checksum is not the one that was written")
	}
	if err := h.check(); err != nil {
		return header{}, err
	}
	h.Sum = "" // it is of these bytes alone
	return h, nil
}
