package dataset

import (
	"fmt"
	"strconv"

	"github.com/sparse-manifold/smt/internal/plural"
)

// inMemory is images whose pixels are there, one image after the other.
type inMemory struct {
	shape Shape
	pix   []uint8
}

// InMemory is the images of a shape whose pixels are these, one image after the other, each as Source.Image
// writes it. They have no labels. It panics unless they are whole images.
func InMemory(shape Shape, pix []uint8) Source {
	if shape.Len() <= 0 || len(pix)%shape.Len() != 0 {
		panic(fmt.Sprintf("dataset: %s: want whole images of %v", plural.Of(len(pix), "byte"), shape))
	}
	return inMemory{shape, pix}
}

func (s inMemory) Len() int          { return len(s.pix) / s.shape.Len() }
func (s inMemory) Shape() Shape      { return s.shape }
func (s inMemory) Label(int) int     { return -1 }
func (s inMemory) Classes() []string { return nil }
func (s inMemory) ID(i int) string   { return strconv.Itoa(i) }

func (s inMemory) Image(i int, pix []uint8) error {
	n := s.shape.Len()
	copy(target(pix, s.shape, i, s.Len()), s.pix[i*n:(i+1)*n])
	return nil
}
