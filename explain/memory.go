package explain

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Memory estimates the bytes that work of this package takes, for programs to tell
// beforehand whether there is room. All patches of an image are held at once, with
// their embeddings: those of large images are many.
type Memory struct {
	estimate.Reading
	cfg                 smt.Config
	inverted            bool // images are small enough
	dim, patches, cells float64
}

// MemoryOf is that of work with a model on images of a shape.
func MemoryOf(m *smt.Model, s dataset.Shape) *Memory {
	down, across := m.Stages().Transform.Grid(s)
	rows, cols := m.Stages().Layout.Grid(down, across)
	return &Memory{estimate.Read(m, s), m.Config(), TooLargeToInvert(m, s) == nil, float64(m.Stages().Transform.Dim()), float64(down * across), float64(rows * cols)}
}

// Gallery is of n patches, their vectors included.
func (e *Memory) Gallery(n int) float64 {
	return float64(n) * (4*e.dim + 4*float64(e.cfg.Dims) + e.Code + 12)
}

// Agreement is of patches of n images: their gallery, queries and codes laid out to be searched, and what is found.
func (e *Memory) Agreement(n int) float64 {
	const found = agreementDepth * (16 + 3*8)
	patches := min(n, agreementImages) * agreementEach
	return e.Gallery(patches) + float64(patches)*(5*max(e.dim, float64(e.cfg.Dims))+8*e.Code+found)
}

// Unwhiten is of n vectors: these in float64, before and after it, and what it returns.
func (e *Memory) Unwhiten(n int) float64 { return 20*float64(n)*e.dim + 60*e.dim*e.dim }

// Map is of n atoms: their vectors twice, whom each is drawn to, and all cosines or, after
// them, the same in maps.
func (e *Memory) Map(n int) float64 {
	const near, maps = 16 * 3 * mapPerplexity, 5000
	return float64(n) * (8*float64(e.cfg.Dims) + near + max(4*float64(n), maps))
}

// Measure is of n images. The embeddings of the image before wait to be collected.
func (e *Memory) Measure(n int) float64 {
	groups := (n + measureGroup - 1) / measureGroup
	workers := parallel.Workers(groups)
	square := float64(e.cfg.Dims * e.cfg.Dims)
	part := 4*square + 8*float64(e.cfg.Atoms)
	return float64(workers)*(e.Read+2*e.Embed) + float64(min(groups, 2*workers))*part + 8*square
}

// Why is of two images: what is read of one, and the embeddings, cells and parts of both.
// The embeddings of an image before wait to be collected.
func (e *Memory) Why() float64 {
	overlap := float64(e.cfg.Pool) / float64(e.cfg.Stride)
	side := e.Embed + e.patches*(e.Code+72+8*overlap*overlap)
	copies := 6.0 // of cells: both, turned, and weighed
	if e.cfg.Components > 0 {
		copies += 9 // with weights of either, where even and odd values are from, and embeddings on the way
	}
	return e.Read + e.Embed + 2*side + copies*8*e.cells*float64(e.cfg.Dims)
}

// Inverter is the columns of P, as floats and as the coder lays them out, and once more while it is made. It
// is none where images are too large to invert.
func (e *Memory) Inverter() float64 {
	if !e.inverted {
		return 0
	}
	return 20 * float64(e.cfg.Atoms) * float64(e.cfg.Dims)
}

// Invert is of an image that is inverted, beside the Inverter: what is read, and the embeddings, vectors and
// pixels of patches.
func (e *Memory) Invert() float64 {
	if !e.inverted {
		return 0
	}
	overlap := float64(e.cfg.Pool) / float64(e.cfg.Stride)
	side := 2*e.Embed + e.patches*(e.Code+72+8*overlap*overlap)
	return e.Read + side + 3*8*e.cells*float64(e.cfg.Dims) + e.patches*e.dim*(3*4+24)
}
