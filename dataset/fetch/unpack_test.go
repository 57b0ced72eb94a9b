package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is an entry of an archive; its type is a regular file's unless set.
type entry struct {
	name, body, link string
	kind             byte
}

func targz(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	tw := tar.NewWriter(gz)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Mode: 0o600, Size: int64(len(e.body))}
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// good are the entries of a proper archive of oneArchive.
var good = []entry{
	{name: "bins/", kind: tar.TypeDir},
	{name: "bins/a.bin", body: "1234"},
	{name: "bins/readme.html", body: "<html>"},
}

// oneArchive is a set "set" of the archive "a.tar.gz" with the folder "bins".
func oneArchive(body []byte, base string) dataSet {
	return dataSet{name: "set", folder: "bins", bases: []string{base}, archive: true,
		files:   []file{{"a.tar.gz", int64(len(body)), md5Of(body)}},
		members: []member{{"a.bin", 4}, {"readme.html", -1}}}
}

func TestArchive(t *testing.T) {
	body := targz(t, good...)
	s := newServer(t, map[string][]byte{"a.tar.gz": body})
	s.cut = []int{20}
	f := newTestFetcher(t, oneArchive(body, s.URL))
	dir := filepath.Join(t.TempDir(), "made")
	// The remains of a process that was killed while it unpacked.
	if err := os.MkdirAll(filepath.Join(dir, "bins.part", "bins"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bins.part", "bins", "a.bin"), []byte("12"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := f.get(t.Context(), "set", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got != filepath.Join(dir, "bins") {
		t.Errorf("the folder is %s", got)
	}
	wantTree(t, dir, "bins/a.bin", "bins/readme.html")
	wantFile(t, filepath.Join(got, "a.bin"), []byte("1234"))
	if _, err := f.get(t.Context(), "set", Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.exchanges()); n != 2 {
		t.Errorf("%d requests, want the two of the first call", n)
	}
}

// An archive the user put there needs no network and is the user's to keep.
func TestArchiveIsThere(t *testing.T) {
	body := targz(t, good...)
	s := newServer(t, nil)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.tar.gz"), body, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := newTestFetcher(t, oneArchive(body, s.URL)).get(t.Context(), "set", Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	wantTree(t, dir, "a.tar.gz", "bins/a.bin", "bins/readme.html")
	if n := len(s.exchanges()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// The published checksums would keep such archives out; the unpacker must not
// need them to.
func TestBadArchives(t *testing.T) {
	with := func(e ...entry) []byte { return targz(t, append(append([]entry(nil), good...), e...)...) }
	whole := with()
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in gzip's own checksum
	tests := []struct {
		name string
		body []byte
		want string
	}{
		{"parent", with(entry{name: "../evil", body: "x"}), `"../evil" leaves the folder`},
		{"parent within", with(entry{name: "bins/../../evil", body: "x"}), "leaves the folder"},
		{"absolute", with(entry{name: "/tmp/evil", body: "x"}), "leaves the folder"},
		{"parent folder", with(entry{name: "../evil/", kind: tar.TypeDir}), "leaves the folder"},
		{"symlink", with(entry{name: "bins/link", link: "/etc/passwd", kind: tar.TypeSymlink}), `"bins/link" is of type '2'`},
		{"hard link", with(entry{name: "bins/link", link: "bins/a.bin", kind: tar.TypeLink}), "is of type '1'"},
		{"device", with(entry{name: "bins/null", kind: tar.TypeChar}), "is of type '3'"},
		{"pipe", with(entry{name: "bins/pipe", kind: tar.TypeFifo}), "is of type '6'"},
		{"one name twice", with(entry{name: "bins/a.bin", body: "4321"}), `"bins/a.bin"`},
		{"too large", with(entry{name: "bins/big", body: strings.Repeat("x", 1000)}), "more than expected"},
		{"too many", with(many()...), "more than 100 entries"},
		{"truncated", whole[:len(whole)/2], "unexpected EOF"},
		{"cut in gzip's end", whole[:len(whole)-4], "unexpected EOF"},
		{"damaged", flipped, "invalid checksum"},
		{"not an archive", []byte("<html>no</html>"), "invalid header"},
		{"no folder", targz(t, entry{name: "a.bin", body: "1234"}), "a.bin is missing"},
		{"no member", targz(t, good[0], good[1]), "readme.html is missing"},
		{"short member", targz(t, good[0], entry{name: "bins/a.bin", body: "123"}, good[2]), "a.bin is 3 bytes, expected 4"},
		{"member is a folder", targz(t, good[1], entry{name: "bins/readme.html/", kind: tar.TypeDir}), "readme.html is not a regular file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, map[string][]byte{"a.tar.gz": tt.body})
			f := newTestFetcher(t, oneArchive(tt.body, s.URL))
			f.unpacked = 500
			// One level down, where ../evil would be seen.
			above := t.TempDir()
			_, err := f.get(t.Context(), "set", Options{Dir: filepath.Join(above, "dir")})
			if err == nil {
				t.Fatal("unpacked without error")
			}
			if !strings.HasPrefix(err.Error(), "fetch: set: a.tar.gz: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
			wantTree(t, above, "dir/a.tar.gz")
			if _, err := os.Stat(filepath.Join(above, "dir", "bins")); err == nil {
				t.Error("the folder has its name all the same")
			}
		})
	}
}

// many are more empty files than an archive may hold.
func many() []entry {
	entries := make([]entry, maxEntries)
	for i := range entries {
		entries[i].name = fmt.Sprintf("bins/%d", i)
	}
	return entries
}

func TestUnpackCancelled(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a.tar.gz")
	if err := os.WriteFile(archive, targz(t, good...), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := unpack(ctx, archive, filepath.Join(dir, "bins"), nil, 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	wantTree(t, dir, "a.tar.gz")
}

// A folder of the name that does not hold the members is the user's to remove.
func TestForeignFolder(t *testing.T) {
	body := targz(t, good...)
	s := newServer(t, map[string][]byte{"a.tar.gz": body})
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bins"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bins", "a.bin"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := newTestFetcher(t, oneArchive(body, s.URL)).get(t.Context(), "set", Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "readme.html is missing; remove the folder") {
		t.Errorf("error %v", err)
	}
	wantTree(t, dir, "bins/a.bin")
	if n := len(s.exchanges()); n != 0 {
		t.Errorf("%d requests before it looked", n)
	}
}
