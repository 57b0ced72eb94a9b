package server

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
)

func testImage() explain.Image {
	_, images := fitted()
	im, err := explain.ImageOf(images.Test, 0)
	if err != nil {
		panic(err)
	}
	return im
}

func unprepared(t *testing.T) *Server {
	t.Helper()
	m, images := fitted()
	s, err := New(m, chosen(images), Options{Name: "m", MapAtoms: 60})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// While it prepares, a server says how far it is, and shows the page.
func TestStatus(t *testing.T) {
	m, images := fitted()
	var s *Server
	var stages []string
	told := func(stage string, done, total int) {
		w := example(s, route{pattern: "GET /api/status"}, nil)
		var v statusAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK || v.Ready || v.Stage != stage || v.Done != done || v.Total != total || v.Steps < v.Step {
			t.Errorf("%s, %d of %d: %d %s", stage, done, total, w.Code, w.Body)
		}
		mustRefuse(t, stage, example(s, route{pattern: "GET /api/model"}, nil), http.StatusServiceUnavailable, stage)
		if len(stages) == 0 || stages[len(stages)-1] != stage {
			stages = append(stages, stage)
			if v.Step != len(stages) {
				t.Errorf("%s is step %d, want %d", stage, v.Step, len(stages))
			}
		}
	}
	s, err := New(m, chosen(images), Options{MapAtoms: 60, Progress: told})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time, nothing is left to do
		if err := s.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"choosing images", "embedding bank", "looking at atoms", "coding patches", "preparing to invert", "laying out atoms"}; !slices.Equal(stages, want) {
		t.Errorf("stages %q, want %q", stages, want)
	}
	var v statusAnswer
	if w := example(s, route{pattern: "GET /api/status"}, nil); json.Unmarshal(w.Body.Bytes(), &v) != nil || !v.Ready {
		t.Errorf("ready, it says %s", w.Body)
	}
	if w := example(s, route{pattern: "GET /api/model"}, nil); w.Code != http.StatusOK {
		t.Errorf("ready: %d %s", w.Code, w.Body)
	}
}

// watched tells when an image is read.
type watched struct {
	dataset.Source
	read func(i int) error
}

func (w watched) Image(i int, pix []uint8) error {
	if err := w.read(i); err != nil {
		return err
	}
	return w.Source.Image(i, pix)
}

// An end during the preparations is answered by the next image.
func TestPreparationsEnd(t *testing.T) {
	m, images := fitted()
	ctx, cancel := context.WithCancel(t.Context())
	var after atomic.Int64
	images.Bank = watched{images.Bank, func(i int) error {
		if ctx.Err() != nil {
			after.Add(1)
		}
		if i == 20 {
			cancel()
		}
		return nil
	}}
	s, err := New(m, chosen(images), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
	if n := after.Load(); n > int64(runtime.GOMAXPROCS(0)) {
		t.Errorf("%d images were read after the end", n)
	}
	// It can be taken up again.
	if err := s.Prepare(t.Context()); err != nil || s.bank.Len() != images.Bank.Len() {
		t.Errorf("prepared again: %v", err)
	}
}

// What stops the preparations is told.
func TestPreparationsFail(t *testing.T) {
	m, images := fitted()
	broken := errors.New("image 30 is broken")
	images.Bank = watched{images.Bank, func(i int) error {
		if i == 30 {
			return broken
		}
		return nil
	}}
	s, err := New(m, chosen(images), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context()); !errors.Is(err, broken) {
		t.Errorf("ended with %v", err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestServe(t *testing.T) {
	l := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- prepared().Serve(ctx, l) }()
	r, err := http.Get("http://" + l.Addr().String() + "/api/model")
	if err != nil || r.StatusCode != 200 {
		t.Fatal(r, err)
	}
	_ = r.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	closed := listen(t)
	_ = closed.Close()
	if err := prepared().Serve(t.Context(), closed); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("from a closed listener: %v", err)
	}
}

// Prepared by several at once, it is prepared once.
func TestPrepareConcurrently(t *testing.T) {
	m, images := fitted()
	var read atomic.Int64
	images.Bank = watched{dataset.Slice(images.Bank, 0, 40), func(int) error { read.Add(1); return nil }}
	s, err := New(m, chosen(images), Options{MapAtoms: 20})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := s.Prepare(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := read.Load(); n != 80 { // embedded, and patches taken of them
		t.Errorf("%d images were read, want 80", n)
	}
}
