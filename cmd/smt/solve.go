package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) solve() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "solve ENCODER STATS -o MODEL",
		Short: "Make the model of statistics that were counted in parts",
		Long: `Make the model of an encoder (smt encoder) and of the statistics of all of its images (smt stats, smt merge). It is
what smt fit writes, byte for byte. Images that are missing are an error that names them, by their numbers from 0.`,
		Example: `  smt solve encoder.safetensors all.stats -o model.safetensors`,
		Args:    args("ENCODER", "STATS"),
	}
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		out = output.Named(out)
		err := output.Check([]output.Output{{Flag: "-o", Path: out}}, []output.Input{{Name: "ENCODER", Path: args[0]}, {Name: "STATS", Path: args[1]}})
		if err != nil {
			return err
		}
		plan, err := smt.LoadPlan(args[0])
		if err != nil {
			return err
		}
		takes := estimate.Solve(plan.Config(), estimate.Images{Shape: plan.Shape(), Len: plan.Images()})
		if err := enoughFor("solving for", plan.Shape(), takes, memory.Available()); err != nil {
			return err
		}
		if err := roomFor(need{path: out, bytes: estimate.ModelFile(plan.Config(), plan.Shape())}); err != nil {
			return err
		}
		part, err := smt.LoadPart(args[1])
		if err != nil {
			return err
		}
		file, err := a.create(ctx, out)
		if err != nil {
			return err
		}
		defer file.Abort() // of no effect once committed
		p := a.newProgress()
		defer p.close()
		began := time.Now()
		m, err := plan.Solve(ctx, part, smt.Progress(p.report))
		if err != nil {
			return fmt.Errorf("%s: %w", args[1], err)
		}
		bytes, err := save(file, m)
		if err != nil {
			return err
		}
		p.close()
		return a.emit(newFitted(out, m, bytes, time.Since(began)), out)
	})
	c.Flags().StringVarP(&out, "out", "o", "", "`MODEL` to write, a safetensors file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	return c
}
