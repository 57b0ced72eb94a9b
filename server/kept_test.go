package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/pipes"
)

// mustBeKept holds an answer against package explain.
func mustBeKept(t *testing.T, v keptAnswer, im explain.Image, lambda float64) {
	t.Helper()
	m, _ := fitted()
	inverter, err := explain.NewInverter(m)
	if err != nil {
		t.Fatal(err)
	}
	want, err := inverter.Invert(t.Context(), im, lambda)
	if err != nil {
		t.Fatal(err)
	}
	if v.Lambda != lambda || len(v.Levels) != len(want) {
		t.Fatalf("%d levels at λ %g, want %d at %g", len(v.Levels), v.Lambda, len(want), lambda)
	}
	for i, k := range v.Levels {
		if k.Level != want[i].Level || k.Patches != want[i].Patches || k.Pixels != want[i].Pixels {
			t.Errorf("λ %g: %s loses %g and %g, want %+v", lambda, k.Level, k.Patches, k.Pixels, want[i])
		}
		picture, err := png.Decode(bytes.NewReader(k.PNG))
		if err != nil {
			t.Fatalf("%s: %v", k.Level, err)
		}
		if got := dataset.FromImage(picture, im.Shape); !bytes.Equal(got, want[i].Image.Pix) {
			t.Errorf("λ %g: %s shows other pixels", lambda, k.Level)
		}
	}
}

func TestKept(t *testing.T) {
	_, images := fitted()
	path := func(id string) string { return "/api/images/" + id + "/kept" }
	mustBeKept(t, get[keptAnswer](t, path("test-1")), imageOf(t, images.Test, 1), explain.Lambda)
	for _, lambda := range []float64{leastLambda, 0.3, mostLambda} {
		mustBeKept(t, get[keptAnswer](t, fmt.Sprintf("%s?lambda=%g", path("bank-7-flip"), lambda)), imageOf(t, images.Bank, 7).Flipped(), lambda)
	}
	if why := get[modelAnswer](t, "/api/model").NotInverted; why != "" {
		t.Errorf("the model says that images are not inverted: %s", why)
	}
	var v imageAnswer
	upload := image.NewGray(image.Rect(0, 0, 60, 50))
	for i := range upload.Pix {
		upload.Pix[i] = uint8(i * i / 7)
	}
	w := ask("POST", "/api/images", bytes.NewReader(draw.PNG(upload)))
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	shape := images.Test.Shape()
	mustBeKept(t, get[keptAnswer](t, path(v.ID)), explain.Image{Shape: shape, Pix: dataset.FromImage(upload, shape)}, explain.Lambda)
}

// Images of too many patches are refused, with the number of them, and nothing is prepared for them.
func TestLargeImagesAreNotInverted(t *testing.T) {
	m, _ := fitted()
	large := dataset.Single(dataset.Shape{Height: 72, Width: 71, Channels: 1}, make([]uint8, 72*71)) // 65 × 64 patches
	s, err := New(m.Long(), chosen(Images{Bank: large, Test: large}), Options{MapAtoms: 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := example(s, route{pattern: "GET /api/images/{image}/kept"}, nil)
	mustRefuse(t, "a large image", w, http.StatusBadRequest, "72 × 71 pixels have 4160 patches: at most 4096")
	if w := example(s, route{pattern: "GET /api/model"}, nil); s.inverter != nil || !strings.Contains(w.Body.String(), `"not_inverted":"images of 72 × 71 pixels have 4160 patches`) {
		t.Errorf("the model says %s", w.Body)
	}
}

// One image is inverted at a time. Whoever waits for that holds nobody else up.
func TestInvertingHoldsNobodyUp(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, _ func()) {
		s.inverting <- struct{}{}
		var all sync.WaitGroup
		for i := range cap(s.busy) + 5 {
			all.Go(func() {
				if status := asked(t, p, fmt.Sprintf("/api/images/test-%d/kept", i%s.images.Test.Len())); status != http.StatusOK {
					t.Errorf("after waiting: %d", status)
				}
			})
		}
		synctest.Wait()
		if n := len(s.busy); n != 0 {
			t.Errorf("%d places are taken by who waits to invert", n)
		}
		if status := asked(t, p, "/api/images/test-1/neighbours"); status != http.StatusOK {
			t.Errorf("beside an inversion: %d", status)
		}
		<-s.inverting
		all.Wait()
	})
}

// A request that is wrong is refused at once, while another image is inverted.
func TestWrongRequestsDoNotWaitToInvert(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, _ func()) {
		s.inverting <- struct{}{} // whoever waits for it blocks the bubble, which is a failure
		for path, want := range map[string]int{"test-0/kept?lambda=9": http.StatusBadRequest, "test-99/kept": http.StatusNotFound} {
			if status := asked(t, p, "/api/images/"+path); status != want {
				t.Errorf("%s: %d, want %d", path, status, want)
			}
		}
		<-s.inverting
	})
}

// Inverting stops where its sender leaves.
func TestInvertingEndsWithItsSender(t *testing.T) {
	ask := func(after int64) (status int, looks int64) {
		var n atomic.Int64
		r := httptest.NewRequest("GET", "/api/images/test-2/kept?lambda=0.05", nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		prepared().ServeHTTP(w, r.WithContext(leaving{r.Context(), &n, after}))
		return w.Code, n.Load()
	}
	status, all := ask(math.MaxInt64)
	if patches := int64(21 * 21); status != http.StatusOK || all < 2*patches/64 {
		t.Fatalf("%d, and %d looks", status, all)
	}
	for after := range all {
		status, looks := ask(after)
		// Each worker may look once more.
		if status != http.StatusServiceUnavailable || looks > after+int64(cap(prepared().busy))+1 {
			t.Errorf("left after %d of %d looks: %d, and %d looks", after, all, status, looks)
		}
	}
	if n := len(prepared().busy) + len(prepared().inverting); n != 0 {
		t.Errorf("%d places are still taken", n)
	}
}
