package smt

import (
	"fmt"
	"io"
	"os"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/involution"
	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
)

// Version is the version of this software.
const Version = "0.1.0"

// kind is that of model files. A model without components is of version 1, as earlier software
// wrote it and reads it. Files with checksums are of version 1 as those without: to earlier
// software their sums are one more text of the metadata, which it does not look at.
var kind = modelfile.Kind{Package: "smt", Format: "smt-model", Version: 2, Earlier: []int{1}}

// modelHeader is the metadata of a model file.
type modelHeader struct {
	Version   int    `json:"version"`
	Software  string `json:"software"`
	Config    Config `json:"config"`
	Data      Data   `json:"data"`
	Objective VICReg `json:"objective"`
	// Components is how many there are of each part of an embedding: of even and of odd values,
	// or of all. Files of version 1 have none.
	Components []int `json:"components,omitempty"`
}

// Save writes the model to a safetensors file with checksums, whole or not at all. The bytes
// depend on the model alone. Tensors:
//
//	whitening   F32 [Dim, Dim]    W, absent without whitening
//	atoms       F32 [Atoms, Dim]  the dictionary
//	mirror      U16 [Atoms]       the flip of each atom, absent without flips
//	projection  F32 [Atoms, Dims] Pᵀ
//	eigenvalues F64 [Dims]        λ
//	parity      I8  [Dims]        1 or −1 under flips, absent without flips
//
// of a model with components, whose file is of version 2, by the n values of an embedding before
// they shorten it, of which e are even, and k even components or, without flips, k of all values
// (e = n):
//
//	components_mean      F32 [n]        μ, of odd values 0
//	components           F32 [k, e]     Λ^(−p/2) U
//	components_variances F64 [k]        λ
//	components_odd       F32 [·, n − e] the odd ones
//	components_odd_variances            their λ
//
// and of the Skip coordinates dropped before those, for whoever wants to look at
// them, dropped, dropped_eigenvalues and dropped_parity, as projection, eigenvalues
// and parity are. Readers may do without, and older files have none.
func (m *Model) Save(path string) error { return kind.Save(path, m.contents()) }

// SaveTo writes to w what Save writes to a file.
func (m *Model) SaveTo(w io.Writer) error { return kind.SaveTo(w, m.contents()) }

func (m *Model) contents() modelfile.Contents {
	n, dims := m.enc.dict.N(), m.enc.cfg.Dims
	tensors := m.enc.tensors()
	tensors = append(tensors,
		safetensors.NewTensor("projection", m.p.Values(), n, dims),
		safetensors.NewTensor("eigenvalues", m.values, dims))
	if m.parity != nil {
		tensors = append(tensors, safetensors.NewTensor("parity", m.parity, dims))
	}
	tensors = append(tensors, m.droppedTensors()...)
	h := modelHeader{Version: 1, Software: m.software, Config: m.enc.cfg, Data: m.data, Objective: m.vicreg}
	if m.components != nil {
		h.Version = kind.Version
		h.Components, tensors = componentTensors(m.components, tensors)
	}
	return modelfile.Contents{Header: h, Tensors: tensors}
}

// tensors are those of the whitening and of the dictionary.
func (e *Encoder) tensors() (tensors []safetensors.Tensor) {
	d, n := e.dict, e.dict.N()
	if w := e.transform().Whitening; w != nil {
		tensors = append(tensors, safetensors.NewTensor("whitening", w, d.Dim, d.Dim))
	}
	tensors = append(tensors, safetensors.NewTensor("atoms", d.Atoms, n, d.Dim))
	if d.Mirror != nil {
		tensors = append(tensors, safetensors.NewTensor("mirror", d.Mirror, n))
	}
	return tensors
}

// Load reads a model that Save wrote. The error names the file and what in it
// was found wrong: changed since it was written, truncated or oversized, of a later version,
// of values that no fit leads to, or of sizes that do not fit its configuration. A file of
// before there were checksums is read as far as it makes sense.
func Load(path string) (*Model, error) {
	m, err := modelfile.Load(kind, path, assemble)
	if info, e := os.Stat(path); err != nil && e == nil && info.IsDir() {
		return nil, fmt.Errorf("smt: model %s is a folder: want one of the models in it", path)
	}
	return m, err
}

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom(r io.ReaderAt, size int64) (*Model, error) {
	return modelfile.LoadFrom(kind, r, size, assemble)
}

// assemble makes a model of the tensors of f, checked against the header.
func assemble(f *safetensors.File, h modelHeader) (*Model, error) {
	cfg := h.Config
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := cfg.fits(h.Data.Shape); err != nil {
		return nil, err
	}
	if err := h.Data.check(cfg); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	t, d, err := readEncoder(f, cfg, h.Data.Shape)
	if err != nil {
		return nil, err
	}
	kept, err := readCoordinates(f, cfg, "", cfg.Dims, manifold.WidthOf(cfg.Dims))
	if err != nil {
		return nil, err
	}
	if err := checkSum(kept.values, h.Objective.EigenvalueSum); err != nil {
		return nil, err
	}
	e, err := newEncoder(cfg, h.Data.Shape, t, d)
	if err != nil {
		return nil, err
	}
	m := &Model{enc: e, values: kept.values, parity: kept.parity, p: manifold.NewProjection(kept.rows, cfg.Atoms, cfg.Dims),
		data: h.Data.completed(cfg), vicreg: h.Objective, software: h.Software, summed: f.Summed()}
	if m.dropped, err = readDropped(f, cfg); err != nil {
		return nil, err
	}
	if m.components, err = m.readComponents(f, h); err != nil {
		return nil, err
	}
	return m, m.check()
}

// readEncoder reads the whitening and the dictionary of images of a shape.
func readEncoder(f *safetensors.File, cfg Config, s dataset.Shape) (*patch.Transform, *dictionary.Dictionary, error) {
	t := &patch.Transform{Size: cfg.Patch, Channels: s.Channels, Center: cfg.Center, Deskew: cfg.Deskew}
	dim := t.Dim()
	var err error
	if cfg.Whiten {
		if t.Whitening, err = f.Float32("whitening", dim, dim); err != nil {
			return nil, nil, err
		}
		if err := t.Check(cfg.Epsilon); err != nil {
			return nil, nil, fmt.Errorf("tensor whitening: %w", err)
		}
	}
	d := &dictionary.Dictionary{Dim: dim}
	if d.Atoms, err = f.Float32("atoms", cfg.Atoms, dim); err != nil {
		return nil, nil, err
	}
	if err := d.Check(); err != nil {
		return nil, nil, fmt.Errorf("tensor atoms: %w", err)
	}
	if !cfg.Flips {
		return t, d, nil
	}
	if d.Mirror, err = readMirror(f, d.N()); err != nil {
		return nil, nil, err
	}
	return t, d, checkMirror(d, t.Flip())
}

// coordinates are some of a file: values, parity (nil without flips) and the rows of Pᵀ, which
// are as far apart as was asked for.
type coordinates struct {
	values []float64
	parity []int8
	rows   []float32
}

// readCoordinates reads n coordinates, of tensors whose names begin with prefix.
func readCoordinates(f *safetensors.File, cfg Config, prefix string, n, stride int) (c coordinates, err error) {
	projection := "projection"
	if prefix != "" {
		projection, prefix = prefix, prefix+"_"
	}
	if c.rows, err = safetensors.Rows[float32](f, projection, cfg.Atoms, n, stride); err != nil {
		return c, err
	}
	if c.values, err = f.Float64(prefix+"eigenvalues", n); err != nil {
		return c, err
	}
	if !cfg.Flips {
		return c, nil
	}
	if c.parity, err = safetensors.Values[int8](f, prefix+"parity", n); err != nil {
		return c, err
	}
	for j, p := range c.parity {
		if p != 1 && p != -1 {
			return c, fmt.Errorf("tensor %sparity: value %d is %d, want 1 or -1", prefix, j, p)
		}
	}
	return c, nil
}

func readMirror(f *safetensors.File, n int) ([]uint16, error) {
	mirror, err := safetensors.Values[uint16](f, "mirror", n)
	if err != nil {
		return nil, err
	}
	if a := involution.Fault(mirror); a >= 0 {
		return nil, fmt.Errorf("tensor mirror: atom %d is said to be the flip of atom %d, which is not its flip", mirror[a], a)
	}
	return mirror, nil
}
