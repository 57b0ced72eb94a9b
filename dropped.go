package smt

import (
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
)

// The first Skip coordinates are left out of an embedding: of photographs they
// are the smoothest there are, colour and brightness, and say little of what is
// shown ("Which choices suit which images" in docs/method.md). A model keeps them to be looked at.

// droppedTensors are the dropped coordinates as a model file has them: none
// where none were dropped.
func (m *Model) droppedTensors() []safetensors.Tensor {
	k := len(m.dropped)
	if k == 0 {
		return nil
	}
	n := m.enc.dict.N()
	rows, values, parity := make([]float32, n*k), make([]float64, k), make([]int8, k)
	for j, c := range m.dropped {
		values[j], parity[j] = c.Eigenvalue, c.Parity
		for a, v := range c.Atoms {
			rows[a*k+j] = v
		}
	}
	tensors := []safetensors.Tensor{
		safetensors.NewTensor("dropped", rows, n, k),
		safetensors.NewTensor("dropped_eigenvalues", values, k),
	}
	if m.parity != nil {
		tensors = append(tensors, safetensors.NewTensor("dropped_parity", parity, k))
	}
	return tensors
}

// readDropped is the inverse. A file may have none of the tensors, or all.
func readDropped(f *safetensors.File, cfg Config) ([]cooccur.Coordinate, error) {
	if !f.Has("dropped") {
		return nil, nil
	}
	c, err := readCoordinates(f, cfg, "dropped", cfg.Skip, cfg.Skip)
	if err != nil {
		return nil, err
	}
	dropped := make([]cooccur.Coordinate, cfg.Skip)
	for j := range dropped {
		dropped[j] = cooccur.Coordinate{Eigenvalue: c.values[j], Atoms: manifold.Column(c.rows, cfg.Skip, j)}
		if c.parity != nil {
			dropped[j].Parity = c.parity[j]
		}
	}
	return dropped, nil
}
