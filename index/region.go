package index

import (
	"errors"
	"io"
	"os"
)

// A region is a file as it is read.
type region interface {
	// bytes are n bytes from offset at on, not to be written to. All of them are in the file.
	bytes(at int64, n int) ([]byte, error)
	io.Closer
}

// read is a region that is read piece by piece.
type read struct{ r io.ReaderAt }

func (r read) bytes(at int64, n int) ([]byte, error) {
	b := make([]byte, n)
	switch got, err := r.r.ReadAt(b, at); {
	case got == n:
		return b, nil
	case err == nil || err == io.EOF:
		return nil, io.ErrUnexpectedEOF
	default:
		return nil, err
	}
}

func (r read) Close() error {
	if c, is := r.r.(io.Closer); is {
		return c.Close()
	}
	return nil
}

// mapped is a region in memory. The system reads a page of it when that is first looked at.
type mapped struct {
	all   []byte
	unmap func([]byte) error
	f     *os.File
}

func (m *mapped) bytes(at int64, n int) ([]byte, error) {
	return m.all[at : at+int64(n) : at+int64(n)], nil
}

func (m *mapped) Close() error {
	err := m.unmap(m.all)
	m.all = nil // a use after Close is a panic, not a fault
	return errors.Join(err, m.f.Close())
}
