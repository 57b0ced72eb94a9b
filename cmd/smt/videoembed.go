package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
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
	clips, err := videosource.Find(args[1])
	if err != nil {
		return err
	}
	err = output.Check([]output.Output{{Flag: "-o", Path: out}, {Flag: "--ids", Path: ids}},
		append(clipInputs(clips), output.Input{Name: "MODEL", Path: args[0]}))
	if err != nil {
		return err
	}
	m, err := video.Load(args[0])
	if err != nil {
		return err
	}
	began := time.Now()
	rows, names, err := a.embedClips(ctx, m, clips, memory.Left())
	if err != nil {
		return err
	}
	r := &embedded{Out: out, IDs: ids, Shape: [2]int{len(names), m.Config().Dim()}}
	var files []output.File
	write := func(path string, content func(w io.Writer) error) error {
		if path == "" {
			return nil
		}
		f, err := a.create(ctx, path)
		if err != nil {
			return err
		}
		files = append(files, f)
		return content(f)
	}
	defer func() {
		for _, f := range files {
			_ = f.Abort() // of no effect once committed
		}
	}()
	if err := write(ids, func(w io.Writer) error { return writeNames(w, names) }); err != nil {
		return err
	}
	if err := write(out, func(w io.Writer) error { return writeRows(w, rows, r.Shape) }); err != nil {
		return err
	}
	for _, f := range files {
		if err := f.Commit(); err != nil {
			return err
		}
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
	return a.emit(r, out, ids)
}

// writeRows writes a NumPy array of a shape.
func writeRows(w io.Writer, rows []float32, shape [2]int) error {
	array, err := export.NewNPY[float32](w, shape[0], shape[1])
	if err != nil {
		return err
	}
	if err := array.Append(rows); err != nil {
		return err
	}
	return array.Close()
}

// embedClips returns the embeddings of the frames of clips, and what they are called: CLIP#INDEX. How many they are
// shows when the last is read, and they are held until then, if room is enough.
func (a *app) embedClips(ctx context.Context, m *video.Model, clips []videosource.Clip, room memory.Room) (rows []float32, names []string, err error) {
	p := a.newProgress()
	defer p.close()
	dim := m.Config().Dim()
	for _, c := range clips {
		first := len(names)
		for block, err := range m.EmbedClip(ctx, c) {
			if err != nil {
				return nil, nil, err
			}
			const grown = 9 // bytes of a value, while the slice that it is in moves to a larger one
			if need := grown * int64(len(rows)+len(block)); room.Bytes > 0 && need > room.Bytes {
				return nil, nil, fmt.Errorf("%s: the embeddings of %s frames and more take over %s of memory, and %s leaves %s: want fewer clips at a time",
					c.Path, count(len(names)), size(need), room.By, size(room.Bytes))
			}
			rows = append(rows, block...)
			for range len(block) / dim {
				names = append(names, fmt.Sprintf("%s#%d", c.Name, len(names)-first))
			}
			p.frames(len(names))
		}
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("%s holds no frame", clips[0].Path)
	}
	return rows, names, nil
}

// writeNames writes a JSON array, a name a line.
func writeNames(w io.Writer, names []string) error {
	lines := make([]string, len(names))
	for i, name := range names {
		b, err := json.Marshal(name)
		if err != nil {
			return err
		}
		lines[i] = string(seen(b))
	}
	_, err := io.WriteString(w, "[\n"+strings.Join(lines, ",\n")+"\n]\n")
	return err
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
	fmt.Fprintf(w, "context\t%d frames before and after; %s\n", i.Config.Radius, what)
	fmt.Fprintf(w, "fingerprint\t%s\n", i.Data.Fingerprint)
	fmt.Fprintf(w, "embedding\t%s values a frame\n", count(i.Dim))
	i.printTail(w)
}
