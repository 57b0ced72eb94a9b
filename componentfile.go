package smt

import (
	"fmt"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
)

// partNames are the names of the tensors of the parts of components.
var partNames = [2]string{"components", "components_odd"}

// componentTensors adds the tensors of components to others, and says how many components the
// parts have.
func componentTensors(c *embedding.Components, tensors []safetensors.Tensor) ([]int, []safetensors.Tensor) {
	var counts []int
	parts := c.Parts()
	mean := make([]float32, parts[len(parts)-1].To)
	copy(mean, c.Mean())
	tensors = append(tensors, safetensors.NewTensor("components_mean", mean, len(mean)))
	for i, p := range parts {
		n := len(p.Variances)
		counts = append(counts, n)
		tensors = append(tensors, safetensors.NewTensor(partNames[i], p.Rows, n, p.To-p.From),
			safetensors.NewTensor(partNames[i]+"_variances", p.Variances, n))
	}
	return counts, tensors
}

// readComponents reads the components of the embeddings of m, without them so far: nil, if the
// header says that there are none.
func (m *Model) readComponents(f *safetensors.File, h modelHeader) (*embedding.Components, error) {
	cfg := h.Config
	if with := cfg.Components > 0; with != (h.Version == kind.Version) || with != (h.Components != nil) {
		return nil, fmt.Errorf("header: version %d with components %d, of which there are %v: want version 1 without any, or %d with some",
			h.Version, cfg.Components, h.Components, kind.Version)
	}
	if h.Components == nil {
		return nil, nil
	}
	// The mean comes first: a file that has it is as large as what its shape makes.
	dim := cfg.Dim(h.Data.Shape)
	mean, err := f.Float32("components_mean", dim)
	if err != nil {
		return nil, err
	}
	spans := [][2]int{{0, dim}}
	if m.parity != nil {
		even := m.layout().EvenDim(m.enc.transform().Grid(h.Data.Shape))
		spans = [][2]int{{0, even}, {even, dim}}
	}
	for i, v := range mean[spans[0][1]:] {
		if v != 0 {
			return nil, fmt.Errorf("tensor components_mean: value %d is %g, want 0, as its flip negates it", spans[0][1]+i, v)
		}
	}
	if len(h.Components) != len(spans) {
		return nil, fmt.Errorf("header: components of %d parts, want %d", len(h.Components), len(spans))
	}
	left := cfg.Components
	for i, n := range h.Components {
		if most := min(left, spans[i][1]-spans[i][0]); n < 0 || n > most {
			return nil, fmt.Errorf("header: part %d has %s, want 0 to %d", i, plural.Of(n, "component"), most)
		}
		left -= n
	}
	var parts []embedding.Part
	for i, n := range h.Components {
		p := embedding.Part{From: spans[i][0], To: spans[i][1]}
		if p.Rows, err = f.Float32(partNames[i], n, p.To-p.From); err != nil {
			return nil, err
		}
		if p.Variances, err = f.Float64(partNames[i]+"_variances", n); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	c, err := embedding.MadeOf(mean[:spans[0][1]], parts, cfg.Power)
	if err != nil {
		return nil, fmt.Errorf("tensor components: %w", err)
	}
	return c, nil
}
