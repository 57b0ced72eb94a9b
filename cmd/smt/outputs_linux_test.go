package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A terminal is a device that is there for a test.
func TestEmbedToTerminal(t *testing.T) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer master.Close()
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	name := "/dev/pts/" + strconv.Itoa(n)
	slave, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0) // so that it stays
	if err != nil {
		t.Skip(err)
	}
	defer slave.Close()
	data := idxData(t, 40, 0)
	model := fitSmall(t, data)
	p := start(t, "", "embed", model, data, "-o", filepath.Join(t.TempDir(), "out"), "--labels", name)
	head := make([]byte, 6)
	if _, err := io.ReadFull(master, head); err != nil || string(head) != "\x93NUMPY" {
		t.Errorf("the terminal got %q, %v", head, err)
	}
	if o := p.outcome(); o.code != 0 {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		t.Errorf("the terminal is %v, %v", info, err)
	}
}

// On a file system too small for the result the work does not begin.
func TestSmallFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("smt-test", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("nothing can be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	data := idxData(t, 3000, 0)
	model, path := fitSmall(t, data), filepath.Join(dir, "out")
	for _, args := range [][]string{
		{"embed", model, data, "-o", path},
		{"embed", model, data, "-o", filepath.Join(t.TempDir(), "out"), "--labels", path, "--split", "all"},
		{"fit", data, "-o", path, "--preset", "mnist", "--atoms", "512"},
	} {
		if args[0] == "embed" && args[4] != path {
			write(t, filepath.Join(dir, "filler"), make([]byte, 48<<10)) // labels take 24,128 bytes
		}
		o := watch(t, args...)
		o.wantFailure(t, exitFailure, path, "on disk", "free")
		if strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("smt %s: it had begun to work:\n%s", args[0], o.stderr)
		}
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	// The model fits, its statistics do not: one line says so, and the fit goes on.
	o := watch(t, append([]string{"fit", data, "-o", path, "--images", "100", "--preset", "mnist"}, small[:len(small)-1]...)...)
	if o.code != 0 || strings.Count(o.stderr, "little room on disk") != 1 {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}
