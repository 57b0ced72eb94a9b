package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
)

// create begins an output, which may be standard output.
func (a *app) create(ctx context.Context, path string) (output.File, error) {
	switch {
	case path != output.Stdout:
		return output.Create(ctx, path)
	case a.unheard:
		return nil, fmt.Errorf("-o -: standard output: %w", errClosed)
	}
	return output.Stream(a.stdout), nil
}

// dataInputs are the files that are read for DATA.
func dataInputs(name, path string) (ins []output.Input) {
	if path == "" {
		return nil
	}
	for _, p := range dataset.Files(path) {
		ins = append(ins, output.Input{Name: name, Path: p})
	}
	return ins
}

// besideOutput is the path of a file beside an output, with its name and a suffix: "" where nothing can be beside.
func besideOutput(out, suffix string) string {
	if out == "" {
		return ""
	}
	out = filepath.Clean(out)
	info, err := os.Stat(out)
	if folder := err == nil && info.IsDir(); !folder && !output.Replaces(out) {
		return ""
	}
	return out + suffix
}

// within are the outputs of a command that puts files in a folder.
func within(flag, folder string, beside []string, files ...string) []output.Output {
	outs := []output.Output{{Flag: flag, Path: folder, Kind: output.Within}}
	if folder == output.Stdout || !exists(folder) {
		return outs // what is not there cannot be one of the inputs
	}
	for _, f := range files {
		outs = append(outs, output.Output{Flag: flag, Path: filepath.Join(folder, f), Beside: beside})
	}
	return outs
}

// A need is what an output takes on disk, where that is known.
type need struct {
	path  string
	bytes int64
	being string // a file that becomes the output, or makes room for it
}

// roomFor reports needs that are more than there is. A file system that tells nothing
// may have enough.
func roomFor(needs ...need) error {
	left := map[uint64]int64{}
	for _, n := range needs {
		r, known := output.RoomFor(n.path)
		if !known {
			continue
		}
		if _, begun := left[r.Device]; !begun {
			left[r.Device] = r.Free
		}
		have := left[r.Device]
		if info, err := os.Stat(n.being); err == nil {
			have += info.Size()
		}
		if n.bytes > have {
			return fmt.Errorf("%s takes %s on disk, and %s are free there", n.path, size(n.bytes), size(have))
		}
		left[r.Device] = have - n.bytes
	}
	return nil
}

// heard is a writer that remembers its first failure: not all that write to it say so.
type heard struct {
	w   io.Writer
	err error
}

func (h *heard) Write(b []byte) (int, error) {
	n, err := h.w.Write(b)
	if err != nil {
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			err = e.Err
		}
		err = fmt.Errorf("standard output: %w", err)
		if h.err == nil {
			h.err = err
		}
	}
	return n, err
}

// closed is standard output where neither it nor standard error was open.
type closed struct{}

var errClosed = errors.New("it is closed, or the null device open for reading too: want a file, a pipe or >" + os.DevNull)

func (closed) Write([]byte) (int, error) { return 0, errClosed }
