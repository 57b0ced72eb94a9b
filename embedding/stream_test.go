package embedding

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// failAfter is a writer that takes n bytes and then fails.
type failAfter struct{ n int }

func (w *failAfter) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return 0, errFull
	}
	w.n -= len(b)
	return len(b), nil
}

// short takes and gives half of what it is asked for, and says nothing of it.
type short struct{ of io.ReaderAt }

func (short) Write(b []byte) (int, error) { return len(b) / 2, nil }

func (s short) ReadAt(b []byte, off int64) (int, error) {
	n, _ := s.of.ReadAt(b[:len(b)/2], off)
	return n, nil
}

// What is written to a writer is what is written to a file, and read from a reader as from one.
func TestStreams(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		h := named(drawIDs(rt)...)
		path := filepath.Join(dir, "e")
		writeFile(t, path, h, 2, h.Len())
		want, err := os.ReadFile(path)
		if err != nil {
			rt.Fatal(err)
		}
		var got bytes.Buffer
		if err := WriteTo(t.Context(), &got, "test", h); err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			rt.Fatal("a writer gets other bytes than a file")
		}
		f, err := OpenFrom(bytes.NewReader(want), int64(len(want)))
		if err != nil {
			rt.Fatal(err)
		}
		defer f.Close()
		opened, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		defer opened.Close()
		wantIDs(rt, f, h.IDs)
		if f.Len() != opened.Len() || f.Identity() != opened.Identity() || !slices.Equal(values(t, f, 4), values(t, opened, 4)) {
			rt.Fatal("a reader gives other rows than a file")
		}
		// Copied from the file, it is the same once more.
		again := bytes.Buffer{}
		if err := WriteTo(t.Context(), &again, "test", f); err != nil || !bytes.Equal(again.Bytes(), want) {
			rt.Fatalf("a copy is another, %v", err)
		}
	})
}

func TestStreamErrors(t *testing.T) {
	h := named("a", "bc")
	whole := written(t, h, 2)
	for n := range len(whole) {
		if err := WriteTo(t.Context(), &failAfter{n}, "test", h); !errors.Is(err, errFull) {
			t.Fatalf("a writer that takes %d of %d bytes: %v", n, len(whole), err)
		}
		if _, err := OpenFrom(bytes.NewReader(whole[:n]), int64(n)); err == nil || !strings.Contains(err.Error(), "embedding: input: ") {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
		if _, err := OpenFrom(bytes.NewReader(whole[:n]), int64(len(whole))); err == nil || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d bytes that are said to be %d: %v", n, len(whole), err)
		}
	}
	if err := WriteTo(t.Context(), short{}, "test", h); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a writer that takes half: %v", err)
	}
	if _, err := OpenFrom(short{bytes.NewReader(whole)}, int64(len(whole))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that gives half: %v", err)
	}
	if err := WriteTo(t.Context(), io.Discard, "test", renamed{h, new(int)}); err == nil || !strings.Contains(err.Error(), "the ids have changed") {
		t.Errorf("ids that change: %v", err)
	}
}
