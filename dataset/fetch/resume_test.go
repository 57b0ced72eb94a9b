package fetch

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

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

// ranges answers requests for a part of a file with a status, and with a Content-Range if there is one.
func ranges(status int, contentRange string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") == "" {
			return false
		}
		if contentRange != "" {
			w.Header().Set("Content-Range", contentRange)
		}
		w.WriteHeader(status)
		return true
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
		{"another piece than asked for", `"v1"`, ranges(http.StatusPartialContent, "bytes 99999-299999/300000"), []exchange{
			{"f.gz", "bytes=100000-", `"v1"`, 206, 0},
			{"f.gz", "", "", 200, 300_000},
		}, 1},
		{"another length", `"v1"`, ranges(http.StatusPartialContent, "bytes 100000-299999/300001"), []exchange{
			{"f.gz", "bytes=100000-", `"v1"`, 206, 0},
			{"f.gz", "", "", 200, 300_000},
		}, 1},
		{"now too short for the range", `"v1"`, ranges(http.StatusRequestedRangeNotSatisfiable, ""), []exchange{
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
