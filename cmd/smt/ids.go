package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"

	"github.com/sparse-manifold/smt/internal/output"
)

// writeIDs writes the ids of the splits' images: one JSON array, an id a line. A file's name
// may have a line break in it, and characters that a terminal would obey.
func (e *embedJob) writeIDs(ctx context.Context, _ int) (output.File, error) {
	f, err := e.create(ctx, e.ids)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(f)
	_, _ = w.WriteString("[") // an error comes again when the rest is flushed
	before := "\n"
	for _, src := range e.splits {
		for i := range src.Len() {
			id, err := json.Marshal(src.ID(i))
			if err != nil {
				return nil, errors.Join(err, f.Abort())
			}
			_, _ = w.WriteString(before)
			_, _ = w.Write(seen(id))
			before = ",\n"
		}
	}
	_, _ = w.WriteString("\n]\n")
	if err := w.Flush(); err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return f, nil
}
