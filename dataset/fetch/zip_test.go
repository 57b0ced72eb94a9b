package fetch

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func zipped(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.link != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(e.name, "/") {
			if _, err := f.Write([]byte(e.body + e.link)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// oneZip is a set "set" of the archive "a.zip" with the file "words", in the folder "words".
func oneZip(body []byte, base string) dataSet {
	return dataSet{name: "set", folder: "words", bases: []string{base}, archive: true,
		files: []file{{"a.zip", int64(len(body)), md5Of(body)}}, members: []member{{"words", 11}}}
}

// A .zip of files is unpacked to a folder, once.
func TestZip(t *testing.T) {
	body := zipped(t, entry{name: "more/"}, entry{name: "words", body: "some  words"}, entry{name: "more/about", body: "them"})
	s := newServer(t, map[string][]byte{"a.zip": body})
	s.cut = []int{20}
	f, dir := newTestFetcher(t, oneZip(body, s.URL)), t.TempDir()
	for range 2 {
		got, err := f.get(t.Context(), "set", Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		wantTree(t, dir, "words/more/about", "words/words")
		wantFile(t, filepath.Join(got, "words"), []byte("some  words"))
	}
	if n := len(s.exchanges()); n != 2 {
		t.Errorf("%d requests, want the two of the first call", n)
	}
}

// What no published archive holds ends it, and nothing is left of it.
func TestZipRefuses(t *testing.T) {
	words := entry{name: "words", body: "some  words"}
	damaged := zipped(t, words)
	damaged[40] ^= 1 // of the words, whose sum is in the list at the end
	for says, body := range map[string][]byte{
		"leaves the folder":             zipped(t, entry{name: "../words", body: "x"}),
		"neither a file nor a folder":   zipped(t, words, entry{name: "link", link: "/etc/passwd"}),
		"unpacks to more than expected": zipped(t, words, entry{name: "zeros", body: strings.Repeat("0", 1<<21)}),
		"words is missing":              zipped(t, entry{name: "other", body: "x"}),
		"words is 3 bytes, expected 11": zipped(t, entry{name: "words", body: "xyz"}),
		"exists":                        zipped(t, words, words),
		"more than 100 entries":         zipped(t, append(make([]entry, 100), words)...),
		"not a valid zip file":          []byte("no archive"),
		`entry "words"`:                 damaged,
	} {
		s := newServer(t, map[string][]byte{"a.zip": body})
		f, dir := newTestFetcher(t, oneZip(body, s.URL)), t.TempDir()
		f.unpacked = 1 << 20
		if _, err := f.get(t.Context(), "set", Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "a.zip") {
			t.Errorf("error %v, want one of %q", err, says)
		}
		if _, err := os.Stat(filepath.Join(dir, "words")); err == nil {
			t.Errorf("%s: a folder was left", says)
		}
	}
}
