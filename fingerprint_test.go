package smt

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
)

// patterns are images, no two alike.
type patterns struct {
	n     int
	shape dataset.Shape
}

func (s patterns) Len() int             { return s.n }
func (s patterns) Shape() dataset.Shape { return s.shape }
func (s patterns) Label(i int) int      { return i % 3 }
func (s patterns) Classes() []string    { return []string{"a", "b", "c"} }
func (patterns) ID(i int) string        { return strconv.Itoa(i) }

func (s patterns) Image(i int, pix []uint8) error {
	for k := range pix[:s.shape.Len()] {
		pix[k] = uint8(7*i + k*k)
	}
	return nil
}

// Images that are read ahead are those that are read one by one.
func TestFingerprint(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		side := rapid.SampledFrom([]int{3, 500, 1300}).Draw(rt, "side") // of which 4 MiB hold many, a few, not one
		src := patterns{rapid.IntRange(1, 7).Draw(rt, "images"), dataset.Shape{Height: side, Width: side, Channels: 3}}
		want, err := dataset.Fingerprint(t.Context(), src)
		if err != nil {
			rt.Fatal(err)
		}
		done := -1
		o := apply([]Option{Progress(func(stage string, d, total int) {
			if d < done || total != src.n || stage != "reading images" {
				rt.Errorf("%s: %d of %d after %d", stage, d, total, done)
			}
			done = d
		})})
		got, err := fingerprint(t.Context(), src, o)
		if err != nil || got != want || done != src.n {
			rt.Fatalf("fingerprint %s, %v after %d images, want %s", got, err, done, want)
		}
	})
}
