//go:build unix

package regular

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file, link, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link} {
		f, info, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil || string(b) != "text" || info.Size() != 4 {
			t.Errorf("%s: read %q, size %d, %v", path, b, info.Size(), err)
		}
		f.Close()
		if b, err := ReadFile(path); err != nil || string(b) != "text" {
			t.Errorf("%s: ReadFile gave %q, %v", path, b, err)
		}
	}
	// A FIFO without a writer would hang here, and the test with it.
	for path, want := range map[string]string{
		fifo: "a FIFO", dir: "a folder", "/dev/null": "a device", filepath.Join(dir, "nothing"): "no such file",
	} {
		if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that names it and says %q", path, err, want)
		}
	}
}
