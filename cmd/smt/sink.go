package main

import (
	"context"
	"errors"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
)

// streamedRows are rows that go where nothing can be kept.
type streamedRows struct {
	file  output.File
	array *export.NPY[float32]
}

func streamRows(file output.File, shape ...int) (*streamedRows, error) {
	array, err := export.NewNPY[float32](file, shape...)
	if err != nil {
		return nil, errors.Join(err, file.Abort())
	}
	return &streamedRows{file, array}, nil
}

func (s *streamedRows) done() int                { return 0 }
func (s *streamedRows) append(r []float32) error { return s.array.Append(r) }
func (s *streamedRows) mark(int) error           { return s.array.Flush() }
func (s *streamedRows) abort(err error) error    { return errors.Join(err, s.file.Abort()) }

func (s *streamedRows) commit() error {
	if err := s.array.Close(); err != nil {
		return err
	}
	return s.file.Commit()
}

// rowSink is where rows go.
type rowSink interface {
	done() int // rows that are there already
	append(rows []float32) error
	mark(rows int) error
	commit() error
	abort(err error) error
}

// sink is where the rows of items go, so many columns each. If it is a file, it may have some already, of the
// same work.
func (a *app) sink(ctx context.Context, path string, columns int, of items, same func() (work, error), p *progress) (rowSink, error) {
	if !output.Replaces(path) {
		f, err := a.create(ctx, path)
		if err != nil {
			return nil, err
		}
		return streamRows(f, of.len(), columns)
	}
	w, err := same()
	if err != nil {
		return nil, err
	}
	k, why, err := keepRows(ctx, path, w, of, p.report)
	if err != nil {
		return nil, err
	}
	p.close()
	switch name := k.file.Name(); {
	case why != "":
		a.note("not going on from %s: %s", name, why)
	case k.done() > 0:
		a.note("going on from the %s in %s", numberOf(k.done(), "row"), name)
	}
	return k, nil
}

// beside are the names, after that of an array, that a process has beside it until it is complete.
var beside = []string{output.Partial, output.Partial + noteSuffix}
