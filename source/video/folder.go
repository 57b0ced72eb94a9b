package video

import (
	"context"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/regular"
)

// folder reads image files, one a frame.
type folder struct {
	ctx   context.Context
	files []string
}

func (f *folder) Next() (Frame, error) {
	if len(f.files) == 0 {
		return nil, io.EOF
	}
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	path := f.files[0]
	f.files = f.files[1:]
	file, _, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("video: %w", err)
	}
	defer file.Close()
	p, err := dataset.ReadPicture(f.ctx, file, dataset.Limits{}, 0)
	if err != nil {
		return nil, fmt.Errorf("video: %s: %w", path, err)
	}
	return p, nil
}

func (f *folder) Close() error { return nil }
