// Package sources learns from a signal of each source of similarity, with the one engine that all
// share: neighbourhoods in signal space (a torus), time (a shape that moves), space (patches of images) and
// stochastic co-occurrence (words). The first two are manifolds. Words are none: no two are alike but by
// the company they keep. Patches are in between (paper, introduction).
//
// Package report makes a page of it.
package sources

import "github.com/sparse-manifold/smt/manifold"

// Learned is what the engine says of a fit, whatever the source.
type Learned struct {
	Units       int64           `json:"units"` // what was coded: points, frames, patches, words of a text
	Atoms       int             `json:"atoms"`
	Eigenvalues []float64       `json:"eigenvalues"` // of the coordinates kept, smallest first
	VICReg      manifold.VICReg `json:"objective"`
}
