package main

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/choice"
)

// steps prints how far images are from the next.
func steps(ctx context.Context, sets []string) error {
	for _, name := range sets {
		set, err := open(name)
		if err != nil {
			return err
		}
		step, err := choice.Step(ctx, set.source())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("| %s | %.2f |\n", set.name, step)
	}
	return nil
}
