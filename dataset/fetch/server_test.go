package fetch

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/pipes"
)

// server serves files from memory over loopback with net/http's own ranges and
// If-Range, cuts connections where it is told to, and keeps a record.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte // by name
	etag  string            // of every file; "" for none
	cut   []int             // body bytes after which the 1st, 2nd, … answer is cut; -1 never
	log   []exchange

	serving sync.WaitGroup

	// instead, if set and true for request n (from 0), has answered it.
	instead func(n int, w http.ResponseWriter, r *http.Request) bool
}

// exchange is a request and what was answered.
type exchange struct {
	name, rng, ifRange string
	status, sent       int // sent counts the body's bytes
}

func newServer(t *testing.T, files map[string][]byte) *server {
	s := &server{files: files, etag: `"v1"`}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// newServerInBubble is newServer without a network, and the transport that reaches it, for tests in a bubble of synctest.
func newServerInBubble(t *testing.T, files map[string][]byte) (*server, *http.Transport) {
	s := &server{files: files, etag: `"v1"`}
	l := pipes.New()
	s.Server = &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(s.serve)}}
	s.Start()
	t.Cleanup(s.Close)
	return s, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	s.serving.Add(1)
	defer s.serving.Done()
	s.mu.Lock()
	n := len(s.log)
	s.log = append(s.log, exchange{name: name, rng: r.Header.Get("Range"), ifRange: r.Header.Get("If-Range")})
	cut := -1
	if n < len(s.cut) {
		cut = s.cut[n]
	}
	body, ok := s.files[name]
	etag := s.etag
	s.mu.Unlock()
	rec := &recorder{ResponseWriter: w, server: s, n: n, cut: cut, status: http.StatusOK}
	switch {
	case s.instead != nil && s.instead(n, rec, r):
	case !ok:
		http.NotFound(rec, r)
	default:
		if etag != "" {
			rec.Header().Set("ETag", etag)
		}
		http.ServeContent(rec, r, "", time.Time{}, bytes.NewReader(body))
	}
}

// exchanges are those that are over: a client may have all of an answer before the server has noted it.
func (s *server) exchanges() []exchange {
	s.serving.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]exchange(nil), s.log...)
}

// recorder counts an answer's bytes and cuts the connection after cut of them.
type recorder struct {
	http.ResponseWriter
	server      *server
	n, cut, all int
	status      int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.note()
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	cut := r.cut >= 0 && r.all+len(b) >= r.cut
	if cut {
		b = b[:r.cut-r.all]
	}
	n, err := r.ResponseWriter.Write(b)
	r.all += n
	r.note()
	if cut {
		r.Flush()
		panic(http.ErrAbortHandler) // net/http's way to break a connection off
	}
	return n, err
}

func (r *recorder) Flush() { r.ResponseWriter.(http.Flusher).Flush() }

func (r *recorder) note() {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.server.log[r.n].status, r.server.log[r.n].sent = r.status, r.all
}

// testFetcher knows the given sets, does not wait, and counts what it would have.
type testFetcher struct {
	*fetcher
	waits []int
}

func newTestFetcher(t *testing.T, sets ...dataSet) *testFetcher {
	f := &testFetcher{fetcher: newFetcher()}
	f.catalogue = sets
	f.attempts = 4
	f.stall = time.Hour // beyond any test that does not set its own
	f.wait = func(ctx context.Context, failures int) error {
		f.waits = append(f.waits, failures)
		return ctx.Err()
	}
	// A transport of its own, so that no connection outlives its test's server.
	f.client = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(f.client.CloseIdleConnections)
	return f
}

// payload is n bytes that repeat with no power of two, so that a shifted or
// doubled piece cannot pass for the right one. The seed tells payloads apart.
func payload(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i%251) + byte(i/251) + seed
	}
	return b
}

func md5Of(b []byte) checksum {
	h := md5.Sum(b)
	return md5sum(hex.EncodeToString(h[:]))
}

func sha256Of(b []byte) checksum {
	h := sha256.Sum256(b)
	return sha256sum(hex.EncodeToString(h[:]))
}

// oneFile is a set "set" of one file "f.gz" that lies below the addresses.
func oneFile(body []byte, bases ...string) dataSet {
	return dataSet{name: "set", folder: "folder", bases: bases,
		files: []file{{"f.gz", int64(len(body)), sha256Of(body)}}}
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s holds %d bytes, not the %d served", path, len(got), len(want))
	}
}

// wantTree checks that the folder holds the paths, slash-separated, and no more.
func wantTree(t *testing.T, dir string, want ...string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		same = got[i] == want[i] // both in lexical order
	}
	if !same {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}
