package output

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// mine is for folders that have a file "mark", or nothing.
func mine(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "mark")); err != nil {
		return fmt.Errorf("%s is another's", dir)
	}
	return nil
}

func folderOf(t testing.TB, dir, text string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "mark"), text)
}

func TestFolder(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "dir")
	for _, text := range []string{"first", "second"} {
		for _, commit := range []bool{false, true} {
			f, err := CreateFolder(dir+string(filepath.Separator), mine)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"mark", "below/" + text} {
				if err := f.WriteFile(name, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			if commit {
				err = f.Commit()
			}
			if err := errors.Join(err, f.Abort()); err != nil {
				t.Fatal(err)
			}
		}
		wantNames(t, parent, "dir")
		wantNames(t, dir, "below", "mark")
		wantNames(t, filepath.Join(dir, "below"), text)
		wantText(t, filepath.Join(dir, "mark"), text)
	}
	_, err := CreateFolder(filepath.Join(parent, "none", "dir"), mine)
	wantError(t, err, "none", "cannot be written")
}

// Wherever a process is killed, the next one takes away what is left, and the former
// folder is there until the new one is.
func TestFolderAfterAKill(t *testing.T) {
	for name, c := range map[string]struct{ dir, new, former string }{
		"while it is written":       {"former", "half", ""},
		"before the first":          {"", "half", ""},
		"with the former aside":     {"", "whole", "former"},
		"with the new in its place": {"whole", "", "former"},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "dir")
			for suffix, text := range map[string]string{"": c.dir, fresh: c.new, fresh + ".old": c.former} {
				if text != "" {
					folderOf(t, dir+suffix, text)
				}
			}
			f, err := CreateFolder(dir, mine)
			if err != nil {
				t.Fatal(err)
			}
			if want := c.dir + c.former; want != "" && c.dir == "" {
				wantText(t, filepath.Join(dir, "mark"), want)
			}
			if err := f.WriteFile("mark", []byte("next")); err != nil {
				t.Fatal(err)
			}
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
			wantText(t, filepath.Join(dir, "mark"), "next")
			wantNames(t, parent, "dir")
		})
	}
}

func TestFolderSparesOthers(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "dir")
	for _, suffix := range []string{fresh, fresh + ".old"} {
		if err := os.Mkdir(dir+suffix, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir+suffix, "thesis"), "mine")
		folderOf(t, dir, "former")
		_, err := CreateFolder(dir, mine)
		wantError(t, err, dir+suffix, "another's", "its name is needed")
		wantText(t, filepath.Join(dir+suffix, "thesis"), "mine")
		if err := errors.Join(os.RemoveAll(dir+suffix), os.RemoveAll(dir)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := CreateFolder(dir, mine)
	if err != nil {
		t.Fatal(err)
	}
	if renamesOpen {
		_, err = CreateFolder(dir, mine)
		wantError(t, err, dir, "another process")
	}
	if err := f.Abort(); err != nil {
		t.Error(err)
	}
}
