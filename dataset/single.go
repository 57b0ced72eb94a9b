package dataset

import (
	"fmt"
	"strconv"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Single is a source of one image without a label. pix is shared, not copied. It panics if pix has
// not as many bytes as an image of the shape.
func Single(shape Shape, pix []uint8) Source {
	if len(pix) != shape.Len() {
		panic(fmt.Sprintf("dataset: %s for an image of %v: want %d", plural.Of(len(pix), "byte"), shape, shape.Len()))
	}
	return single{shape, pix}
}

type single struct {
	shape Shape
	pix   []uint8
}

func (s single) Len() int                       { return 1 }
func (s single) Shape() Shape                   { return s.shape }
func (s single) Image(_ int, pix []uint8) error { copy(pix, s.pix); return nil }
func (s single) Label(int) int                  { return -1 }
func (s single) Classes() []string              { return nil }
func (s single) ID(i int) string                { return strconv.Itoa(i) }

// ClassOf names the class of image i, "" for none.
func ClassOf(src Source, i int) string {
	if c, l := src.Classes(), src.Label(i); c != nil && l >= 0 {
		return c[l]
	}
	return ""
}
