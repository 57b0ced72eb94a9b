package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/words"
)

// embedWords writes the vectors of a model's words, and the words.
func (a *app) embedWords(ctx context.Context, flags *pflag.FlagSet, args []string, out, ids string) error {
	model := args[0]
	if len(args) > 1 {
		return usagef("DATA is %s: want none, as %s is a model of words, whose rows are its own words", args[1], model)
	}
	var foreign error
	flags.Visit(func(f *pflag.Flag) {
		if f.Name != "ids" && !slices.Contains(always, f.Name) && foreign == nil {
			foreign = usagef("--%s is for images, and %s is a model of words: want none of it", f.Name, model)
		}
	})
	if foreign != nil {
		return foreign
	}
	if err := output.Check([]output.Output{{Flag: "-o", Path: out}, {Flag: "--ids", Path: ids}}, []output.Input{{Name: "MODEL", Path: model}}); err != nil {
		return err
	}
	m, err := words.Load(model)
	if err != nil {
		return err
	}
	began := time.Now()
	r := &embedded{Out: out, IDs: ids, Shape: [2]int{len(m.Words()), m.Dim()}}
	var files []output.File
	if ids != "" {
		f, err := a.writeNames(ctx, ids, slices.Values(m.Words()))
		if err != nil {
			return err
		}
		files = append(files, f)
		defer f.Abort() // of no effect once committed
	}
	f, err := a.create(ctx, out)
	if err != nil {
		return err
	}
	defer f.Abort()
	array, err := export.NewNPY[float32](f, r.Shape[:]...)
	if err == nil {
		err = errors.Join(array.Append(m.Vectors()), array.Close())
	}
	if err != nil {
		return err
	}
	for _, f := range append(files, f) {
		if err := f.Commit(); err != nil {
			return err
		}
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
	return a.emit(r, out, ids)
}
