package choice

import (
	"context"
	"errors"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
)

// settle is cfg with as many of its atoms as images of src hold. Where they are too few that are as little alike as
// cfg asks for, they may be more alike; where they are still too few, they are fewer. Neither changes where given has it.
func settle(ctx context.Context, src dataset.Source, cfg, given smt.Config) (smt.Config, error) {
	if cfg.Dictionary != smt.Exemplars || given.Atoms > 0 && given.MaxCosine > 0 {
		return cfg, nil
	}
	for {
		_, err := smt.NewEncoder(ctx, src, cfg)
		var few *dictionary.TooFewError
		switch {
		case !errors.As(err, &few):
			return cfg, err
		case given.MaxCosine == 0 && few.Enough > 0:
			cfg.MaxCosine = few.Enough
		case given.Atoms == 0 && few.Found >= 2:
			cfg.Atoms = few.Found
			cfg.Dims = min(cfg.Dims, cfg.Atoms)
			cfg.Skip = min(cfg.Skip, cfg.Atoms-cfg.Dims)
		default:
			return cfg, err
		}
	}
}

// Settle is c with as many of its atoms as images of src hold: more alike where they have to be, and fewer where that is
// not enough.
func Settle(ctx context.Context, src dataset.Source, c smt.Config) (smt.Config, error) {
	return settle(ctx, src, c, smt.Config{})
}
