package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

// holds checks that dir has the file, of this text, and nothing else.
func holds(t *testing.T, path, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != text {
		t.Errorf("the file holds %q, %v; want %q", b, err, text)
	}
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(all) != 1 {
		t.Errorf("the folder has %v, %v; want the file alone", all, err)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, text := range []string{"first", "second, in its place", ""} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, text)
	}
	if err := Write(filepath.Join(path, "below a file"), nil); err == nil {
		t.Error("a file below a file: no error")
	}
	holds(t, path, "")
}

// Until it is complete the former file is there, and after it was given up too.
func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, commit := range []bool{false, true} {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("new"); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "old" {
			t.Errorf("before the end the file holds %q, %v; want the former", b, err)
		}
		want := "old"
		if commit {
			if err := f.CloseAtomicallyReplace(); err != nil {
				t.Fatal(err)
			}
			want = "new"
		}
		if err := f.Cleanup(); err != nil {
			t.Fatal(err)
		}
		holds(t, path, want)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(path, nil); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || after.Mode() != before.Mode() {
		t.Errorf("permissions %v, %v; want those of the former file, %v", after.Mode(), err, before.Mode())
	}
}
