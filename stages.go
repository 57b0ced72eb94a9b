package smt

import (
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Stages are what a model is made of and what it makes of an image, stage by stage, for
// those who want to look inside: package explain is built on them. D is the number
// of atoms, d that of coordinates, dim that of values of a patch. Slices returned
// are the caller's.
type Stages struct{ m *Model }

// Stages opens the model.
func (m *Model) Stages() Stages { return Stages{m} }

// Atoms is the dictionary: D × dim whitened unit vectors.
func (s Stages) Atoms() []float32 { return slices.Clone(s.m.enc.dict.Atoms) }

// Mirror is the atom that is the left-right flip of each atom, nil for a model
// fitted without flips.
func (s Stages) Mirror() []uint16 { return slices.Clone(s.m.enc.dict.Mirror) }

// Transform extracts, centres and whitens patches as the model does. It is
// shared and not to be changed.
func (s Stages) Transform() *patch.Transform { return s.m.enc.transform() }

// Parity says of each coordinate whether a flip keeps it, 1, or negates it, −1.
// It is nil for a model fitted without flips.
func (s Stages) Parity() []int8 { return slices.Clone(s.m.parity) }

// Projection is row a of Pᵀ: the d values that atom a, where it is active, adds
// to the embedding β = Pφ of a patch. It is shared and not to be changed.
func (s Stages) Projection(a int) []float32 {
	return s.m.p.Row(a)
}

// Dropped are the Skip coordinates before those kept, smoothest first. It is
// empty where there are none, or where the model's file does not have them.
func (s Stages) Dropped() []cooccur.Coordinate {
	all := make([]cooccur.Coordinate, len(s.m.dropped))
	for j, c := range s.m.dropped {
		all[j] = cooccur.Coordinate{Eigenvalue: c.Eigenvalue, Parity: c.Parity, Atoms: slices.Clone(c.Atoms)}
	}
	return all
}

// Views is src with the gray view of every image if the model was fitted with
// gray views: what its statistics are of, but for flips.
func (m *Model) Views(src dataset.Source) dataset.Source { return m.enc.views(src) }

// Reading is what a model sees in an image.
type Reading struct {
	Rows, Cols int           // of the grid of patches, which are numbered by rows
	Patches    patch.Patches // whitened unit vectors
	Codes      sparse.Codes
}

// Read codes the patches of image i of src. With fill, a patch without an active
// atom gets its nearest one, as in an embedding; without, it stays empty, as in
// the statistics. Blank patches are empty either way.
func (s Stages) Read(src dataset.Source, i int, fill bool) (*Reading, error) {
	if err := s.m.Check(src.Shape()); err != nil {
		return nil, err
	}
	pix := make([]uint8, src.Shape().Len())
	if err := src.Image(i, pix); err != nil {
		return nil, err
	}
	r, coder := &Reading{}, s.m.enc.engine.Coder()
	r.Rows, r.Cols = s.m.enc.transform().Grid(src.Shape())
	s.m.enc.transform().Apply(pix, src.Shape(), coder.Stride(), &r.Patches)
	if err := coder.Encode(&r.Patches.Vectors, fill, new(sparse.Scratch), &r.Codes); err != nil {
		return nil, err
	}
	return r, nil
}

// Encode codes whitened unit vectors, n × dim, each with at least one atom. It panics if
// there are so many that 32 bits do not number their active atoms.
func (s Stages) Encode(x []float32) *sparse.Codes {
	var v sparse.Vectors
	v.Pack(x, s.m.enc.dict.Dim, s.m.enc.engine.Coder().Stride())
	var codes sparse.Codes
	if err := s.m.enc.engine.Coder().Encode(&v, true, new(sparse.Scratch), &codes); err != nil {
		panic(err)
	}
	return &codes
}

// EmbedCodes is β = Pφ of each code, n × d, not scaled to unit length.
func (s Stages) EmbedCodes(c *sparse.Codes) []float32 {
	d, n := s.m.enc.cfg.Dims, c.N()
	beta := make([]float32, n*s.m.p.Width())
	s.m.p.Embed(c, 0, n, new(manifold.Projector), beta)
	for i := range n { // in place: of a large image they are many
		copy(beta[i*d:], beta[i*s.m.p.Width():][:d])
	}
	return beta[:n*d]
}
