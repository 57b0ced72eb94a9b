package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/explain/draw"
)

// exampleOf is the method of a route, and an address that it takes.
func exampleOf(r route) (method, address string) {
	method, address, _ = strings.Cut(r.pattern, " ")
	address = strings.NewReplacer("{image}", "test-0", "{patch}", "200", "{atom}", "5", "{a}", "test-0", "{b}", "bank-1", "{item}", "kind%2F0.png").Replace(address)
	if strings.HasSuffix(address, "/heat.png") {
		address += "?side=a"
	}
	return method, address
}

// example asks s for what a route takes.
func example(s http.Handler, r route, change func(*http.Request) *http.Request) *httptest.ResponseRecorder {
	method, address := exampleOf(r)
	body := ""
	if method == http.MethodPost {
		body = string(draw.PNG(draw.Photo(testImage())))
	}
	if strings.HasSuffix(address, "/classify") {
		body = twoLabels
	}
	kind := ""
	if strings.Contains(address, "/compare") {
		one := draw.PNG(draw.Photo(testImage()))
		form, of := formOf(formPart{"a", "a.png", one}, formPart{"b", "b.png", one})
		body, kind = string(form), of
	}
	request := httptest.NewRequest(method, address, strings.NewReader(body))
	request.Host = "127.0.0.1:8080"
	request.Header.Set("Content-Type", kind)
	if change != nil {
		request = change(request)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request)
	return w
}

func header(name, value string) func(*http.Request) *http.Request {
	return func(r *http.Request) *http.Request { r.Header.Set(name, value); return r }
}

// mustRefuse wants an error as JSON.
func mustRefuse(t *testing.T, what string, w *httptest.ResponseRecorder, status int, says string) {
	t.Helper()
	var e struct{ Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != status || w.Header().Get("Content-Type") != "application/json" || !strings.Contains(e.Error, says) {
		t.Errorf("%s: %d %s %q, want %d and %q", what, w.Code, w.Header().Get("Content-Type"), w.Body, status, says)
	}
	if (w.Header().Get("Retry-After") != "") != (status == http.StatusServiceUnavailable) {
		t.Errorf("%s: %d with Retry-After %q", what, status, w.Header().Get("Retry-After"))
	}
}

// What holds for one path of the API holds for all of them: those in the table are
// all there are.
func TestEveryRoute(t *testing.T) {
	mustHold(t, prepared(), prepared().table(), unprepared(t))
	if n := len(prepared().inverting); n != 0 {
		t.Errorf("%d places to invert are still taken", n)
	}
	drawn(t, indexed())
	mustHold(t, indexed(), indexed().table(), nil)
	if n := len(indexed().computing); n != 0 {
		t.Errorf("%d places to compute are still taken", n)
	}
	for _, s := range []*desk{&prepared().desk, &indexed().desk} {
		if n := len(s.busy) + len(s.decoding); n != 0 {
			t.Errorf("%d places are still taken", n)
		}
		mustHaveAllBack(t, s)
	}
}

// mustHold wants what holds for all paths of a server. early is a server that is not ready, nil for none.
func mustHold(t *testing.T, s http.Handler, table []route, early http.Handler) {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table {
		method, address := exampleOf(r)
		w := example(s, r, nil)
		kind := "application/json"
		if strings.HasSuffix(r.pattern, ".html") {
			kind = "text/html; charset=utf-8"
		}
		if strings.HasSuffix(r.pattern, ".png") || strings.HasSuffix(r.pattern, "/thumbnail") {
			kind = "image/png"
		}
		if strings.HasSuffix(r.pattern, "/map") && !strings.Contains(r.pattern, "/api") {
			kind = "text/html; charset=utf-8"
		}
		if strings.HasSuffix(r.pattern, ".svg") {
			kind = "image/svg+xml"
		}
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", r.pattern, w.Code, w.Header().Get("Content-Type"))
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", r.pattern, name, got, want)
			}
		}
		// An image, a script or a form of a page elsewhere, as each kind of browser tells it.
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example", "Referer": "http://evil.example/page"} {
			mustRefuse(t, r.pattern+" with "+name, example(s, r, header(name, value)), http.StatusForbidden, "another site")
		}
		// Another program of this machine is another site too.
		mustRefuse(t, r.pattern+" of another port", example(s, r, header("Sec-Fetch-Site", "same-site")), http.StatusForbidden, "another site")
		mustRefuse(t, r.pattern+" of a sandbox", example(s, r, header("Origin", "null")), http.StatusForbidden, "another site")
		mustRefuse(t, r.pattern+" by another name", example(s, r, func(r *http.Request) *http.Request { r.Host = "evil.example"; return r }), http.StatusForbidden, "evil.example")
		for name, value := range map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8080", "Referer": "http://127.0.0.1:8080/"} {
			if w := example(s, r, header(name, value)); w.Code != http.StatusOK {
				t.Errorf("%s from the page itself, by %s: %d %s", r.pattern, name, w.Code, w.Body)
			}
		}
		if w := example(s, r, header("Sec-Fetch-Site", "none")); w.Code != http.StatusOK {
			t.Errorf("%s typed into the address: %d %s", r.pattern, w.Code, w.Body)
		}
		if !r.early {
			mustRefuse(t, r.pattern+" of who has left", example(s, r, gone), http.StatusServiceUnavailable, "ending")
		}
		if early != nil {
			w := example(early, r, nil)
			if !r.early {
				mustRefuse(t, r.pattern+" early", w, http.StatusServiceUnavailable, "not begun")
			} else if w.Code != http.StatusOK {
				t.Errorf("%s early: %d %s", r.pattern, w.Code, w.Body)
			}
		}
		mustRefuse(t, r.pattern+"?%zz", example(s, r, func(r *http.Request) *http.Request { r.URL.RawQuery = "k=%zz"; return r }), http.StatusBadRequest, "%zz")
		if method == http.MethodGet && r.pattern != "GET /api/images" {
			mustRefuse(t, "POST "+address, askOf(s, "POST", address, nil), http.StatusMethodNotAllowed, "POST")
		}
		mustRefuse(t, "PATCH "+address, askOf(s, "PATCH", address, nil), http.StatusMethodNotAllowed, "PATCH")
		if path := strings.TrimPrefix(r.pattern, "GET "); !strings.Contains(string(doc), "\t"+path) {
			t.Errorf("doc.go says nothing of %s", path)
		}
	}
}

func gone(r *http.Request) *http.Request {
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	return r.WithContext(ctx)
}

// mustHaveAllBack wants no body left in the memory of those being read.
func mustHaveAllBack(t *testing.T, s *desk) {
	t.Helper()
	if got := s.bodies.left.Load(); got != bodyBytes {
		t.Errorf("bodies have %d bytes left, want %d", got, bodyBytes)
	}
}

// A request is judged by its address: its body, a form perhaps, is not even read.
func TestBodiesOfGETAreLeftAlone(t *testing.T) {
	for _, r := range prepared().table() {
		if strings.HasPrefix(r.pattern, "POST") {
			continue
		}
		w := example(prepared(), r, func(r *http.Request) *http.Request {
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			r.Body = unread{t}
			r.ContentLength = -1
			return r
		})
		if w.Code != http.StatusOK {
			t.Errorf("%s with a body: %d %s", r.pattern, w.Code, w.Body)
		}
	}
}

type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("a body was read")
	return 0, http.ErrBodyReadAfterClose
}
func (u unread) Close() error { return nil }

// The page itself may be opened from anywhere: by a link, for instance.
func TestPageIsOpenToLinks(t *testing.T) {
	for _, s := range []*Server{prepared(), unprepared(t)} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<!doctype html>") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	for _, path := range []string{"/nothing.js", "/.git/config", "/../server.go", "/api", "/api/"} {
		if w := ask("GET", path, nil); w.Code == http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		} else if w.Code == http.StatusNotFound {
			mustRefuse(t, path, w, http.StatusNotFound, "nothing is at")
		}
	}
}

// Whatever the address, the answer is JSON or a picture, and no fault of the server's.
func FuzzAddress(f *testing.F) {
	for _, r := range prepared().table() {
		_, address := exampleOf(r)
		path, query, _ := strings.Cut(address, "?")
		f.Add(path, query)
		f.Add(path, "crop=1,2,20,20&k=7&t=0.3&with=3&from=2&count=9")
	}
	f.Add("/api/images/bank-07-flip/neighbours", "crop=-1,0x2,1e3,99999999999999999999&k=+1")
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.URL.Path, r.URL.RawQuery = "127.0.0.1", "/api/"+path, query
		if strings.HasPrefix(path, "/api/") {
			r.URL.Path = path
		}
		w := httptest.NewRecorder()
		prepared().ServeHTTP(w, r)
		switch kind := w.Header().Get("Content-Type"); {
		case w.Code >= 500 || w.Code >= 300 && w.Code < 400 && w.Header().Get("Location") == "":
			t.Errorf("%q?%q: %d %s", path, query, w.Code, w.Body)
		case w.Code < 300 && (kind == "image/png" || kind == "text/html; charset=utf-8" && strings.HasSuffix(path, "map.html")):
		case w.Code/100 != 3 && (kind != "application/json" || !json.Valid(w.Body.Bytes())):
			t.Errorf("%q?%q: %d %s %q", path, query, w.Code, kind, w.Body)
		}
	})
}
