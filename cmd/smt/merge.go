package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) merge() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "merge STATS… -o OUT",
		Short: "Add the statistics of parts",
		Long: `Add statistics that smt stats, or smt merge, wrote. OUT is the same, byte for byte, whatever the parts were and
in whatever order and tree they are added. Two of them are in memory at a time. Images that are in two files, and
statistics of several encoders or versions of this software, are an error, and nothing is written.`,
		Example: `  smt merge 1.stats 2.stats 3.stats -o all.stats`,
		Args:    someArgs("STATS"),
	}
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		out = output.Named(out)
		var ins []output.Input
		for _, path := range args {
			ins = append(ins, output.Input{Name: "STATS", Path: path})
		}
		if err := output.Check([]output.Output{{Flag: "-o", Path: out}}, ins); err != nil {
			return err
		}
		began := time.Now()
		file, err := a.create(ctx, out)
		if err != nil {
			return err
		}
		defer file.Abort() // of no effect once committed
		p := a.newProgress()
		defer p.close()
		var sum *smt.Part
		for i, path := range args {
			if err := ctx.Err(); err != nil {
				return err
			}
			p.report("adding statistics", i, len(args))
			part, err := smt.LoadPart(path)
			if err != nil {
				return err
			}
			if sum == nil {
				sum = part
				continue
			}
			if err := sum.Add(part); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		p.report("adding statistics", len(args), len(args))
		bytes, err := save(file, sum)
		if err != nil {
			return err
		}
		p.close()
		return a.emit(&counts{Stats: out, Bytes: bytes, Files: len(args), partialImages: partialOf(sum), Seconds: time.Since(began).Seconds(), Peak: memory.Peak()}, out)
	})
	c.Flags().StringVarP(&out, "out", "o", "", "`OUT` to write, a safetensors file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	return c
}
