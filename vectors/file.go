package vectors

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// Format is what the metadata of a model file says that it is.
const Format = "smt-vectors"

var kind = modelfile.Kind{Package: "vectors", Format: Format, Version: 1}

// header is the metadata of a model file.
type header = modelfile.Header[Config, Data]

// Save writes the model to a safetensors file with checksums, whole or not at all. The bytes depend on
// the model alone. Tensors:
//
//	atoms       F32 [Atoms, Values]  the dictionary
//	projection  F32 [Atoms, Dims]    Pᵀ
//	eigenvalues F64 [Smooth]         λ
func (m *Model) Save(path string) error { return kind.Save(path, m.contents()) }

// SaveTo writes to w what Save writes to a file.
func (m *Model) SaveTo(w io.Writer) error { return kind.SaveTo(w, m.contents()) }

func (m *Model) contents() modelfile.Contents {
	n, d := m.cfg.Atoms, m.cfg.Dims
	return modelfile.NewContents(kind, m.cfg, m.data, m.vicreg,
		safetensors.NewTensor("atoms", m.atoms.X, n, m.atoms.Dim),
		safetensors.NewTensor("projection", m.p.Values(), n, d),
		safetensors.NewTensor("eigenvalues", m.values, len(m.values)))
}

// Load reads a model that Save wrote. The error names the file and what in it was found wrong.
func Load(path string) (*Model, error) { return modelfile.Load(kind, path, assemble) }

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom(r io.ReaderAt, size int64) (*Model, error) {
	return modelfile.LoadFrom(kind, r, size, assemble)
}

// assemble makes a model of the tensors of f.
func assemble(f *safetensors.File, h header) (*Model, error) {
	if err := checkHeader(h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	c := h.Config
	m := &Model{cfg: c, data: h.Data, vicreg: h.Objective, atoms: &vector.Points{Dim: h.Data.Values}}
	var err error
	if m.atoms.X, err = f.Float32("atoms", c.Atoms, h.Data.Values); err != nil {
		return nil, err
	}
	if err := m.atoms.Check(); err != nil {
		return nil, fmt.Errorf("tensor atoms: %w", err)
	}
	if m.coder, err = vector.NewCoder(m.atoms, c.Active); err != nil {
		return nil, err
	}
	rows, err := safetensors.Rows[float32](f, "projection", c.Atoms, c.Dims, manifold.WidthOf(c.Dims))
	if err != nil {
		return nil, err
	}
	m.p = manifold.NewProjection(rows, c.Atoms, c.Dims)
	if m.values, err = f.Float64("eigenvalues", c.Smooth); err != nil {
		return nil, err
	}
	return m, m.check()
}

// checkHeader reports what no fit leaves in a header.
func checkHeader(h header) error {
	if err := h.Config.Validate(); err != nil {
		return err
	}
	d := h.Data
	switch {
	case d.Points < 1 || d.Points > math.MaxInt32 || d.Duplicates < 0 || d.Duplicates >= d.Points:
		return fmt.Errorf("data: %s, %d of them duplicates: want at least 1 that is none, and at most %d", plural.Of(d.Points, "point"), d.Duplicates, math.MaxInt32)
	case d.Values < 1:
		return fmt.Errorf("data: points of %s: want at least 1", plural.Of(d.Values, "value"))
	case !(d.Recall > 0 && d.Recall <= 1):
		return fmt.Errorf("data: recall is %g: want above 0, at most 1", d.Recall)
	case d.Edges < 1 || d.Edges/int64(h.Config.Neighbours) > int64(d.Points):
		return fmt.Errorf("data: edges is %d: want at least 1, and at most %d for each of %s", d.Edges, h.Config.Neighbours, plural.Of(d.Points, "point"))
	}
	sum, last := 0, d.Points
	for _, n := range d.Pieces {
		if n < 1 || n > last {
			return fmt.Errorf("data: pieces are %v: want positive sizes, largest first", d.Pieces)
		}
		sum, last = sum+n, n
	}
	if sum != d.Points-d.Duplicates {
		return fmt.Errorf("data: pieces of %s in all, want the %d that are different", plural.Of(sum, "point"), d.Points-d.Duplicates)
	}
	full, err := h.Config.of(sum)
	if err == nil {
		full, err = full.inPieces(len(d.Pieces))
	}
	if err != nil || full != h.Config {
		return fmt.Errorf("config: no fit of %s has it: %v", plural.Of(sum, "different point"), err)
	}
	if h.Config.Smooth < 1 {
		return fmt.Errorf("config: smooth is %d: want at least 1", h.Config.Smooth)
	}
	return checkTried(d.Tried, h.Config.Smooth)
}

// sumTolerance is what eigenvalues in float32 sums are off by.
const sumTolerance = 1e-3

// check reports what no fit leads to.
func (m *Model) check() error {
	var sum float64
	for j, v := range m.values {
		if math.IsNaN(v) || v < -sumTolerance || v > 4 {
			return fmt.Errorf("tensor eigenvalues: value %d is %g: want 0 to 4", j, v)
		}
		if j > 0 && v < m.values[j-1] {
			return fmt.Errorf("tensor eigenvalues: value %d is %g, less than the one before, %g", j, v, m.values[j-1])
		}
		sum += v
	}
	if d := math.Abs(sum - m.vicreg.EigenvalueSum); !(d <= sumTolerance*(1+math.Abs(sum))) {
		return fmt.Errorf("header: objective: eigenvalue_sum is %g, and the eigenvalues sum to %g", m.vicreg.EigenvalueSum, sum)
	}
	if err := m.vicreg.Check(m.cfg.Smooth, 4); err != nil {
		return fmt.Errorf("header: objective: %w", err)
	}
	least, most := m.sizes()
	sizes := m.p.Largest()
	if slices.Max(sizes) == 0 {
		return fmt.Errorf("tensor projection: all values are 0: want some that are not")
	}
	for j, v := range sizes {
		if !(float64(v) >= least && float64(v) <= most) {
			return fmt.Errorf("tensor projection: the largest value of coordinate %d is %g in size: want %.4g to %.4g", j, v, least, most)
		}
	}
	return nil
}

// sizes are what the largest value of a coordinate is at least and at most. Codes sum to 1, so that their squares
// sum to 1/Active or more. Combinations of smooth coordinates have the size of ways between atoms, which are at
// most all the steps from one to the next, and may be 0.
func (m *Model) sizes() (least, most float64) {
	least, most = manifold.Sizes(m.cfg.Atoms, 1, 1/float64(m.cfg.Active), m.cfg.Ridge)
	if m.cfg.Smooth > m.cfg.Dims {
		least, most = 0, most*float64(m.cfg.Atoms)*m.across()
	}
	return least, min(most, math.MaxFloat32/2)
}

// across is the diagonal of the box that atoms are in.
func (m *Model) across() float64 {
	dim, square := m.atoms.Dim, 0.0
	for j := range dim {
		low, high := math.Inf(1), math.Inf(-1)
		for a := range m.atoms.N() {
			v := float64(m.atoms.Row(a)[j])
			low, high = min(low, v), max(high, v)
		}
		square += (high - low) * (high - low)
	}
	return math.Sqrt(square)
}
