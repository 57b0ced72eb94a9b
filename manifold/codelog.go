package manifold

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/strictjson"
	"github.com/sparse-manifold/smt/sparse"
)

// Codes is added to the name of a checkpoint for a log that lies beside it, where statistics are
// packed and take gigabytes: the codes of the groups that were coded since the checkpoint was written.
const Codes = ".codes"

// codeLog is that log. A group is appended before it is counted, so that whatever ends the
// process, a group that was coded need only be counted again. It has a head and a record a group:
//
//	head    length of the JSON, 4 bytes; the JSON of logHead; sum
//	record  units and active atoms, 4 bytes each; the active atoms of each unit, 4 bytes each;
//	        the atoms, 2 bytes each; sum
//
// All numbers are little-endian, and a sum is CRC-32C of what it ends. The file is not synced, so that it
// costs little: 0.04 s of the 3 that 391 images take at 65,536 atoms (BenchmarkCodeLogAppend). A process that
// is killed leaves a record in part at the end, and a power cut may damage some. All from the first such
// record on is dropped.
type codeLog struct {
	f     *os.File
	head  logHead
	end   int   // the group after the last one in it
	begin int64 // where the first record begins
	size  int64 // where the last one ends
	buf   []byte
}

// logHead says what the codes are of.
type logHead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Groups  string `json:"images"`  // digest of all groups
	Encoder string `json:"encoder"` // its identity
	Config  string `json:"config"`  // for the reader of an error
	First   int    `json:"first"`   // number of the first group
}

const (
	logFormat  = "smt-codes"
	logVersion = 1
	mostHead   = 1 << 20
)

// errNoLog is that a file is none of ours.
var errNoLog = errors.New("is no log of codes")

// logBegins is how the JSON of every head begins.
const logBegins = `{"format":"` + logFormat + `"`

// foreignError is that a log is of another run's groups or codes.
type foreignError struct{ found logHead }

func (*foreignError) Error() string { return "the codes are of other groups or another encoder" }

// openLog opens the log at path of the groups of src from head.First on, or makes it. A log that
// begins at another group is from before the checkpoint was written, and emptied.
func openLog(path string, head logHead, src Source) (*codeLog, error) {
	head.Format, head.Version = logFormat, logVersion
	f, err := output.Log(path)
	if err != nil {
		return nil, err
	}
	l := &codeLog{f: f, head: head}
	if err := l.open(src); err != nil {
		_ = f.Close() // the first error tells
		return nil, err
	}
	return l, nil
}

func (l *codeLog) open(src Source) error {
	found, begin, err := readHead(l.f)
	switch want := l.head; {
	case errors.Is(err, errNoLog):
		return err
	case err != nil:
		return l.restart(want.First) // it was being made when the process ended
	case found.Groups != want.Groups || found.Encoder != want.Encoder:
		return &foreignError{found}
	case found.First != want.First:
		return l.restart(want.First)
	}
	l.begin, l.size, l.end = begin, begin, l.head.First
	return l.find(src)
}

// readHead reads the head, and where it ends. The error is errNoLog unless the file is empty, or begins as a log
// does and is cut or damaged.
func readHead(r io.ReaderAt) (h logHead, end int64, err error) {
	ours, err := output.Begins(r, 4, logBegins)
	if err == nil && !ours {
		err = errNoLog
	}
	if err != nil {
		return h, 0, err
	}
	var first [4]byte
	if _, err := r.ReadAt(first[:], 0); err != nil {
		return h, 0, err
	}
	length := binary.LittleEndian.Uint32(first[:])
	if length > mostHead {
		return h, 0, fmt.Errorf("a head of %s", plural.Of(length, "byte"))
	}
	b := make([]byte, 4+length+4)
	if _, err := r.ReadAt(b, 0); err != nil {
		return h, 0, err
	}
	if !summed(b) {
		return h, 0, errDamaged
	}
	if err := strictjson.Versioned(b[4:4+length], &h, logVersion); err != nil {
		return h, 0, fmt.Errorf("%w that can be read: %w", errNoLog, err)
	}
	return h, int64(len(b)), nil
}

// restart empties the log: its first group is to be this one.
func (l *codeLog) restart(first int) error {
	l.head.First, l.end = first, first
	text, err := json.Marshal(l.head)
	if err != nil {
		return err
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	b = withSum(append(b, text...))
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	if _, err := l.f.WriteAt(b, 0); err != nil {
		return err
	}
	l.begin, l.size = int64(len(b)), int64(len(b))
	return nil
}

// find goes from record to record, by their lengths, to the end of the last whole one.
func (l *codeLog) find(src Source) error {
	info, err := l.f.Stat()
	if err != nil {
		return err
	}
	for l.end < src.Len() {
		n, err := l.recordBytes(src, l.end, l.size)
		if err != nil || l.size+n > info.Size() {
			break
		}
		l.end, l.size = l.end+1, l.size+n
	}
	return nil
}

// recordBytes is the length of the record of group i at a place of the file.
func (l *codeLog) recordBytes(src Source, i int, at int64) (int64, error) {
	var b [8]byte
	if _, err := l.f.ReadAt(b[:], at); err != nil {
		return 0, err
	}
	t, err := topology(src, i)
	if err != nil {
		return 0, err
	}
	units, active := int64(binary.LittleEndian.Uint32(b[:])), int64(binary.LittleEndian.Uint32(b[4:]))
	if units != int64(t.Units()) || active > units*sparse.MaxAtoms {
		return 0, errDamaged
	}
	return 8 + 4*units + 2*active + 4, nil
}

// append adds the codes of groups, which follow the last one. After an error the log has those it had.
func (l *codeLog) append(groups []cooccur.Group) error {
	at := l.size
	for _, g := range groups {
		l.buf = appendRecord(l.buf[:0], g.Codes)
		if _, err := l.f.WriteAt(l.buf, at); err != nil {
			return errors.Join(err, l.cut(l.end, l.size))
		}
		at += int64(len(l.buf))
	}
	l.size, l.end = at, l.end+len(groups)
	return nil
}

// cut leaves the records before group `end`, which are so many bytes.
func (l *codeLog) cut(end int, size int64) error {
	l.end, l.size = end, size
	return l.f.Truncate(size)
}

// large reports a log that is to be emptied, as its groups would take long to be counted again: it is half
// of what the statistics take.
func (l *codeLog) large(bytes int64) bool { return l.size >= max(bytes/2, leastLarge) }

// leastLarge is the size of a log below which none is large. Tests change it.
var leastLarge int64 = 64 << 20

// read reads the codes of group i, of so many atoms, from its record at a place, and returns where the next one is.
func (l *codeLog) read(src Source, i, atoms int, at int64, g *cooccur.Group) (next int64, err error) {
	n, err := l.recordBytes(src, i, at)
	if err != nil {
		return 0, err
	}
	l.buf = reuse.Slice(l.buf, int(n))
	if _, err := l.f.ReadAt(l.buf, at); err != nil {
		return 0, err
	}
	g.Topology = src.Topology(i)
	return at + n, parseRecord(l.buf, atoms, g.Codes)
}

// close closes the log, and removes it if it has no group.
func (l *codeLog) close() error {
	err := l.f.Close()
	if l.end == l.head.First {
		return output.Remove(l.f.Name())
	}
	return err
}
