package smt

import (
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
	"github.com/sparse-manifold/smt/sparse"
)

// Stages are what a model is made of, in the order in which an image goes through them, for
// those who want to look inside: package explain is built on them. D is the number of atoms, d
// that of coordinates. All is shared with the model and not to be changed.
type Stages struct {
	// Transform extracts, centres and whitens patches.
	Transform *patch.Transform
	// Dictionary is the D atoms, whitened unit vectors, and the flip of each.
	Dictionary *dictionary.Dictionary
	// Coder codes patches against the dictionary.
	Coder *sparse.Coder
	// Projection is P: a code φ becomes β = Pφ.
	Projection *manifold.Projection
	// Eigenvalues are those of the d coordinates, smallest first.
	Eigenvalues []float64
	// Dropped are the Skip coordinates before those kept, smoothest first. It is empty
	// where there are none, or where the model's file does not have them.
	Dropped []cooccur.Coordinate
	// Layout says how the embeddings of an image's patches become the image's. Its Parity is
	// that of the d coordinates, nil for a model fitted without flips.
	Layout pool.Layout
	// Components shorten the image's embedding, in the basis of even and odd values
	// (Layout.EvenOdd) and of length 1. It is nil for a model without.
	Components *embedding.Components
}

// Stages opens the model.
func (m *Model) Stages() Stages {
	return Stages{
		Transform: m.enc.transform(), Dictionary: m.enc.dict, Coder: m.enc.engine.Coder(),
		Projection: m.p, Eigenvalues: m.values, Dropped: m.dropped, Layout: m.layout(), Components: m.components,
	}
}

// layout is that of the configuration, with the parities.
func (m *Model) layout() pool.Layout {
	l := m.enc.cfg.layout()
	l.Parity = m.parity
	return l
}

// Record is what a model knows of how it came about.
type Record struct {
	Data      Data   // the images it was fitted on
	Objective VICReg // reached on the images that its statistics are of
	Software  string // the version of smt that fitted it
	// Checksums says whether a damaged file would have been noticed when the model was
	// read: files of earlier software have no checksums. It is true of a model that was
	// fitted here.
	Checksums bool
}

// Record says how the model came about.
func (m *Model) Record() Record { return Record{m.data, m.vicreg, m.software, m.summed} }
