package smt

import (
	"context"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

func (e *Encoder) resume(ctx context.Context, src dataset.Source, o options) (*cooccur.Statistics, error) {
	s, err := e.Statistics()
	if err != nil {
		return nil, err
	}
	_, err = e.collect(ctx, src, 0, s, o)
	return s, err
}

func (o options) forget() error { return nil }
