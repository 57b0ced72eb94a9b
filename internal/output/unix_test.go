//go:build unix

package output

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func link(t testing.TB, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

// A link stays, and what it leads to is replaced, there or not yet.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	if err := os.MkdirAll(at("far", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, "far/deep", at("short"))
	for name, to := range map[string]string{
		"absolute":  at("far", "a"),
		"relative":  "far/b",
		"chain":     "relative",
		"dotted":    "short/../d", // far/d, though its text says d
		"far/above": "../e",
	} {
		link(t, to, at(name))
	}
	for name, file := range map[string]string{
		"absolute": at("far", "a"), "relative": at("far", "b"), "chain": at("far", "b"), "dotted": at("far", "d"), "far/above": at("e"),
	} {
		for _, text := range []string{name + " once", name + " twice"} {
			if err := WriteFile(at(name), []byte(text)); err != nil {
				t.Fatal(err)
			}
			wantText(t, file, text)
		}
		if info, err := os.Lstat(at(name)); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the link %s is gone: %v, %v", name, info.Mode(), err)
		}
	}
	wantNames(t, dir, "absolute", "chain", "dotted", "e", "far", "relative", "short")
	wantNames(t, at("far"), "a", "above", "b", "d", "deep")

	link(t, "round", at("round"))
	wantError(t, WriteFile(at("round"), nil), "round", "too many")
	link(t, "nowhere/f", at("lost"))
	wantError(t, WriteFile(at("lost"), nil), "lost", "no such file")
}

// A link at the name of the temporary file was not made here: it would have the
// temporary file written elsewhere.
func TestLinkInTheWay(t *testing.T) {
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "f"), filepath.Join(dir, "victim")
	write(t, victim, "mine")
	link(t, victim, path+fresh)
	wantError(t, WriteFile(path, []byte("new")), path+fresh, "symbolic link", "remove it")
	link(t, victim, path+Partial)
	_, err := Continue(path)
	wantError(t, err, path+Partial, "symbolic link")
	wantText(t, victim, "mine")
	if err := os.Mkdir(filepath.Join(dir, "g"+fresh), 0o755); err != nil {
		t.Fatal(err)
	}
	wantError(t, WriteFile(filepath.Join(dir, "g"), nil), "g.smt-new", "folder")
}

func fifo(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A FIFO is written through, whether its reader is there before or comes later.
func TestFIFO(t *testing.T) {
	path := fifo(t)
	for _, early := range []bool{true, false} {
		got := make(chan string, 1)
		read := func() {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			got <- string(b)
		}
		if early {
			go read()
		}
		f := create(t, path)
		if !early {
			go read()
		}
		put(t, f, "through ")
		put(t, f, "it")
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		if s := <-got; s != "through it" {
			t.Errorf("the reader got %q", s)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			t.Errorf("it is no FIFO any more: %v, %v", info.Mode(), err)
		}
	}
	wantNames(t, filepath.Dir(path), "fifo")
	if Replaces(path) {
		t.Error("a FIFO is said to be replaced")
	}
	_, err := Continue(path)
	wantError(t, err, path, "FIFO")
}

// Whoever cannot be told to stop waiting does not wait.
func TestFIFOWithoutAnEnd(t *testing.T) {
	path := fifo(t)
	wantError(t, WriteFile(path, []byte("text")), path, "nobody reads")
}

// Neither a FIFO that nobody reads nor one whose reader has stopped holds a process
// that is told to end.
func TestFIFOIsInterrupted(t *testing.T) {
	path := fifo(t)
	ctx, cancel := context.WithCancel(t.Context())
	f, err := Create(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := f.Write([]byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody reads: %v", err)
	}
	if err := f.Abort(); err != nil {
		t.Error(err)
	}

	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	if f, err = Create(ctx, path); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := f.Write(make([]byte, 8<<20)) // more than a FIFO holds
		failed <- err
	}()
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the reader stopped: %v", err)
	}
	if err := f.Abort(); err != nil {
		t.Error(err)
	}
}

func TestFIFOLosesItsReader(t *testing.T) {
	path := fifo(t)
	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := create(t, path)
	r.Close()
	_, err = f.Write([]byte("x"))
	wantError(t, err, path, "broken pipe")
	if err := f.Abort(); err != nil {
		t.Error(err)
	}
}

// Devices of one's own: never a real one.
func TestDevice(t *testing.T) {
	dir := t.TempDir()
	null, full := filepath.Join(dir, "null"), filepath.Join(dir, "full")
	for path, minor := range map[string]uint32{null: 3, full: 7} {
		if err := unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(1, minor))); err != nil {
			t.Skip("no devices can be made here:", err)
		}
	}
	if f, err := os.OpenFile(null, os.O_WRONLY, 0); err != nil {
		t.Skip("devices in a folder of tests cannot be opened:", err)
	} else {
		f.Close()
	}
	if err := WriteFile(null, []byte("text")); err != nil {
		t.Error(err)
	}
	wantError(t, WriteFile(full, []byte("text")), full, "no space left")
	link(t, null, filepath.Join(dir, "link"))
	if err := WriteFile(filepath.Join(dir, "link"), []byte("text")); err != nil {
		t.Error(err)
	}
	for _, path := range []string{null, full} {
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeCharDevice == 0 {
			t.Errorf("%s is no device any more: %v, %v", path, info.Mode(), err)
		}
	}
	wantNames(t, dir, "full", "link", "null")
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Skip(err)
	}
	defer unix.Close(s)
	if err := unix.Bind(s, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Skip(err)
	}
	wantError(t, WriteFile(path, nil), path, "socket")
}

// The system's folders refuse even root.
func TestUnwritableFolder(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no /proc here")
	}
	path := "/proc/smt-test"
	wantError(t, WriteFile(path, nil), path, "cannot be written")
	wantError(t, Check([]Output{{Flag: "-o", Path: path}}, nil), path, "cannot be written")
	wantError(t, Check([]Output{{Flag: "-o", Path: path, Kind: AFolder}}, nil), path, "cannot be written")
	wantError(t, Check([]Output{{Flag: "-o", Path: path + "/a/b", Kind: Within}}, nil), path, "cannot be written")
}
