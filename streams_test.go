package smt

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// half takes and gives half of what it is asked for, and says nothing of it.
type half struct{ of io.ReaderAt }

func (half) Write(b []byte) (int, error) { return len(b) / 2, nil }

func (h half) ReadAt(b []byte, off int64) (int, error) {
	n, _ := h.of.ReadAt(b[:len(b)/2], off)
	return n, nil
}

// full is a writer that takes n bytes and then fails.
type full struct{ n int }

var errFull = errors.New("disk full")

func (w *full) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return 0, errFull
	}
	w.n -= len(b)
	return len(b), nil
}

// A writer gets the bytes of a file, and a reader of them is the model of the file.
func TestModelStreams(t *testing.T) {
	m := withDropped(config())
	file := bytesOf(t, m)
	var got bytes.Buffer
	if err := m.SaveTo(&got); err != nil || !bytes.Equal(got.Bytes(), file) {
		t.Fatalf("a writer gets other bytes than a file, %v", err)
	}
	size := int64(len(file))
	read, err := LoadFrom(bytes.NewReader(file), size)
	if err != nil {
		t.Fatal(err)
	}
	if again := bytesOf(t, read); !bytes.Equal(again, file) {
		t.Error("a reader gives another model than the file")
	}
	for _, n := range []int{0, 7, 100, len(file) / 2, len(file) - 1} {
		if err := m.SaveTo(&full{n}); !errors.Is(err, errFull) {
			t.Errorf("a writer that takes %d bytes: %v", n, err)
		}
		if _, err := LoadFrom(bytes.NewReader(file[:n]), int64(n)); err == nil || !strings.Contains(err.Error(), "smt: model input: ") {
			t.Errorf("%d of %d bytes: %v", n, len(file), err)
		}
		if _, err := LoadFrom(bytes.NewReader(file[:n]), size); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes that are said to be %d: %v", n, len(file), err)
		}
	}
	if err := m.SaveTo(half{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a writer that takes half: %v", err)
	}
	if _, err := LoadFrom(half{bytes.NewReader(file)}, size); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that gives half: %v", err)
	}
}
