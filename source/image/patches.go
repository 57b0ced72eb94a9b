package image

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
)

// Patches says which patches of images are units, and what is made of their pixels.
type Patches struct {
	Transform *patch.Transform
	Shape     dataset.Shape
	// Step is the distance, in rows and in columns, of the patches; 0 and 1 are every patch.
	Step int
}

// Grid is the number of patches along the height and the width of an image: in rows and
// columns Step apart, as far from one edge as from the other.
func (p Patches) Grid() (rows, cols int) {
	rows, cols = p.Transform.Grid(p.Shape)
	step := max(1, p.Step)
	return (rows-1)/step + 1, (cols-1)/step + 1
}

// which are the numbers of the patches, nil for all. They are as many as the shape says,
// which may be a model file's: only who has the images lists them.
func (p Patches) which() (patches []int) {
	rows, cols := p.Transform.Grid(p.Shape)
	step := max(1, p.Step)
	if step == 1 {
		return nil
	}
	for y := p.first() / cols; y < rows; y += step {
		for x := p.first() % cols; x < cols; x += step {
			patches = append(patches, y*cols+x)
		}
	}
	return patches
}

// first is the first of them.
func (p Patches) first() int {
	rows, cols := p.Transform.Grid(p.Shape)
	step := max(1, p.Step)
	return (rows-1)%step/2*cols + (cols-1)%step/2
}

// Dim is the number of values of a patch.
func (p Patches) Dim() int { return p.Transform.Dim() }

// Symmetry is the left-right flip of a patch.
func (p Patches) Symmetry() []int { return p.Transform.Flip() }

// Digest is of the shape, the choice of patches, straightening and whitening.
func (p Patches) Digest() string {
	t := p.Transform
	rows, cols := p.Grid()
	about, err := json.Marshal(struct {
		Size, Channels int
		Center         patch.Center
		Shape          dataset.Shape
		Rows, Cols     int
		First          int  // with the rest, all the patches
		Deskew         bool `json:",omitempty"` // left out, statistics of before there was one keep their digest
	}{t.Size, t.Channels, t.Center, p.Shape, rows, cols, p.first(), t.Deskew})
	if err != nil {
		panic(err) // numbers and a word always encode
	}
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "%s\n", about)
	_ = binary.Write(h, binary.LittleEndian, t.Whitening)
	return hex.EncodeToString(h.Sum(nil))
}

// Of are the patches of the images of src as a source.
func (p Patches) Of(src dataset.Source) (*Source, error) {
	if src.Shape() != p.Shape {
		return nil, fmt.Errorf("smt: images are %v, the encoder was made from images of %v", src.Shape(), p.Shape)
	}
	rows, cols := p.Grid()
	return &Source{p, src, p.which(), cooccur.Grid{rows, cols}}, nil
}

// Sample are all patches of images, to choose atoms from, with flips or without.
func Sample(src dataset.Source, t *patch.Transform, flips bool, seed uint64) dictionary.Sample {
	rows, cols := t.Grid(src.Shape())
	s := dictionary.Sample{Dim: t.Dim(), Groups: src.Len(), Units: rows * cols, Seed: seed, Reader: t.Reader(src)}
	if flips {
		s.Flip = t.Flip()
	}
	return s
}

// Source is the patches of images, group by group.
type Source struct {
	Patches
	images dataset.Source
	which  []int
	grid   cooccur.Topology
}

var _ manifold.Source = (*Source)(nil)

// Len is the number of images.
func (s *Source) Len() int { return s.images.Len() }

// Topology is the same grid for all images.
func (s *Source) Topology(int) cooccur.Topology { return s.grid }

// Open reads an image.
func (s *Source) Open(i int, last manifold.Group) (manifold.Group, error) {
	g, _ := last.(*Group)
	if g == nil {
		g = new(Group)
	}
	return g, g.Open(s.Transform, s.images, i, s.which)
}
