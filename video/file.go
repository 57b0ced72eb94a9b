package video

import (
	"fmt"
	"io"
	"math"

	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// Format is what the metadata of a model file says that it is.
const Format = "smt-video"

var kind = modelfile.Kind{Package: "video", Format: Format, Version: 1}

// header is the metadata of a model file.
type header = modelfile.Header[Config, Data]

// Save writes the model to a safetensors file with checksums, whole or not at all. The bytes depend
// on the model alone. Tensors:
//
//	whitening   F32 [n, n]        W, of units of n values; absent without whitening
//	atoms       F32 [Atoms, n]    the dictionary
//	projection  F32 [Atoms, Dims] Pᵀ
//	eigenvalues F64 [Dims]        λ
func (m *Model) Save(path string) error { return kind.Save(path, m.contents()) }

// SaveTo writes to w what Save writes to a file.
func (m *Model) SaveTo(w io.Writer) error { return kind.SaveTo(w, m.contents()) }

func (m *Model) contents() modelfile.Contents {
	d, dims := m.enc.dict, m.enc.cfg.Dims
	var tensors []safetensors.Tensor
	if w := m.enc.places.Whitening; w != nil {
		tensors = append(tensors, safetensors.NewTensor("whitening", w, d.Dim, d.Dim))
	}
	tensors = append(tensors,
		safetensors.NewTensor("atoms", d.Atoms, d.N(), d.Dim),
		safetensors.NewTensor("projection", m.p.Values(), d.N(), dims),
		safetensors.NewTensor("eigenvalues", m.values, dims))
	return modelfile.NewContents(kind, m.enc.cfg, m.data, m.vicreg, tensors...)
}

// Load reads a model that Save wrote. The error names the file and what in it was found wrong.
func Load(path string) (*Model, error) { return modelfile.Load(kind, path, assemble) }

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom(r io.ReaderAt, size int64) (*Model, error) {
	return modelfile.LoadFrom(kind, r, size, assemble)
}

// assemble makes a model of the tensors of f.
func assemble(f *safetensors.File, h header) (*Model, error) {
	cfg, places := h.Config, h.Config.places()
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.Data.check(places.Len()); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	d := &dictionary.Dictionary{Dim: places.Dim()}
	var err error
	if cfg.Whiten {
		if places.Whitening, err = f.Float32("whitening", d.Dim, d.Dim); err != nil {
			return nil, err
		}
		if err := places.Transform().Check(cfg.Epsilon); err != nil {
			return nil, fmt.Errorf("tensor whitening: %w", err)
		}
	}
	if d.Atoms, err = f.Float32("atoms", cfg.Atoms, d.Dim); err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("tensor atoms: %w", err)
	}
	rows, err := safetensors.Rows[float32](f, "projection", cfg.Atoms, cfg.Dims, manifold.WidthOf(cfg.Dims))
	if err != nil {
		return nil, err
	}
	m := &Model{p: manifold.NewProjection(rows, cfg.Atoms, cfg.Dims), vicreg: h.Objective, data: h.Data}
	if m.values, err = f.Float64("eigenvalues", cfg.Dims); err != nil {
		return nil, err
	}
	if m.enc, err = newEncoder(cfg, places, d); err != nil {
		return nil, err
	}
	return m, m.check()
}

// A difference has at most four times the square of what it is of, and that of a frame and the mean of its context
// at most six, as a frame near an end is twice in the means of others. Rounding goes beyond both ends.
const (
	leastEigenvalue = 0.1 // below 0
	mostEigenvalue  = 8.0
)

// mostFrames is thousands of years of film.
const mostFrames = 1 << 42

// check reports a solution that embeddings could not be made with, or that is none.
func (m *Model) check() error {
	var sum, size float64
	for j, v := range m.values {
		if !(v >= -leastEigenvalue && v <= mostEigenvalue) {
			return fmt.Errorf("tensor eigenvalues: value %d is %g, want %g to %g", j, v, -leastEigenvalue, mostEigenvalue)
		}
		if j > 0 && v < m.values[j-1] {
			return fmt.Errorf("tensor eigenvalues: value %d is %g after %g, want them in order", j, v, m.values[j-1])
		}
		sum, size = sum+v, size+math.Abs(v)
	}
	if noted := m.vicreg.EigenvalueSum; !(math.Abs(sum-noted) <= 0x1p-40*float64(len(m.values))*size) {
		return fmt.Errorf("header: objective: eigenvalue_sum is %g, the tensor eigenvalues has %g", noted, sum)
	}
	if err := m.vicreg.Check(m.enc.cfg.Dims, mostEigenvalue); err != nil {
		return fmt.Errorf("header: objective: %w", err)
	}
	cfg := m.enc.cfg
	second := 1.0 // each unit that is counted has an atom
	if cfg.Code.Valued() {
		second = 1 / float64(m.data.Units) / (sparse.SoftUnit * sparse.SoftUnit) // some unit has a value
	}
	sum = cfg.Code.MostSum(cfg.Atoms, cfg.Threshold)
	least, largest := manifold.Sizes(cfg.Atoms, sum, second, cfg.Ridge)
	// β has at most sum·|P|, and float32 room for places' sums.
	most := min(largest, math.MaxFloat32/2/sum/float64(m.enc.places.Len()))
	for j, v := range m.p.Largest() {
		if !(float64(v) >= least && float64(v) <= most) {
			return fmt.Errorf("tensor projection: the largest value of coordinate %d is %g in size, want %.4g to %.4g", j, v, least, most)
		}
	}
	return nil
}
