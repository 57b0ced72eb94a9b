package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/reuse"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/video"
)

// embedVideo writes the embeddings of the frames of clips, by a model of film.
func (a *app) embedVideo(ctx context.Context, flags *pflag.FlagSet, args []string, out, ids string) error {
	for _, name := range []string{"labels", "split", "whiten", "bank", "format", "size", "depth"} {
		if flags.Changed(name) {
			return usagef("--%s is for images, and %s is a model of film: want none of it", name, args[0])
		}
	}
	clips, left, err := videosource.Find(ctx, args[1])
	if err != nil {
		return err
	}
	err = output.Check([]output.Output{{Flag: "-o", Path: out, Beside: beside}, {Flag: "--ids", Path: ids}},
		append(clipInputs(clips), output.Input{Name: "MODEL", Path: args[0]}))
	if err != nil {
		return err
	}
	a.sayLeft(args[1], dataset.LeftFiles(left))
	m, err := video.Load(args[0])
	if err != nil {
		return err
	}
	began := time.Now()
	r := &embedded{Out: out, IDs: ids}
	if r.Shape, err = a.embedClips(ctx, m, newFilm(clips, m.Config().Shape), out, ids); err != nil {
		return err
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
	return a.emit(r, out, ids)
}

// embedClips writes the embeddings of frames, and what they are called. It returns the number of rows and columns.
func (a *app) embedClips(ctx context.Context, m *video.Model, f *film, out, ids string) (shape [2]int, err error) {
	defer f.close()
	p := a.newProgress()
	defer p.close()
	dim := m.Config().Dim()
	if !output.Replaces(out) { // what goes through a pipe begins with the number of rows
		if err := f.count(ctx, p); err != nil {
			return shape, err
		}
	}
	to, err := a.sink(ctx, out, dim, f, func() (work, error) {
		w, err := workOf(dim, m)
		w.Shape = f.shape
		return w, err
	}, p)
	if err != nil {
		return shape, err
	}
	n, err := appendClips(ctx, to, m, f, p)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s holds no frame", f.clips[0].Path)
	}
	if err == nil && ids != "" {
		var names output.File
		if names, err = a.writeNames(ctx, ids, f.names); err == nil {
			err = names.Commit()
		}
	}
	if err != nil {
		return shape, to.abort(err)
	}
	return [2]int{n, dim}, to.commit()
}

// appendClips appends the rows that are not there yet, and returns how many there are.
func appendClips(ctx context.Context, to rowSink, m *video.Model, f *film, p *progress) (n int, err error) {
	var rows []float32
	for n = to.done(); ; {
		pix, err := f.block(ctx)
		if err != nil || len(pix) == 0 {
			return n, err
		}
		frames := len(pix) / f.shape.Len()
		rows = reuse.Slice(rows, frames*m.Config().Dim())
		if err := m.Embed(ctx, pix, rows); err != nil {
			return n, err
		}
		if err := to.append(rows); err != nil {
			return n, err
		}
		n += frames
		if err := to.mark(n); err != nil {
			return n, err
		}
		p.frames(n)
	}
}

// infoVideo tells what a model of film is.
func (a *app) infoVideo(path string) error {
	m, err := video.Load(path)
	if err != nil {
		return err
	}
	i, err := infoOf(path, m)
	if err != nil {
		return err
	}
	return a.emit(&videoModelInfo{i, video.Format, m.Config().Dim()})
}

type videoModelInfo struct {
	infoModel[video.Config, video.Data]
	Format string `json:"format"`
	Dim    int    `json:"dim"` // values of the embedding of a frame
}

func (i *videoModelInfo) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s, of film\n", i.Model, size(i.ModelBytes))
	printFilm(w, i.Data, i.Config)
	fmt.Fprintf(w, "atoms\t%s\n", count(i.Config.Atoms))
	what := map[int]string{1: "slow: the first difference", 2: "straight: the second difference"}[i.Config.Difference]
	fmt.Fprintf(w, "context\t%s before and after; %s\n", plural.Of(i.Config.Radius, "frame"), what)
	fmt.Fprintf(w, "fingerprint\t%s\n", i.Data.Fingerprint)
	fmt.Fprintf(w, "embedding\t%s a frame\n", numberOf(i.Dim, "value"))
	i.printTail(w)
}
