package modelfile

import (
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
)

// Header is that of a model which has a configuration C and says that it was fitted on D.
type Header[C, D any] struct {
	Version   int             `json:"version"`
	Config    C               `json:"config"`
	Data      D               `json:"data"`
	Objective manifold.VICReg `json:"objective"`
}

// NewContents is what the file of such a model of kind k has.
func NewContents[C, D any](k Kind, config C, data D, objective manifold.VICReg, tensors ...safetensors.Tensor) Contents {
	return Contents{Header[C, D]{k.Version, config, data, objective}, tensors}
}
