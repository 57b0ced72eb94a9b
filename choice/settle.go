package choice

import (
	"context"
	"errors"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
)

// settle is cfg with as many of its atoms as images of src hold, and the encoder that has them. Where they are too few that
// are as little alike as cfg asks for, they may be more alike; where they are still too few, they are fewer. Neither
// changes where given has it; where it has both nothing is to be found out, and there is no encoder.
func settle(ctx context.Context, src dataset.Source, cfg smt.Config, given Given) (smt.Config, *smt.Encoder, error) {
	if cfg.Dictionary != smt.Exemplars || given.Atoms > 0 && given.MaxCosine > 0 {
		return cfg, nil, nil
	}
	for {
		e, err := smt.NewEncoder(ctx, src, cfg)
		var few *dictionary.TooFewError
		switch {
		case !errors.As(err, &few):
			return cfg, e, err
		case given.MaxCosine == 0 && few.Enough > 0:
			cfg.MaxCosine = few.Enough
		case given.Atoms == 0 && few.Found >= 2:
			cfg.Atoms = few.Found
			cfg.Dims = min(cfg.Dims, cfg.Atoms)
			cfg.Skip = min(cfg.Skip, cfg.Atoms-cfg.Dims)
		default:
			return cfg, nil, err
		}
	}
}

// Fit is a model of the images of src, of c with as many of its atoms as the images hold: more alike where they have
// to be, and fewer where that is not enough.
func Fit(ctx context.Context, src dataset.Source, c smt.Config) (*smt.Model, error) {
	c, e, err := settle(ctx, src, c, Given{})
	if err != nil {
		return nil, err
	}
	return smt.Fit(ctx, src, c, smt.Encoded(e))
}
