package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"iter"

	"github.com/sparse-manifold/smt/internal/output"
)

// writeIDs writes the ids of the splits' images.
func (e *embedJob) writeIDs(ctx context.Context, _ int) (output.File, error) {
	return e.writeNames(ctx, e.ids, func(yield func(string) bool) {
		for _, src := range e.splits {
			for i := range src.Len() {
				if !yield(src.ID(i)) {
					return
				}
			}
		}
	})
}

// writeNames writes what rows are of, to a file that is still to be committed: one JSON array, a
// name a line. A file's name may have a line break in it, and characters that a terminal would
// obey.
func (a *app) writeNames(ctx context.Context, path string, names iter.Seq[string]) (output.File, error) {
	f, err := a.create(ctx, path)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(f)
	_, _ = w.WriteString("[") // an error comes again when the rest is flushed
	before := "\n"
	for name := range names {
		id, err := json.Marshal(name)
		if err != nil {
			return nil, errors.Join(err, f.Abort())
		}
		_, _ = w.WriteString(before)
		_, _ = w.Write(seen(id))
		before = ",\n"
	}
	_, _ = w.WriteString("\n]\n")
	if err := w.Flush(); err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return f, nil
}
