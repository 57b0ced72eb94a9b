package smt

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/patch"
)

const version = "0.1.0"

// Version is the version of this software.
func Version() string { return version }

const (
	modelFormat  = "smt-model"
	modelVersion = 1
)

// modelHeader is the metadata of a model file.
type modelHeader struct {
	Version   int    `json:"version"`
	Software  string `json:"software"`
	Config    Config `json:"config"`
	Data      Data   `json:"data"`
	Objective VICReg `json:"objective"`
}

// Save writes the model to a safetensors file, whole or not at all. The bytes
// depend on the model alone. Tensors:
//
//	whitening   F32 [Dim, Dim]    W, absent without whitening
//	atoms       F32 [Atoms, Dim]  the dictionary
//	mirror      U16 [Atoms]       the flip of each atom, absent without flips
//	projection  F32 [Atoms, Dims] Pᵀ
//	eigenvalues F64 [Dims]        λ
//	parity      I8  [Dims]        1 or −1 under flips, absent without flips
//
// and of the Skip coordinates dropped before those, for whoever wants to look at
// them, dropped, dropped_eigenvalues and dropped_parity, as projection, eigenvalues
// and parity are. Readers may do without, and older files have none.
func (m *Model) Save(path string) error {
	return m.save(func(metadata map[string]string, tensors []safetensors.Tensor) error {
		return safetensors.WriteFile(path, metadata, tensors)
	})
}

// SaveTo writes to w what Save writes to a file.
func (m *Model) SaveTo(w io.Writer) error {
	return m.save(func(metadata map[string]string, tensors []safetensors.Tensor) error {
		return safetensors.Write(w, metadata, tensors)
	})
}

func (m *Model) save(write func(metadata map[string]string, tensors []safetensors.Tensor) error) error {
	h, err := json.Marshal(modelHeader{modelVersion, m.made, m.enc.cfg, m.data, m.vicreg})
	if err != nil {
		return err
	}
	d, n, dims := m.enc.dict, m.enc.dict.N(), m.enc.cfg.Dims
	projection := make([]float32, 0, n*dims)
	for a := range n {
		projection = append(projection, m.p.rows[a*m.p.width:][:dims]...)
	}
	var tensors []safetensors.Tensor
	if w := m.enc.transform.Whitening; w != nil {
		tensors = append(tensors, safetensors.NewTensor("whitening", w, d.Dim, d.Dim))
	}
	tensors = append(tensors, safetensors.NewTensor("atoms", d.Atoms, n, d.Dim))
	if d.Mirror != nil {
		tensors = append(tensors, safetensors.NewTensor("mirror", d.Mirror, n))
	}
	tensors = append(tensors,
		safetensors.NewTensor("projection", projection, n, dims),
		safetensors.NewTensor("eigenvalues", m.values, dims))
	if m.parity != nil {
		tensors = append(tensors, safetensors.NewTensor("parity", m.parity, dims))
	}
	tensors = append(tensors, m.droppedTensors()...)
	if err := write(map[string]string{"format": modelFormat, "header": string(h)}, tensors); err != nil {
		return fmt.Errorf("smt: saving the model: %w", err)
	}
	return nil
}

// Load reads a model that Save wrote. The error names the file and what in it
// was found wrong: truncated or oversized, of a later version, not finite, or
// of sizes that do not fit its configuration.
func Load(path string) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("smt: model: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("smt: model: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("smt: model %s is a folder: want one of the models in it", path)
	}
	m, err := readModel(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("smt: model %s: %w", path, err)
	}
	return m, nil
}

func readModel(r io.ReaderAt, size int64) (*Model, error) {
	f, err := safetensors.Read(r, size)
	if err != nil {
		return nil, err
	}
	if got := f.Metadata["format"]; got != modelFormat {
		return nil, fmt.Errorf("format is %q, want %q", got, modelFormat)
	}
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal([]byte(f.Metadata["header"]), &v); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if v.Version != modelVersion {
		return nil, fmt.Errorf("version %d, this software reads version %d", v.Version, modelVersion)
	}
	var h modelHeader
	if err := json.Unmarshal([]byte(f.Metadata["header"]), &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.Config.Validate(); err != nil {
		return nil, err
	}
	if err := h.Config.fits(h.Data.Shape); err != nil {
		return nil, err
	}
	return assemble(f, h)
}

// assemble makes a model of the tensors of f, checked against the header.
func assemble(f *safetensors.File, h modelHeader) (*Model, error) {
	cfg := h.Config
	t := &patch.Transform{Size: cfg.Patch, Channels: h.Data.Shape.Channels, Center: cfg.Center}
	dim := t.Dim()
	var err error
	if cfg.Whiten {
		if t.Whitening, err = f.Float32("whitening", dim, dim); err != nil {
			return nil, err
		}
	}
	d := &dictionary.Dictionary{Dim: dim}
	if d.Atoms, err = f.Float32("atoms", cfg.Atoms, dim); err != nil {
		return nil, err
	}
	for a := range cfg.Atoms {
		var sum float64
		for _, x := range d.Atoms[a*dim : (a+1)*dim] {
			sum += float64(x) * float64(x)
		}
		if math.Abs(sum-1) > 1e-3 {
			return nil, fmt.Errorf("tensor atoms: atom %d has length %.4g, want a unit vector", a, math.Sqrt(sum))
		}
	}
	projection, err := f.Float32("projection", cfg.Atoms, cfg.Dims)
	if err != nil {
		return nil, err
	}
	values, err := f.Float64("eigenvalues", cfg.Dims)
	if err != nil {
		return nil, err
	}
	kept := make([]coordinate, cfg.Dims)
	for j := range kept {
		kept[j] = coordinate{value: values[j], row: make([]float32, cfg.Atoms)}
		for a := range cfg.Atoms {
			kept[j].row[a] = projection[a*cfg.Dims+j]
		}
	}
	if cfg.Flips {
		if err := readMirror(f, d, kept); err != nil {
			return nil, err
		}
	}
	e, err := newEncoder(cfg, h.Data.Shape, t, d)
	if err != nil {
		return nil, err
	}
	m := newModel(e, kept)
	if m.dropped, err = readDropped(f, cfg); err != nil {
		return nil, err
	}
	m.data, m.vicreg, m.made = h.Data.completed(cfg), h.Objective, h.Software
	return m, nil
}

func readMirror(f *safetensors.File, d *dictionary.Dictionary, kept []coordinate) (err error) {
	if d.Mirror, err = safetensors.Values[uint16](f, "mirror", d.N()); err != nil {
		return err
	}
	for a, b := range d.Mirror {
		if int(b) >= d.N() || int(d.Mirror[b]) != a {
			return fmt.Errorf("tensor mirror: atom %d is said to be the flip of atom %d, which is not its flip", b, a)
		}
	}
	parity, err := safetensors.Values[int8](f, "parity", len(kept))
	if err != nil {
		return err
	}
	for j, p := range parity {
		if p != 1 && p != -1 {
			return fmt.Errorf("tensor parity: value %d is %d, want 1 or -1", j, p)
		}
		kept[j].parity = p
	}
	return nil
}
