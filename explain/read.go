package explain

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Reading is what a model sees in an image.
type Reading struct {
	Rows, Cols int           // of the grid of patches, which are numbered by rows
	Patches    patch.Patches // whitened unit vectors
	Codes      sparse.Codes
}

// Read codes the patches of image i of src. With fill, a patch without an active atom gets
// its nearest one, as in an embedding; without, it stays empty, as in the statistics. Blank
// patches are empty either way.
func Read(m *smt.Model, src dataset.Source, i int, fill bool) (*Reading, error) {
	if err := m.Check(src.Shape()); err != nil {
		return nil, err
	}
	pix := make([]uint8, src.Shape().Len())
	if err := src.Image(i, pix); err != nil {
		return nil, err
	}
	r, s := &Reading{}, m.Stages()
	r.Rows, r.Cols = s.Transform.Grid(src.Shape())
	s.Transform.Apply(pix, src.Shape(), s.Coder.Stride(), &r.Patches)
	if err := s.Coder.Encode(&r.Patches.Vectors, fill, new(sparse.Scratch), &r.Codes); err != nil {
		return nil, err
	}
	return r, nil
}

// Encode codes whitened unit vectors, n × values of a patch, each with at least one atom. It
// panics if there are so many that 32 bits do not number their active atoms.
func Encode(m *smt.Model, x []float32) *sparse.Codes {
	s := m.Stages()
	var v sparse.Vectors
	v.Pack(x, s.Dictionary.Dim, s.Coder.Stride())
	var codes sparse.Codes
	if err := s.Coder.Encode(&v, true, new(sparse.Scratch), &codes); err != nil {
		panic(err)
	}
	return &codes
}

// Embed is β = Pφ of each code, n × d, not scaled to unit length.
func Embed(m *smt.Model, c *sparse.Codes) []float32 {
	p, d, n := m.Stages().Projection, m.Config().Dims, c.N()
	beta := make([]float32, n*p.Width())
	p.Embed(c, 0, n, new(manifold.Projector), beta)
	for i := range n { // in place: of a large image they are many
		copy(beta[i*d:], beta[i*p.Width():][:d])
	}
	return beta[:n*d]
}
