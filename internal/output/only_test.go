package output

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnly(t *testing.T) {
	dir := t.TempDir()
	ours := func(name string) bool { return name == "model" || name == "page" }
	only := func() error { return Only(dir, "a demo", ours) }
	for _, name := range []string{"model", "model" + Partial, "page" + fresh, "page" + fresh + ".old"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := only(); err != nil {
		t.Error(err)
	}
	if err := Only(filepath.Join(dir, "none"), "a demo", ours); err != nil {
		t.Error(err)
	}
	wantError(t, Only(filepath.Join(dir, "model"), "a demo", ours), "model", "no folder")
	if err := os.Mkdir(filepath.Join(dir, "test"), 0o755); err != nil {
		t.Fatal(err)
	}
	wantError(t, only(), dir, "holds test", "not of a demo", "another folder")
}
