package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// patterns are images, no two alike.
type patterns struct {
	n     int
	shape Shape
	read  *atomic.Int64
}

func (s patterns) Len() int          { return s.n }
func (s patterns) Shape() Shape      { return s.shape }
func (s patterns) Label(i int) int   { return i % 3 }
func (s patterns) Classes() []string { return []string{"a", "b", "c"} }
func (patterns) ID(i int) string     { return strconv.Itoa(i) }

func (s patterns) Image(i int, pix []uint8) error {
	s.read.Add(1)
	for k := range pix[:s.shape.Len()] {
		pix[k] = uint8(7*i + k*k)
	}
	return nil
}

// Images that are read ahead, by any number of workers, are those that are read one by one, each once and in order.
func TestReadingAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(rt *rapid.T) {
		runtime.GOMAXPROCS(rapid.IntRange(1, 5).Draw(rt, "workers"))
		side := rapid.SampledFrom([]int{0, 3, 500, 1300}).Draw(rt, "side") // of which 4 MiB hold many, a few, not one
		n := rapid.IntRange(0, 7).Draw(rt, "images")
		if side == 3 && rapid.Bool().Draw(rt, "many") {
			n += 2 * aheadImages
		}
		src := patterns{n, Shape{side, side, 3}, new(atomic.Int64)}
		h := sha256.New()
		for _, n := range []int{side, side, 3, n} {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
		}
		pix := make([]uint8, src.shape.Len())
		for i := range n {
			_ = src.Image(i, pix)
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(src.Label(i))))
			h.Write(pix)
		}
		src.read.Store(0)
		done := 0
		got, err := formerFingerprint(t.Context(), src, func(d, total int) {
			if d < done || total != n {
				rt.Errorf("%d of %d after %d", d, total, done)
			}
			done = d
		})
		if err != nil || got != hex.EncodeToString(h.Sum(nil)) || done != n || src.read.Load() != int64(n) {
			rt.Fatalf("fingerprint %s, %v after %d images, %d read", got, err, done, src.read.Load())
		}
	})
}

// Once it is cancelled each worker ends the image that it is at, and no more.
func TestReadingAheadIsCancelled(t *testing.T) {
	src := patterns{3 * aheadImages, Shape{3, 3, 3}, new(atomic.Int64)}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Fingerprint(ctx, src, func(done, _ int) {
		if done > 0 {
			cancel()
		}
	})
	if n := src.read.Load(); !errors.Is(err, context.Canceled) || n != aheadImages {
		t.Errorf("error %v, %d images were read, want %d", err, n, aheadImages)
	}
}

// Of several images that cannot be read the first in order is named, whatever a worker comes to first.
func TestTheFirstErrorIsNamed(t *testing.T) {
	dir := photos(t, 40, 1)
	set := mustOpen(t, dir, Options{})
	for _, i := range []int{38, 7, 9} {
		write(t, dir, "train/"+strconv.Itoa(100 + i)[1:]+".png", []byte("no image"))
	}
	for range 20 {
		if _, err := Fingerprint(t.Context(), set.Train, nil); err == nil || !bytes.Contains([]byte(err.Error()), []byte("07.png")) {
			t.Fatalf("error %v, want that of 07.png", err)
		}
	}
}
