package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
)

// embedJob is the work of embed.
type embedJob struct {
	*app
	loaded           []smt.Member // from files, as they embed
	models           *smt.Ensemble
	bankModels       *smt.Ensemble // the same as they embed a bank
	splits           []dataset.Source
	bank             dataset.Source // that has the components
	components       int
	out, labels, ids string
}

// write writes the embeddings of the splits to one file and, if asked to, their labels
// and ids to others. It returns the number of rows and columns.
func (e *embedJob) write(ctx context.Context) (shape [2]int, err error) {
	p := e.newProgress()
	defer p.close()
	for _, src := range e.splits {
		r, err := rowsOf(ctx, e.models, nil, src, p.report)
		if err != nil {
			return shape, err
		}
		shape[0] += src.Len()
		shape[1] = r.dim
	}
	if e.components > 0 {
		shape[1] = min(shape[1], e.components)
	}
	if err := e.room(shape); err != nil {
		return shape, err
	}
	others, err := e.besides(ctx, shape[0])
	if err != nil {
		return shape, err
	}
	for _, f := range others {
		defer f.Abort() // of no effect once committed
	}
	c, err := componentsOf(ctx, e.bankModels, e.bank, e.components, p.report)
	if err != nil {
		return shape, err
	}
	if c != nil {
		shape[1] = c.Dim()
	}
	images := newPixels(e.splits)
	if output.Replaces(e.out) {
		e.splits = images.sources()
	}
	to, err := e.sink(ctx, e.out, shape[1], images, func() (work, error) { return e.work(c, shape[1]) }, p)
	if err != nil {
		return shape, err
	}
	if err := e.append(ctx, to, c, p); err != nil {
		return shape, to.abort(err)
	}
	for _, f := range others {
		if err := f.Commit(); err != nil {
			return shape, to.abort(err)
		}
	}
	return shape, to.commit()
}

// room finds out before the work whether there is room for the results.
func (e *embedJob) room(shape [2]int) error {
	const header = 128
	needs := []need{{e.out, header + 4*int64(shape[0])*int64(shape[1]), e.out + output.Partial}}
	if e.labels != "" {
		needs = append(needs, need{path: e.labels, bytes: header + 8*int64(shape[0])})
	}
	return roomFor(needs...)
}

// work is what the rows depend on.
func (e *embedJob) work(c *embedding.Components, columns int) (work, error) {
	var models []learned
	for _, m := range e.loaded {
		models = append(models, m.Model)
	}
	of, err := workOf(columns, models...)
	of.Shape = e.splits[0].Shape()
	if c != nil {
		of.Components = c.Digest()
	}
	for _, src := range e.splits {
		of.Images = append(of.Images, src.Len())
	}
	return of, err
}

// append embeds the images whose rows are not there yet.
func (e *embedJob) append(ctx context.Context, to rowSink, c *embedding.Components, p *progress) error {
	first := 0 // image of the split, of all
	for _, src := range e.splits {
		from := min(max(0, to.done()-first), src.Len())
		rest := dataset.Slice(src, from, src.Len())
		r, err := rowsOf(ctx, e.models, c, rest, func(stage string, done, total int) { p.report(stage, from+done, from+total) })
		if err != nil {
			return err
		}
		at := from
		for row, err := range r.all {
			if err != nil {
				return err
			}
			if err := to.append(row); err != nil {
				return err
			}
			if at++; at%block == 0 || at == src.Len() {
				if err := to.mark(first + at); err != nil {
					return err
				}
			}
		}
		first += src.Len()
	}
	return nil
}

// besides writes what is asked for beside the embeddings, to files which are still to
// be committed: what is wrong with them shows before the embeddings are computed.
func (e *embedJob) besides(ctx context.Context, images int) (files []output.File, err error) {
	for _, b := range []struct {
		path  string
		write func(ctx context.Context, images int) (output.File, error)
	}{{e.labels, e.writeLabels}, {e.ids, e.writeIDs}} {
		if b.path == "" {
			continue
		}
		f, err := b.write(ctx, images)
		if err != nil {
			for _, f := range files {
				err = errors.Join(err, f.Abort())
			}
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// writeLabels writes the labels of the splits.
func (e *embedJob) writeLabels(ctx context.Context, images int) (f output.File, err error) {
	for _, src := range e.splits {
		if src.Classes() == nil {
			return nil, fmt.Errorf("labels: the images have none")
		}
		if !slices.Equal(src.Classes(), e.splits[0].Classes()) {
			return nil, fmt.Errorf("labels: training images have classes %v, test images %v", e.splits[0].Classes(), src.Classes())
		}
	}
	if f, err = e.create(ctx, e.labels); err != nil {
		return nil, err
	}
	a, err := export.NewNPY[int64](f, images)
	for _, src := range e.splits {
		for i := range src.Len() {
			if err == nil {
				err = a.Append([]int64{int64(src.Label(i))})
			}
		}
	}
	if err == nil {
		err = a.Close()
	}
	if err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return f, nil
}
