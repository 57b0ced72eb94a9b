package smt

import (
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/internal/safetensors"
)

// The first Skip coordinates are left out of an embedding: of photographs they
// are the smoothest there are, colour and brightness, and say little of what is
// shown (METHOD §5). A model keeps them to be looked at.

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
		values[j], parity[j] = c.value, c.parity
		for a, v := range c.row {
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
func readDropped(f *safetensors.File, cfg Config) ([]coordinate, error) {
	if !slices.ContainsFunc(f.Tensors(), func(t safetensors.Info) bool { return t.Name == "dropped" }) {
		return nil, nil
	}
	k := cfg.Skip
	rows, err := f.Float32("dropped", cfg.Atoms, k)
	if err != nil {
		return nil, err
	}
	values, err := f.Float64("dropped_eigenvalues", k)
	if err != nil {
		return nil, err
	}
	parity := make([]int8, k)
	if cfg.Flips {
		if parity, err = safetensors.Values[int8](f, "dropped_parity", k); err != nil {
			return nil, err
		}
	}
	dropped := make([]coordinate, k)
	for j := range dropped {
		if cfg.Flips && parity[j] != 1 && parity[j] != -1 {
			return nil, fmt.Errorf("tensor dropped_parity: value %d is %d, want 1 or -1", j, parity[j])
		}
		dropped[j] = coordinate{value: values[j], row: make([]float32, cfg.Atoms), parity: parity[j]}
		for a := range cfg.Atoms {
			dropped[j].row[a] = rows[a*k+j]
		}
	}
	return dropped, nil
}
