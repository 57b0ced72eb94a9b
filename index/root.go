package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

const (
	// Format is what the first line of an index says that it is.
	Format  = "smt-index"
	version = 1

	page      = 4096
	firstData = 3 * page // behind the line and the two roots
	rootSize  = 40
)

// title is the first line of an index.
type title struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

var titleLine = fmt.Sprintf("{\"format\":%q,\"version\":%d}\n", Format, version)

// checkTitle reads the first line of a file.
func checkTitle(b []byte) error {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	if !strings.HasPrefix(string(line), `{"format":"`+Format+`"`) {
		return errors.New("it is another kind of file: want an index, whose first line says so")
	}
	var t title
	if err := strictjson.Versioned(line, &t, version); err != nil {
		return fmt.Errorf("first line: %w", err)
	}
	return nil
}

// root says where the directory of an index is.
type root struct {
	number  uint64 // of writings: the higher of two counts
	at      int64  // of the directory
	bytes   int64  // of it
	end     int64  // of all that the directory and pending work refer to
	crc     uint32 // of the directory
	present bool   // it was read, and its sum is right
}

// offset is where the root is written: each in turn.
func (r root) offset() int64 { return page * int64(1+r.number%2) }

func (r root) encode() []byte {
	b := binary.LittleEndian.AppendUint64(nil, r.number)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.at))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.bytes))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.end))
	b = binary.LittleEndian.AppendUint32(b, r.crc)
	return binary.LittleEndian.AppendUint32(b, checksum.Append(0, b))
}

// decodeRoot reads a root, which is not present if it was not written whole.
func decodeRoot(b []byte) root {
	sum := binary.LittleEndian.Uint32(b[rootSize-4:])
	r := root{
		number: binary.LittleEndian.Uint64(b), at: int64(binary.LittleEndian.Uint64(b[8:])), bytes: int64(binary.LittleEndian.Uint64(b[16:])),
		end: int64(binary.LittleEndian.Uint64(b[24:])), crc: binary.LittleEndian.Uint32(b[32:]),
	}
	r.present = r.number > 0 && sum == checksum.Append(0, b[:rootSize-4])
	return r
}

// errUnfinished is that of a file which has no valid root.
var errUnfinished = errors.New("neither of its two roots is valid: it was not written to the end, or has changed")

// readRoot is the root of a file of so many bytes that counts. The last commit has put its directory on the disk
// before the root, so that a root with a right sum leads to one.
func readRoot(r region, size int64) (root, error) {
	b, err := r.bytes(0, int(min(size, firstData)))
	if err == nil {
		err = checkTitle(b)
	}
	if err == nil && size < firstData {
		err = fmt.Errorf("it has %s: want %d at least", plural.Of(size, "byte"), firstData)
	}
	if err != nil {
		return root{}, err
	}
	best := decodeRoot(b[page:][:rootSize])
	if other := decodeRoot(b[2*page:][:rootSize]); other.present && (!best.present || other.number > best.number) {
		best = other
	}
	switch {
	case !best.present:
		return root{}, errUnfinished
	case best.at < firstData || best.bytes < 4 || best.bytes > mostDirectory || best.end < best.at || best.bytes > best.end-best.at || best.end > size:
		return root{}, fmt.Errorf("its directory is at %d to %d and its end at %d: want them in this order, in the file, which has %s", best.at, best.at+best.bytes, best.end, plural.Of(size, "byte"))
	}
	return best, nil
}
