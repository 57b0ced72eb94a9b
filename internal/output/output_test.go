package output

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantText(t testing.TB, path, text string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != text {
		t.Errorf("%s holds %q, %v; want %q", path, b, err, text)
	}
}

// wantNames checks what is in a folder.
func wantNames(t testing.TB, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s has %q, want %q", dir, got, want)
	}
}

func wantError(t testing.TB, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %v, want one that says %q", err, s)
		}
	}
}

func create(t testing.TB, path string) File {
	t.Helper()
	f, err := Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// put writes text to f.
func put(t testing.TB, f File, text string) {
	t.Helper()
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, text := range []string{"first", "second, in its place", ""} {
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		wantText(t, path, text)
		wantNames(t, dir, "f")
	}
	wantError(t, WriteFile(filepath.Join(path, "below a file"), nil), "below a file cannot be written", "not a directory")
	wantError(t, WriteFile(filepath.Join(dir, "none", "f"), nil), "none", "no such file")
	wantError(t, WriteFile(dir, nil), dir, "folder")
	wantError(t, WriteFile(filepath.Join(dir, "new")+string(filepath.Separator), nil), "folder")
	wantNames(t, dir, "f")
}

// Until it is complete the former file is there, and after it was given up too.
func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	write(t, path, "old")
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, commit := range []bool{false, true} {
		f := create(t, path)
		put(t, f, "new")
		wantText(t, path, "old")
		wantNames(t, dir, "f", "f.smt-new")
		want := "old"
		if commit {
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
			want = "new"
		}
		if err := f.Abort(); err != nil {
			t.Errorf("Abort after commit = %v: %v", commit, err)
		}
		if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("a second end: %v", err)
		}
		wantText(t, path, want)
		wantNames(t, dir, "f")
	}
	if after, err := os.Stat(path); err != nil || after.Mode() != before.Mode() {
		t.Errorf("permissions %v, %v; want those of the former file, %v", after.Mode(), err, before.Mode())
	}
}

// What a killed process left is taken away by the next one.
func TestStaleFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	write(t, path+fresh, "half of what a process that was ki")
	if err := WriteFile(path, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	wantText(t, path, "whole")
	wantNames(t, dir, "f")

	// One that has another name is another's too: it keeps what it has.
	write(t, filepath.Join(dir, "mine"), "mine")
	if err := os.Link(filepath.Join(dir, "mine"), path+fresh); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("again")); err != nil {
		t.Fatal(err)
	}
	wantText(t, filepath.Join(dir, "mine"), "mine")
	wantText(t, path, "again")

	write(t, path+fresh, "half")
	if err := Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := Remove(path); err != nil {
		t.Errorf("what is not there: %v", err)
	}
	wantNames(t, dir, "mine")
}

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	f := create(t, path)
	put(t, f, "first")
	_, err := Create(t.Context(), path)
	wantError(t, err, path, "another process is writing it")
	wantError(t, Remove(path), "another process")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantText(t, path, "first")
	if err := WriteFile(path, []byte("second")); err != nil {
		t.Error(err)
	}
}

// However many write a file at once, it is always one of theirs, and whole; those that
// are refused are told why; and a lock is never one of a file that was put in its place.
func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	text := func(writer, turn int) string {
		return strings.Repeat(fmt.Sprintf("%d,%d ", writer, turn), 1000)
	}
	var wrote sync.Map // texts
	var wait sync.WaitGroup
	for w := range 8 {
		wait.Go(func() {
			for turn := range 40 {
				s := text(w, turn)
				wrote.Store(s, true)
				if err := WriteFile(path, []byte(s)); err != nil && !errors.Is(err, errBusy) {
					t.Error(err)
				}
				if b, err := os.ReadFile(path); err == nil {
					if _, is := wrote.Load(string(b)); !is {
						t.Errorf("the file has %d bytes that nobody wrote", len(b))
					}
				} else if !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	wantNames(t, dir, "f")
}

func TestContinue(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	write(t, path, "former")
	for i, want := range []string{"", "one ", "one two "} {
		k, err := Continue(path)
		if err != nil {
			t.Fatal(err)
		}
		_, busy := Continue(path)
		wantError(t, busy, path, "another process")
		var b bytes.Buffer
		if _, err := b.ReadFrom(k); err != nil || b.String() != want {
			t.Errorf("it has %q, %v; want %q", b.String(), err, want)
		}
		if _, err := k.WriteString([]string{"one ", "two ", "three"}[i]); err != nil {
			t.Fatal(err)
		}
		wantText(t, path, "former")
		if i < 2 {
			err = k.Close()
		} else {
			err = k.Commit()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	wantText(t, path, "one two three")
	wantNames(t, dir, "f")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("permissions %v, %v; want those of the former file", info.Mode(), err)
	}
	k, err := Continue(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Discard(); err != nil {
		t.Error(err)
	}
	wantNames(t, dir, "f")
}

func TestStream(t *testing.T) {
	var b bytes.Buffer
	f := Stream(&b)
	put(t, f, "text")
	if err := errors.Join(f.Commit(), f.Abort()); err != nil || b.String() != "text" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if Replaces(Stdout) || !Replaces(filepath.Join(t.TempDir(), "f")) {
		t.Error("Replaces: want a file that is not there, and not standard output")
	}
}
