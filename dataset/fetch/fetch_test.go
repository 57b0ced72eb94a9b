package fetch

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestGetFiles(t *testing.T) {
	a, b := payload(300_000, 1), payload(70_000, 2)
	s := newServer(t, map[string][]byte{"a.gz": a, "b.gz": b})
	set := dataSet{name: "set", folder: "folder", bases: []string{s.URL + "/base/"}, files: []file{
		{"a.gz", int64(len(a)), md5Of(a)},
		{"b.gz", int64(len(b)), sha256Of(b)},
	}}
	f := newTestFetcher(t, set)
	dir := filepath.Join(t.TempDir(), "made", "here")
	last := map[string]int64{}
	opt := Options{Dir: dir, Progress: func(file string, done, total int64) {
		if done < last[file] || total != map[string]int64{"a.gz": 300_000, "b.gz": 70_000}[file] {
			t.Errorf("progress of %s: %d of %d after %d", file, done, total, last[file])
		}
		last[file] = done
	}}
	got, err := f.get(t.Context(), "set", opt)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "folder"); got != want {
		t.Errorf("the folder is %s, want %s", got, want)
	}
	wantTree(t, dir, "folder/a.gz", "folder/b.gz")
	wantFile(t, filepath.Join(got, "a.gz"), a)
	wantFile(t, filepath.Join(got, "b.gz"), b)
	if last["a.gz"] != 300_000 || last["b.gz"] != 70_000 {
		t.Errorf("progress ended at %v", last)
	}
	if n := len(s.exchanges()); n != 2 {
		t.Errorf("%d requests for two files", n)
	}

	// The second call finds all there.
	if got, err := f.get(t.Context(), "set", opt); err != nil || got != filepath.Join(dir, "folder") {
		t.Errorf("second call: %s, %v", got, err)
	}
	// And the third what is missing.
	if err := os.Remove(filepath.Join(got, "b.gz")); err != nil {
		t.Fatal(err)
	}
	clear(last)
	if _, err := f.get(t.Context(), "set", opt); err != nil {
		t.Fatal(err)
	}
	log := s.exchanges()
	if len(log) != 3 || log[2].name != "b.gz" {
		t.Errorf("requests are %+v, want a third, for b.gz", log)
	}
}

// A cancelled call returns at once and keeps its .part, which the next call, in
// another process for all it knows, resumes.
func TestCancel(t *testing.T) {
	body := payload(400_000, 0)
	s := newServer(t, map[string][]byte{"f.gz": body})
	s.instead = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > 0 {
			return false
		}
		w.Header().Set("ETag", s.etag)
		w.Header().Set("Content-Length", "400000")
		w.Write(body[:150_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := newTestFetcher(t, oneFile(body, s.URL, s.URL+"/other"))
	_, err := f.get(ctx, "set", Options{Dir: dir, Progress: func(_ string, done, _ int64) {
		if done == 150_000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if len(f.waits) > 0 {
		t.Errorf("waited %v after it was cancelled", f.waits)
	}
	wantTree(t, dir, "folder/f.gz.part", "folder/f.gz.part.json")
	wantFile(t, filepath.Join(dir, "folder", "f.gz.part"), body[:150_000])

	if _, err := newTestFetcher(t, oneFile(body, s.URL)).get(t.Context(), "set", Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "folder", "f.gz"), body)
	wantTree(t, dir, "folder/f.gz")
	if log := s.exchanges(); len(log) != 2 || log[1] != (exchange{"f.gz", "bytes=150000-", `"v1"`, 206, 250_000}) {
		t.Errorf("requests are %+v", log)
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := backoff(ctx, 20); !errors.Is(err, context.Canceled) { // twelve days
		t.Errorf("backoff: %v, want context.Canceled", err)
	}
	body := payload(10, 0)
	s := newServer(t, map[string][]byte{"f.gz": body})
	f := newTestFetcher(t, oneFile(body, s.URL))
	opt := Options{Dir: t.TempDir()}
	if _, err := f.get(ctx, "set", opt); !errors.Is(err, context.Canceled) {
		t.Errorf("download: %v, want context.Canceled", err)
	}
	if _, err := f.get(t.Context(), "set", opt); err != nil {
		t.Fatal(err)
	}
	_, err := f.get(ctx, "set", opt)
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "remove") {
		t.Errorf("checksum: %v, want context.Canceled", err)
	}
}

func TestNextAddress(t *testing.T) {
	body := payload(1000, 0)
	dead := newServer(t, nil)
	dead.Close() // connections are refused
	missing, good := newServer(t, nil), newServer(t, map[string][]byte{"f.gz": body})
	f := newTestFetcher(t, oneFile(body, dead.URL, missing.URL, good.URL))
	if _, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if m, g := len(missing.exchanges()), len(good.exchanges()); m != 1 || g != 1 {
		t.Errorf("%d and %d requests, want one each", m, g)
	}
	f = newTestFetcher(t, oneFile(body, dead.URL, missing.URL))
	_, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), dead.URL) || !strings.Contains(err.Error(), missing.URL) {
		t.Errorf("error %v, want both addresses in it", err)
	}
}

// A mirror replaces the addresses, its path and query kept, its password not shown.
func TestMirror(t *testing.T) {
	body := payload(1000, 0)
	authors, mirror := newServer(t, map[string][]byte{"f.gz": body}), newServer(t, map[string][]byte{"f.gz": body})
	var path, query string
	mirror.instead = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		path, query = r.URL.Path, r.URL.RawQuery
		return false
	}
	f := newTestFetcher(t, oneFile(body, authors.URL))
	if _, err := f.get(t.Context(), "set", Options{Dir: t.TempDir(), URL: mirror.URL + "/a/b?key=1"}); err != nil {
		t.Fatal(err)
	}
	if path != "/a/b/f.gz" || query != "key=1" {
		t.Errorf("asked for %s?%s, want /a/b/f.gz?key=1", path, query)
	}
	if n := len(authors.exchanges()); n > 0 {
		t.Errorf("%d requests to the authors' address all the same", n)
	}
	mirror.instead = failing(404, 99)
	secret := strings.Replace(mirror.URL, "http://", "http://user:s3cret@", 1)
	_, err := f.get(t.Context(), "set", Options{Dir: t.TempDir(), URL: secret})
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v shows the password", err)
	}
	for _, bad := range []string{"ftp://host/", "host/path", "http://", "/folder", "http://host:port/"} {
		if _, err := f.get(t.Context(), "set", Options{Dir: t.TempDir(), URL: bad}); err == nil || !strings.HasPrefix(err.Error(), "fetch: set: ") {
			t.Errorf("address %q: error %v", bad, err)
		}
	}
}

// What is there under the name but is not the file is the user's to remove.
func TestForeignFile(t *testing.T) {
	body := payload(1000, 0)
	for _, foreign := range [][]byte{[]byte("mine"), payload(1000, 1)} {
		s := newServer(t, map[string][]byte{"f.gz": body})
		dir := t.TempDir()
		path := filepath.Join(dir, "folder", "f.gz")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, foreign, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := newTestFetcher(t, oneFile(body, s.URL)).get(t.Context(), "set", Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove the file") {
			t.Errorf("error %v", err)
		}
		wantFile(t, path, foreign)
	}
}

func TestUnknownName(t *testing.T) {
	_, err := Get(t.Context(), "imagenet", Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), `"imagenet"; there are mnist, fashion-mnist, cifar10, cifar100, text8`) {
		t.Errorf("error %v", err)
	}
}

// The catalogue is data that nothing else reads before a user does.
func TestCatalogue(t *testing.T) {
	if got, want := Names(), []string{"mnist", "fashion-mnist", "cifar10", "cifar100", "text8"}; !reflect.DeepEqual(got, want) {
		t.Errorf("names are %q, want %q", got, want)
	}
	sums := map[string]bool{}
	for _, set := range published {
		if set.archive != (len(set.files) == 1) || set.archive != (len(set.members) > 0) || set.folder == "" || len(set.bases) == 0 {
			t.Errorf("%s: incomplete", set.name)
		}
		for _, f := range set.files {
			if _, err := addresses(set.bases, f.name); err != nil {
				t.Errorf("%s: %v", f.name, err)
			}
			digits := map[string]int{"md5": 32, "sha256": 64}[f.sum.algorithm]
			if _, err := hex.DecodeString(f.sum.hex); err != nil || len(f.sum.hex) != digits || sums[f.sum.hex] || f.size <= 0 {
				t.Errorf("%s: %+v is not a checksum of its own, or %d not a size", f.name, f.sum, f.size)
			}
			sums[f.sum.hex] = true
		}
	}
}
