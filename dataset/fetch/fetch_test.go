package fetch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
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

// A connection that breaks is resumed where it broke: every byte is sent once.
func TestResume(t *testing.T) {
	body := payload(500_000, 0)
	s := newServer(t, map[string][]byte{"f.gz": body})
	s.cut = []int{200_001, 100_000}
	f := newTestFetcher(t, oneFile(body, s.URL))
	dir, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "f.gz"), body)
	wantTree(t, dir, "f.gz")
	want := []exchange{
		{"f.gz", "", "", 200, 200_001},
		{"f.gz", "bytes=200001-", `"v1"`, 206, 100_000},
		{"f.gz", "bytes=300001-", `"v1"`, 206, 199_999},
	}
	if got := s.exchanges(); !reflect.DeepEqual(got, want) {
		t.Errorf("requests are\n%+v, want\n%+v", got, want)
	}
	if !reflect.DeepEqual(f.waits, []int{1, 2}) {
		t.Errorf("waited after failures %v, want 1, 2", f.waits)
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

// Without ranges every attempt is from the beginning, and nothing is doubled.
func TestServerIgnoresRanges(t *testing.T) {
	body := payload(300_000, 0)
	s := newServer(t, nil)
	s.cut = []int{100_000, 50_000}
	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "300000")
		w.Write(body)
		return true
	}
	f := newTestFetcher(t, oneFile(body, s.URL))
	dir, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "f.gz"), body)
	log := s.exchanges()
	if len(log) != 3 || log[1].rng != "bytes=100000-" || log[2].rng != "bytes=50000-" || log[2].sent != 300_000 {
		t.Errorf("requests are %+v", log)
	}
}

// The file is replaced on the server while half of it is here. Each case answers
// the request for the rest in another way; in all the new file must come out whole.
func TestChangedOnServer(t *testing.T) {
	former, now := payload(300_000, 1), payload(300_000, 2)
	tests := []struct {
		name    string
		etag    string // of the former file
		instead func(w http.ResponseWriter, r *http.Request) bool
		want    []exchange // after the first
		whole   int        // how often all the bytes were here, for the checksum to judge
	}{
		{"If-Range is heeded", `"v1"`, nil,
			[]exchange{{"f.gz", "bytes=100000-", `"v1"`, 200, 300_000}}, 1},
		{"If-Range is ignored, the ETag tells", `"v1"`, func(w http.ResponseWriter, r *http.Request) bool {
			r.Header.Del("If-Range")
			return false
		}, []exchange{
			// Given up at the header: what of the body was on its way does not count.
			{"f.gz", "bytes=100000-", `"v1"`, 206, 200_000},
			{"f.gz", "", "", 200, 300_000},
		}, 1},
		{"nothing tells but the checksum", "", nil, []exchange{
			{"f.gz", "bytes=100000-", "", 206, 200_000},
			{"f.gz", "", "", 200, 300_000},
		}, 2},
		{"a weak ETag is no validator", `W/"v1"`, nil, []exchange{
			{"f.gz", "bytes=100000-", "", 206, 200_000},
			{"f.gz", "", "", 200, 300_000},
		}, 2},
		{"another piece than asked for", `"v1"`, func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") == "" {
				return false
			}
			w.Header().Set("Content-Range", "bytes 99999-299999/300000")
			w.WriteHeader(http.StatusPartialContent)
			return true
		}, []exchange{
			{"f.gz", "bytes=100000-", `"v1"`, 206, 0},
			{"f.gz", "", "", 200, 300_000},
		}, 1},
		{"another length", `"v1"`, func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") == "" {
				return false
			}
			w.Header().Set("Content-Range", "bytes 100000-299999/300001")
			w.WriteHeader(http.StatusPartialContent)
			return true
		}, []exchange{
			{"f.gz", "bytes=100000-", `"v1"`, 206, 0},
			{"f.gz", "", "", 200, 300_000},
		}, 1},
		{"now too short for the range", `"v1"`, func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") == "" {
				return false
			}
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return true
		}, []exchange{
			{"f.gz", "bytes=100000-", `"v1"`, 416, 0},
			{"f.gz", "", "", 200, 300_000},
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, map[string][]byte{"f.gz": former})
			s.etag = tt.etag
			s.cut = []int{100_000}
			s.instead = func(n int, w http.ResponseWriter, r *http.Request) bool {
				return n > 0 && tt.instead != nil && tt.instead(w, r)
			}
			f := newTestFetcher(t, oneFile(now, s.URL))
			f.wait = func(context.Context, int) error {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.files["f.gz"] = now
				if s.etag == `"v1"` {
					s.etag = `"v2"`
				}
				return nil
			}
			whole := 0
			dir, err := f.get(t.Context(), "set", Options{Dir: t.TempDir(), Progress: func(_ string, done, total int64) {
				if done == total {
					whole++
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if whole != tt.whole {
				t.Errorf("the file came whole %d times, want %d", whole, tt.whole)
			}
			wantFile(t, filepath.Join(dir, "f.gz"), now)
			wantTree(t, dir, "f.gz")
			got := s.exchanges()[1:]
			for i := range got {
				if got[i].status == 206 && tt.etag == `"v1"` && i < len(tt.want) {
					got[i].sent = tt.want[i].sent
				}
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("requests after the first are\n%+v, want\n%+v", got, tt.want)
			}
		})
	}
}

// Last-Modified serves where there is no ETag.
func TestLastModified(t *testing.T) {
	body := payload(200_000, 0)
	s := newServer(t, map[string][]byte{"f.gz": body})
	s.etag = ""
	s.cut = []int{100_000}
	const date = "Thu, 04 Jun 2009 12:00:00 GMT"
	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Last-Modified", date)
		return false
	}
	f := newTestFetcher(t, oneFile(body, s.URL))
	if _, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if log := s.exchanges(); len(log) != 2 || log[1].ifRange != date {
		t.Errorf("requests are %+v, want a second with If-Range: %s", log, date)
	}
}

func TestWrongChecksum(t *testing.T) {
	served, published := payload(100_000, 1), payload(100_000, 2)
	s := newServer(t, map[string][]byte{"f.gz": served})
	dir := t.TempDir()
	f := newTestFetcher(t, oneFile(published, s.URL))
	_, err := f.get(t.Context(), "set", Options{Dir: dir})
	if err == nil {
		t.Fatal("took a file with another checksum")
	}
	for _, want := range []string{"fetch: set: f.gz: ", s.URL + "/f.gz", "sha256 is " + sha256Of(served).hex, "expected " + sha256Of(published).hex} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want %q in it", err, want)
		}
	}
	wantTree(t, dir) // neither the file nor a .part to resume
	if n := len(s.exchanges()); n != 1 {
		t.Errorf("%d requests: the same bytes would come again", n)
	}
}

// After a cut, the whole file in one piece, and the wrong one: it would come again.
func TestWrongChecksumAfterRestart(t *testing.T) {
	served := payload(100_000, 1)
	s := newServer(t, nil)
	s.cut = []int{50_000}
	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "100000")
		w.Write(served)
		return true
	}
	dir := t.TempDir()
	_, err := newTestFetcher(t, oneFile(payload(100_000, 2), s.URL)).get(t.Context(), "set", Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "sha256 is "+sha256Of(served).hex) {
		t.Errorf("error %v", err)
	}
	wantTree(t, dir)
	if n := len(s.exchanges()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// failing answers with a status for the first n requests.
func failing(status, n int) func(int, http.ResponseWriter, *http.Request) bool {
	return func(i int, w http.ResponseWriter, _ *http.Request) bool {
		if i < n {
			w.WriteHeader(status)
		}
		return i < n
	}
}

func TestStatus(t *testing.T) {
	body := payload(1000, 0)
	tests := []struct {
		status, times, requests int
		ok                      bool
	}{
		{500, 2, 3, true},
		{503, 3, 4, true},
		{429, 1, 2, true},
		{408, 1, 2, true},
		{503, 99, 4, false}, // as often as the fetcher is willing
		{404, 99, 1, false},
		{403, 99, 1, false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d×%d", tt.status, tt.times), func(t *testing.T) {
			s := newServer(t, map[string][]byte{"f.gz": body})
			s.instead = failing(tt.status, tt.times)
			f := newTestFetcher(t, oneFile(body, s.URL))
			dir := t.TempDir()
			_, err := f.get(t.Context(), "set", Options{Dir: dir})
			if (err == nil) != tt.ok {
				t.Errorf("error %v", err)
			}
			if !tt.ok {
				wantTree(t, dir) // no empty .part
			}
			if !tt.ok && !(strings.Contains(err.Error(), s.URL+"/f.gz") && strings.Contains(err.Error(), fmt.Sprint("status ", tt.status))) {
				t.Errorf("error %q, want the address and the status in it", err)
			}
			if n := len(s.exchanges()); n != tt.requests || len(f.waits) != n-1 {
				t.Errorf("%d requests with waits %v, want %d", n, f.waits, tt.requests)
			}
		})
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

// What one address began another goes on with, without the first one's ETag.
func TestNextAddressResumes(t *testing.T) {
	body := payload(200_000, 0)
	first, second := newServer(t, map[string][]byte{"f.gz": body}), newServer(t, map[string][]byte{"f.gz": body})
	first.cut = []int{80_000}
	first.instead = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n > 0 {
			w.WriteHeader(http.StatusNotFound)
		}
		return n > 0
	}
	second.etag = `"another server's"`
	dir, err := newTestFetcher(t, oneFile(body, first.URL, second.URL)).get(t.Context(), "set", Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "f.gz"), body)
	want := []exchange{{"f.gz", "bytes=80000-", "", 206, 120_000}}
	if got := second.exchanges(); !reflect.DeepEqual(got, want) {
		t.Errorf("requests to the second are %+v, want %+v", got, want)
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

// A server that goes silent is left, and asked again for the rest.
func TestStall(t *testing.T) {
	body := payload(200_000, 0)
	for _, sent := range []int{-1, 0, 100_000} { // -1: no header either
		t.Run(fmt.Sprint(sent), func(t *testing.T) {
			s := newServer(t, map[string][]byte{"f.gz": body})
			s.instead = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n > 0 {
					return false
				}
				if sent >= 0 {
					w.Header().Set("Content-Length", "200000")
					w.Write(body[:sent])
					w.(http.Flusher).Flush()
				}
				<-r.Context().Done()
				return true
			}
			f := newTestFetcher(t, oneFile(body, s.URL))
			f.stall = 200 * time.Millisecond
			dir, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "f.gz"), body)
			log := s.exchanges()
			want := ""
			if sent > 0 {
				want = fmt.Sprintf("bytes=%d-", sent)
			}
			if len(log) != 2 || log[1].rng != want {
				t.Errorf("requests are %+v, want a second with Range %q", log, want)
			}
		})
	}
}

// A server that is slow, but not silent, is waited for.
func TestSlow(t *testing.T) {
	body := payload(800, 0)
	s := newServer(t, nil)
	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "800")
		for i := range 8 {
			time.Sleep(100 * time.Millisecond)
			w.Write(body[100*i : 100*(i+1)])
			w.(http.Flusher).Flush()
		}
		return true
	}
	f := newTestFetcher(t, oneFile(body, s.URL))
	f.stall = 500 * time.Millisecond // the file takes 800
	if _, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.exchanges()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// A page in the place of the file, as a captive network serves it, and a file
// that goes on: neither may cost the .part that is there, or fill the disk.
func TestWrongLength(t *testing.T) {
	body := payload(1000, 0)
	s := newServer(t, nil)
	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, "<html>Please log in</html>")
		return true
	}
	dir := t.TempDir()
	part := filepath.Join(dir, "folder", "f.gz.part")
	if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(part, body[:500], 0o644); err != nil {
		t.Fatal(err)
	}
	f := newTestFetcher(t, oneFile(body, s.URL))
	_, err := f.get(t.Context(), "set", Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "Content-Length is 26, expected 1000") {
		t.Errorf("error %v", err)
	}
	wantFile(t, part, body[:500])

	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Write(body)
		w.(http.Flusher).Flush() // no Content-Length, then
		w.Write([]byte{0})
		return true
	}
	_, err = f.get(t.Context(), "set", Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "more than the 1000 bytes expected") {
		t.Errorf("error %v", err)
	}
}

// A .part longer than the file, and one that is complete but was not renamed.
func TestOddParts(t *testing.T) {
	body := payload(1000, 0)
	for name, tt := range map[string]struct {
		part     []byte
		requests int
	}{
		"too long":         {payload(1001, 0), 1},
		"complete":         {body, 0},
		"complete, damage": {payload(1000, 1), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, map[string][]byte{"f.gz": body})
			dir := t.TempDir()
			part := filepath.Join(dir, "folder", "f.gz.part")
			if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(part, tt.part, 0o644); err != nil {
				t.Fatal(err)
			}
			f := newTestFetcher(t, oneFile(body, s.URL))
			if _, err := f.get(t.Context(), "set", Options{Dir: dir}); err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "folder", "f.gz"), body)
			wantTree(t, dir, "folder/f.gz")
			if n := len(s.exchanges()); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
		})
	}
}

// Some servers call a .gz file an encoding of its content; it is kept as it is.
func TestContentEncoding(t *testing.T) {
	body := targz(t, entry{name: "x", body: "y"}) // a gzip file, whatever is in it
	s := newServer(t, map[string][]byte{"f.gz": body})
	s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Encoding", "gzip")
		return false
	}
	dir, err := newTestFetcher(t, oneFile(body, s.URL)).get(t.Context(), "set", Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "f.gz"), body)
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
	if err == nil || !strings.Contains(err.Error(), `"imagenet"; there are mnist, fashion-mnist, cifar10, cifar100`) {
		t.Errorf("error %v", err)
	}
}

// The catalogue is data that nothing else reads before a user does.
func TestCatalogue(t *testing.T) {
	if got, want := Names(), []string{"mnist", "fashion-mnist", "cifar10", "cifar100"}; !reflect.DeepEqual(got, want) {
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
