package vectors

import (
	"fmt"
	"io"
	"math"

	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// Format is what the metadata of a model file says that it is.
const Format = "smt-vectors"

var kind = modelfile.Kind{Package: "vectors", Format: Format, Version: 1}

// header is the metadata of a model file.
type header struct {
	Version   int             `json:"version"`
	Config    Config          `json:"config"`
	Data      Data            `json:"data"`
	Objective manifold.VICReg `json:"objective"`
}

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
	return modelfile.Contents{Header: header{kind.Version, m.cfg, m.data, m.vicreg}, Tensors: []safetensors.Tensor{
		safetensors.NewTensor("atoms", m.atoms.X, n, m.atoms.Dim),
		safetensors.NewTensor("projection", m.p.Values(), n, d),
		safetensors.NewTensor("eigenvalues", m.values, len(m.values)),
	}}
}

// Load reads a model that Save wrote. The error names the file and what in it was found wrong.
func Load(path string) (*Model, error) { return modelfile.Load(kind, path, assemble) }

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom(r io.ReaderAt, size int64) (*Model, error) {
	return modelfile.LoadFrom(kind, r, size, assemble)
}

// assemble makes a model of the tensors of f.
func assemble(f *safetensors.File, h header) (*Model, error) {
	if err := h.check(); err != nil {
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

// check reports what no fit leaves in a header.
func (h header) check() error {
	if err := h.Config.Validate(); err != nil {
		return err
	}
	d := h.Data
	switch {
	case d.Points < 1 || d.Duplicates < 0 || d.Duplicates >= d.Points:
		return fmt.Errorf("data: %d points, %d of them duplicates: want at least 1 that is none", d.Points, d.Duplicates)
	case d.Values < 1:
		return fmt.Errorf("data: points of %d values: want at least 1", d.Values)
	case !(d.Recall > 0 && d.Recall <= 1):
		return fmt.Errorf("data: recall is %g: want above 0, at most 1", d.Recall)
	case d.Edges < 1:
		return fmt.Errorf("data: edges is %d: want at least 1", d.Edges)
	}
	sum, last := 0, d.Points
	for _, n := range d.Pieces {
		if n < 1 || n > last {
			return fmt.Errorf("data: pieces are %v: want positive sizes, largest first", d.Pieces)
		}
		sum, last = sum+n, n
	}
	if sum != d.Points-d.Duplicates {
		return fmt.Errorf("data: pieces of %d points in all, want the %d that are different", sum, d.Points-d.Duplicates)
	}
	full, err := h.Config.of(sum)
	if err == nil {
		full, err = full.inPieces(len(d.Pieces), true)
	}
	if err != nil || full != h.Config {
		return fmt.Errorf("config: no fit of %d different points has it: %v", sum, err)
	}
	return nil
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
	for j, v := range m.p.Largest() {
		if !(v <= math.MaxFloat32/2) { // embeddings are means of values
			return fmt.Errorf("tensor projection: column %d has values up to %g: want finite ones", j, v)
		}
	}
	return nil
}
