package smt

import (
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/sparse"
)

// packedAtoms is the size from which on statistics are packed: they would take
// more than 2 GB otherwise. Tests make it small.
var packedAtoms = 16384

// packs reports whether the statistics are packed.
func (c Config) packs() bool {
	return c.Atoms > packedAtoms && c.Flips && c.Context.Kind == cooccur.Image && c.Code != sparse.Soft
}

// origin is what statistics of e's codes are of.
func (e *Encoder) origin() cooccur.Origin {
	return cooccur.Origin{Encoder: e.identity, Context: e.cfg.Context, Atoms: e.dict.N(), Denominator: e.unit(), GridRows: e.rows, GridCols: e.cols}
}

// Statistics returns empty statistics that fit the encoder's codes of images of
// the shape it was made from.
func (e *Encoder) Statistics() (cooccur.Statistics, error) {
	if !e.cfg.packs() {
		s, err := cooccur.NewDense(e.origin())
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	s, err := cooccur.NewPacked(e.origin(), e.dict.Mirror)
	if err != nil {
		return nil, fmt.Errorf("smt: %d atoms, step %d: statistics of so many atoms take a few patches an image, a larger step leaves fewer: %w",
			e.cfg.Atoms, e.cfg.Step, err)
	}
	return s, nil
}
