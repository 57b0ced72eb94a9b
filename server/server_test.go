package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// fitted is a small model of digits with flips, and images for it.
var fitted = sync.OnceValues(func() (*smt.Model, Images) {
	set, err := digits.Open()
	if err != nil {
		panic(err)
	}
	cfg, err := smt.Preset("mnist")
	if err != nil {
		panic(err)
	}
	cfg.Atoms, cfg.Images, cfg.Sample, cfg.Dims, cfg.Flips, cfg.Threshold = 128, 60, 60, 16, true, 0.5
	m, err := smt.Fit(context.Background(), set.Train, cfg)
	if err != nil {
		panic(err)
	}
	return m, Images{dataset.Slice(set.Train, 0, 300), dataset.Slice(set.Test, 0, 20), explain.Origin{Split: explain.Test, Seen: explain.SeenNone}}
})

var prepared = sync.OnceValue(func() *Server {
	m, images := fitted()
	s, err := New(m, chosen(images), Options{Name: "m", MapAtoms: 60})
	if err == nil {
		err = s.Prepare(context.Background())
	}
	if err != nil {
		panic(err)
	}
	return s
})

func chosen(images Images) func(context.Context) (Images, error) {
	return func(context.Context) (Images, error) { return images, nil }
}

func ask(method, path string, body io.Reader) *httptest.ResponseRecorder {
	return askOf(prepared(), method, path, body)
}

func askOf(s http.Handler, method, path string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	r.Host = "127.0.0.1:8080"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// get decodes the answer to a request that has to succeed.
func get[T any](t *testing.T, path string) T {
	t.Helper()
	w := ask("GET", path, nil)
	var v T
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func getPNG(t *testing.T, path string) image.Image {
	t.Helper()
	w := ask("GET", path, nil)
	im, err := png.Decode(w.Body)
	if err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" {
		t.Fatalf("%s: %d, %v", path, w.Code, err)
	}
	return im
}

func imageOf(t *testing.T, src dataset.Source, i int) explain.Image {
	t.Helper()
	im, err := explain.ImageOf(src, i)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestPage(t *testing.T) {
	for path, kind := range map[string]string{"/": "text/html", "/app.css": "text/css", "/app.js": "text/javascript", "/icon.svg": "image/svg+xml"} {
		w := ask("GET", path, nil)
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(w.Body.String(), "https://") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestConcurrently(t *testing.T) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			ask("POST", "/api/images", bytes.NewReader(draw.PNG(image.NewGray(image.Rect(0, 0, 30+i, 30)))))
			for _, path := range []string{fmt.Sprintf("/api/images/test-%d/neighbours", i), "/api/images/test-0/patches/200", "/api/pairs/test-0/bank-1", "/api/map"} {
				if w := ask("GET", path, nil); w.Code != 200 {
					t.Errorf("%s: %d", path, w.Code)
				}
			}
		})
	}
	all.Wait()
}

func TestImagesThatDoNotFit(t *testing.T) {
	m, images := fitted()
	small := dataset.Single(dataset.Shape{Height: 9, Width: 9, Channels: 1}, make([]uint8, 81))
	tiny := dataset.Single(dataset.Shape{Height: 2, Width: 2, Channels: 1}, make([]uint8, 4))
	refused := errors.New("no images")
	for _, c := range []struct {
		choose func(context.Context) (Images, error)
		says   string
	}{
		{chosen(Images{}), "at least one of each"},
		{chosen(Images{Bank: images.Bank, Test: dataset.Slice(images.Test, 0, 0)}), "at least one of each"},
		{chosen(Images{Bank: images.Bank, Test: small}), "9×9×1"},
		{chosen(Images{Bank: tiny, Test: tiny}), "2 × 2"},
		{func(context.Context) (Images, error) { return images, refused }, "no images"},
	} {
		s, err := New(m, c.choose, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) || s.isReady() {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
}
