package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/regular"
)

// marker is in every page written here, near its beginning: a folder that holds
// it may be written anew.
const marker = `<meta name="generator" content="smt explain`

// file is one file of a report, by its path in the folder.
type file struct {
	name string
	data []byte
}

// The pages of the reports there are, one each, by which a report is told from another.
const (
	ModelPage   = "index.html"
	ToyPage     = "toy.html"
	SourcesPage = "sources.html"
)

// Writable reports whether the report of a page may be written to dir: it must not exist, be
// empty, or hold an earlier report of that page and nothing else.
func Writable(dir, page string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %s is no folder that can be read: want one to write to", dir)
	}
	for _, e := range entries {
		switch ours := isPage(filepath.Join(dir, e.Name())); {
		case e.Name() == "pictures" || ours && e.Name() == page:
		case ours:
			return fmt.Errorf("report: %s holds %s, the page of another report than %s: want another folder, or remove it", dir, e.Name(), page)
		default:
			return fmt.Errorf("report: %w", output.Foreign(dir, e.Name(), "a report"))
		}
	}
	if len(entries) == 1 && entries[0].Name() == "pictures" {
		return fmt.Errorf("report: %s holds pictures and no report: want another folder, or remove it", dir)
	}
	return freePictures(dir)
}

// listed begins the line of a page that names the files of its report.
const listed = `<meta name="files" content="`

// freePictures reports a file among the pictures of dir that no page in it names.
func freePictures(dir string) error {
	pictures, err := os.ReadDir(filepath.Join(dir, "pictures"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil {
		return fmt.Errorf("report: %s: %w", dir, err)
	}
	ours, lists := map[string]bool{}, false
	for _, p := range pages {
		page, err := regular.ReadFile(p)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		_, rest, ok := bytes.Cut(page, []byte(listed))
		names, _, _ := bytes.Cut(rest, []byte(`"`))
		for _, name := range bytes.Fields(names) {
			ours[string(name)] = true
		}
		lists = lists || ok
	}
	for _, p := range pictures {
		// Reports of earlier versions, and pages that are only begun, do not say what is theirs.
		likely := !lists && !p.IsDir() && (filepath.Ext(p.Name()) == ".png" || filepath.Ext(p.Name()) == ".svg")
		if !likely && !ours["pictures/"+p.Name()] {
			return fmt.Errorf("report: %w", output.Foreign(dir, "pictures/"+p.Name(), "a report"))
		}
	}
	return nil
}

// name puts the names of the files of a report into its page, the first of them, after the
// marker.
func name(files []file) {
	var names []string
	for _, x := range files[1:] {
		names = append(names, x.name)
	}
	before, after, _ := bytes.Cut(files[0].data, []byte(marker))
	end := bytes.IndexByte(after, '>') + 1
	files[0].data = slices.Concat(before, []byte(marker), after[:end], []byte("\n"+listed+strings.Join(names, " ")+`">`), after[end:])
}

// isPage reports a page written here, or the empty file that one begins as and that a
// killed process may have left.
func isPage(path string) bool {
	f, info, err := regular.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 1024)
	n, _ := f.Read(head)
	return info.Size() == 0 && filepath.Ext(path) == ".html" || bytes.Contains(head[:n], []byte(marker))
}

// createFolder begins the folder of a report, before the work on it: it may be that it
// cannot be written.
func createFolder(dir, page string) (*output.Folder, error) {
	writable := func(dir string) error { return Writable(dir, page) }
	if err := writable(dir); err != nil {
		return nil, err
	}
	f, err := output.CreateFolder(dir, writable)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return f, nil
}

// fill makes the folder hold these files, a page first, and puts it in its place. It
// returns their size.
func fill(f *output.Folder, files []file) (size int64, err error) {
	name(files)
	for _, x := range files {
		if err := f.WriteFile(x.name, x.data); err != nil {
			return 0, fmt.Errorf("report: %w", err)
		}
		size += int64(len(x.data))
	}
	if err := f.Commit(); err != nil {
		return 0, fmt.Errorf("report: %w", err)
	}
	return size, nil
}
