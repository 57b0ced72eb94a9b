package main

import (
	"fmt"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// enough says what would fit if fitting takes more memory than there is; have = 0
// is that nobody knows.
func enough(cfg smt.Config, s dataset.Shape, images int, have int64) error {
	need := cfg.FitMemory(s, images)
	if have == 0 || need <= have {
		return nil
	}
	const whole = 256
	less := cfg
	for less.Atoms = (cfg.Atoms - 1) / whole * whole; less.Atoms > 0; less.Atoms -= whole {
		if less.FitMemory(s, images) <= have {
			return fmt.Errorf("fitting %s atoms takes about %s of memory, and %s are available: --atoms %d would fit", count(cfg.Atoms), size(need), size(have), less.Atoms)
		}
	}
	return fmt.Errorf("fitting %s atoms takes about %s of memory, and %s are available", count(cfg.Atoms), size(need), size(have))
}
