package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sparse-manifold/smt/explain/draw"
)

// leaving is the context of a sender who leaves after a number of looks at it.
type leaving struct {
	context.Context
	looks *atomic.Int64
	after int64
}

func (l leaving) Err() error {
	if l.looks.Add(1) > l.after {
		return context.Canceled
	}
	return nil
}

// Decoding stops where its sender leaves.
func TestDecodingEndsWithItsSender(t *testing.T) {
	noise := image.NewGray(image.Rect(0, 0, 1000, 1000))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rng.Uint32())
	}
	file := draw.PNG(noise)
	post := func(after int64) (status int, looks int64) {
		var n atomic.Int64
		r := httptest.NewRequest("POST", "/api/images", bytes.NewReader(file))
		r.Host = "localhost"
		w := httptest.NewRecorder()
		prepared().ServeHTTP(w, r.WithContext(leaving{r.Context(), &n, after}))
		return w.Code, n.Load()
	}
	status, all := post(math.MaxInt64)
	if status != http.StatusOK || all < 100 {
		t.Fatalf("%d, and %d looks", status, all)
	}
	for after := int64(0); after < all; after += 1 + after/4 {
		status, looks := post(after)
		// Each of the formats may look whether the file is of its own.
		if status != http.StatusServiceUnavailable || looks > after+20 {
			t.Errorf("left after %d of %d looks: %d, and %d looks", after, all, status, looks)
		}
	}
	mustHaveAllBack(t, &prepared().desk)
}

func init() {
	image.RegisterFormat("counted", "counted", func(io.Reader) (image.Image, error) {
		counted.Lock()
		decode := counted.decode
		counted.Unlock()
		decode()
		return image.NewGray(image.Rect(0, 0, 1, 1)), nil
	}, func(io.Reader) (image.Config, error) {
		return image.Config{ColorModel: image.NewGray(image.Rectangle{}).ColorModel(), Width: 1, Height: 1}, nil
	})
}

func onDecoding(f func()) {
	counted.Lock()
	defer counted.Unlock()
	counted.decode = f
}

// An upload is decoded once, one at a time, and others are answered meanwhile.
func TestDecodedOnceAndOneByOne(t *testing.T) {
	var now, most, all atomic.Int64
	begun, end := make(chan struct{}, 10), make(chan struct{})
	onDecoding(func() {
		most.Store(max(most.Load(), now.Add(1)))
		all.Add(1)
		begun <- struct{}{}
		<-end
		now.Add(-1)
	})
	var uploads sync.WaitGroup
	for i := range 6 {
		uploads.Go(func() {
			w := ask("POST", "/api/images", strings.NewReader(fmt.Sprint("counted", i)))
			var v imageAnswer
			if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK || v.Width != 1 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	for range 6 {
		<-begun
		for i := range 2 * cap(prepared().busy) {
			if w := ask("GET", fmt.Sprintf("/api/images/test-%d/neighbours", i%prepared().images.Test.Len()), nil); w.Code != http.StatusOK {
				t.Errorf("beside decoding: %d", w.Code)
			}
		}
		end <- struct{}{}
	}
	uploads.Wait()
	if most.Load() != 1 || all.Load() != 6 {
		t.Errorf("%d decoded at once and %d times, want 1 and 6", most.Load(), all.Load())
	}
}
