package fetch

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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

// A server that goes silent is left, and asked again for the rest.
func TestStall(t *testing.T) {
	body := payload(200_000, 0)
	for _, sent := range []int{-1, 0, 100_000} { // -1: no header either
		synctest.Test(t, func(t *testing.T) {
			s, transport := newServerInBubble(t, map[string][]byte{"f.gz": body})
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
			f.client.Transport, f.stall = transport, 30*time.Second
			began := time.Now()
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
			if waited := time.Since(began); waited != f.stall {
				t.Errorf("the server was left after %v, want %v", waited, f.stall)
			}
		})
	}
}

// A server that is slow, but not silent, is waited for.
func TestSlow(t *testing.T) {
	body := payload(800, 0)
	synctest.Test(t, func(t *testing.T) {
		s, transport := newServerInBubble(t, nil)
		s.instead = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "800")
			for i := range 8 {
				time.Sleep(29 * time.Second)
				w.Write(body[100*i : 100*(i+1)])
				w.(http.Flusher).Flush()
			}
			return true
		}
		f := newTestFetcher(t, oneFile(body, s.URL))
		f.client.Transport, f.stall = transport, 30*time.Second
		if _, err := f.get(t.Context(), "set", Options{Dir: t.TempDir()}); err != nil {
			t.Fatal(err)
		}
		if n := len(s.exchanges()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
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
