package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	at := func(s string) string { return "/api/images/" + s }
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/api/nothing", 404, "/api/nothing"},
		{"GET", at("test-20"), 404, "test-19"},
		{"GET", at("test--1"), 404, "test--1"},
		{"GET", at("test-01"), 404, "test-01"},
		{"GET", at("test-1-flip"), 404, "test-1-flip"},
		{"GET", at("upload-00"), 404, "never uploaded"},
		{"GET", at("other-1"), 404, "want test-N"},
		{"GET", at("test-0/patches/441"), 404, "0 to 440"},
		{"GET", at("test-0/patches/x"), 404, "0 to 440"},
		{"GET", at("test-0/patches/9999/tile.png"), 404, "0 to 440"},
		{"GET", at("test-0/neighbours?k=0"), 400, "1 to 100"},
		{"GET", at("test-0/neighbours?crop=1,2,3"), 400, "x,y,width,height"},
		{"GET", at("test-0/neighbours?crop=20,20,9,9"), 400, "28×28"},
		{"GET", at("test-0/neighbours?crop=0,0,1,1"), 400, "at least 2"},
		{"GET", at("test-0/pixels.png?crop=-1,0,9,9"), 400, "28×28"},
		{"GET", at("test-0/patches/200/threshold?t=NaN"), 400, "0.05 to 0.95"},
		{"GET", at("test-0/patches/200/threshold?t=2"), 400, "0.05 to 0.95"},
		{"GET", at("test-0/patches/0/threshold"), 400, "no signal"},
		{"GET", at("test-0/kept?lambda=0.01"), 400, "0.05 to 0.4"},
		{"GET", at("test-0/kept?lambda=NaN"), 400, "0.05 to 0.4"},
		{"GET", at("test-99/kept"), 404, "test-99"},
		{"GET", "/api/images?from=21", 400, "0 to 20"},
		{"GET", "/api/images?count=100000", 400, "1 to 200"},
		{"GET", "/api/atoms/128", 404, "0 to 127"},
		{"GET", "/api/pairs/test-0/test-99", 404, "test-99"},
		{"GET", "/api/pairs/test-0/test-1/heat.png", 400, "a or b"},
		{"GET", "/api/pairs/test-0/test-1/heat.png?side=a&with=441", 400, "0 to 440"},
		{"POST", "/api/model", 405, "POST"},
		{"POST", "/", 405, "POST"},
		{"PUT", "/api/images", 405, "PUT"},
		{"DELETE", "/", 405, "DELETE"},
	} {
		w := ask(c.method, c.path, nil)
		var e struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != c.status || !strings.Contains(e.Error, c.says) {
			t.Errorf("%s %s: %d %s, want %d and %q", c.method, c.path, w.Code, w.Body, c.status, c.says)
		}
	}
}

func TestHostsAndSites(t *testing.T) {
	s := prepared()
	for host, status := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:1": 200, "localhost:8080": 200, "LOCALHOST": 200, "[::1]:8080": 200, "[::1]": 200, "127.5.5.5": 200,
		"evil.example": 403, "evil.example:8080": 403, "localhost.evil.example": 403, "127.0.0.1.nip.io": 403, "192.168.0.1": 403, "": 403, "0.0.0.0": 403,
	} {
		r := httptest.NewRequest("GET", "/api/model", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("host %q: %d, want %d", host, w.Code, status)
		}
	}
	public := &Server{desk: desk{o: Options{Public: true}}}
	w := httptest.NewRecorder()
	public.guard(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "http://smt.example/", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("a public server refuses a host name: %d", w.Code)
	}
}
