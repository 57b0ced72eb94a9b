package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/vectors"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/words"
)

func (a *app) embed() *cobra.Command {
	var (
		src              source
		out, labels, ids string
		split            string
		whiten           int
		bank             string
	)
	var c *cobra.Command
	c = &cobra.Command{
		Use:   "embed MODEL DATA -o OUT",
		Short: "Write the embeddings of images, vectors or film, as a NumPy array",
		Long: `Write the embeddings of the images of DATA to a NumPy file: float32, a row an
image, in the order of DATA, the training images before the test images.

A row is the image cell by cell, rows of cells first, each cell of unit length. Those of
a model fitted with --spectrum are its spatial frequencies, those down before those
across, lowest first; these, those of a folder of models, as smt fit --preset best writes
it, and those that --whiten shortens, are unit vectors: cosines are dot products.

--whiten N keeps the N principal components of the training images of DATA and evens out
how much they vary: an image is then 8 KB, not 26 (--whiten 2048). Components of one
set of images compare with none of another: for more images later, name the first DATA
as --bank.

--ids FILE writes what the rows are of, a JSON array of a name a row: the path of an image
inside DATA, or FILE#INDEX, with an index from 0, where a file holds many.

Of a MODEL of words the rows are its words, of length 1, the most frequent first, and there is no
DATA: smt embed MODEL -o OUT --ids WORDS.

MODEL may be one of vectors: DATA is then a NumPy array or a Parquet file of points, which need
not be those of the fit, and a row of OUT is what the model makes of a row of DATA.

Of a model of film, a row is a frame of the clips of DATA, cell by cell, and its id is
CLIP#INDEX.

OUT may be -, standard output: the report then goes to standard error. Rows that are done are
kept in OUT.partial, whatever ends the program, and the same command goes on from them; those of
words are in the model, and are written at once.`,
		Example: `  smt embed cifar.safetensors data/cifar-10-batches-bin -o train.npy --split train --labels labels.npy
  smt embed cifar.safetensors data/cifar-10-batches-bin -o short.npy --whiten 2048
  smt embed cifar.safetensors more -o more.npy --whiten 2048 --bank data/cifar-10-batches-bin
  smt embed photos.safetensors photos -o photos.npy
  smt embed points.safetensors new.npy -o embedded.npy`,
		Args: func(c *cobra.Command, given []string) error {
			if len(given) == 1 && given[0] != "" {
				if format, err := readFormat(given[0]); format == words.Format || err != nil {
					return nil // it has its own, or what is wrong with it is to be said
				}
			}
			return args("MODEL", "DATA")(c, given)
		},
		RunE: a.run(func(ctx context.Context, args []string) error {
			format, err := readFormat(args[0])
			if err != nil {
				return err
			}
			switch format {
			case words.Format:
				return a.embedWords(ctx, c.Flags(), args, output.Named(out), output.Named(ids))
			case vectors.Format:
				return a.embedVectors(ctx, c.Flags(), args[0], args[1], output.Named(out))
			case video.Format:
				return a.embedVideo(ctx, c.Flags(), args, output.Named(out), output.Named(ids))
			}
			if whiten < 0 {
				return usagef("--whiten is %d: want a number of components, 0 for all values as they are", whiten)
			}
			if bank != "" && whiten == 0 {
				return usagef("--bank is of no use without --whiten")
			}
			out, labels, ids = output.Named(out), output.Named(labels), output.Named(ids)
			ins := append(dataInputs("DATA", args[1]), dataInputs("--bank", bank)...)
			err = output.Check([]output.Output{
				{Flag: "-o", Path: out, Beside: beside},
				{Flag: "--labels", Path: labels},
				{Flag: "--ids", Path: ids},
			}, append(ins, output.Input{Name: "MODEL", Path: args[0]}))
			if err != nil {
				return err
			}
			models, err := smt.LoadEnsemble(args[0])
			if err != nil {
				return err
			}
			a.noteUnsummed(args[0], models.Members()...)
			data, err := src.openFor(models, args[1])
			if err != nil {
				return err
			}
			defer data.Close()
			e := &embedJob{app: a, models: models, bank: data.Train, whiten: whiten, out: out, labels: labels, ids: ids}
			if e.splits, err = splitsOf(data, split); err != nil {
				return err
			}
			if bank != "" {
				b, err := src.openFor(models, bank)
				if err != nil {
					return err
				}
				defer b.Close()
				e.bank = b.Train
			}
			if err := enoughToEmbed(models, e.splits, e.bank, whiten, memory.Available()); err != nil {
				return err
			}
			began := time.Now()
			r := &embedded{Out: out, Labels: labels, IDs: ids}
			if r.Shape, err = e.write(ctx); err != nil {
				return err
			}
			r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
			return a.emit(r, out, labels, ids)
		}),
	}
	f := c.Flags()
	f.StringVarP(&out, "out", "o", "", "`FILE` to write the embeddings to, .npy")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.StringVar(&labels, "labels", "", "`FILE` to write the class numbers to, .npy")
	f.StringVar(&ids, "ids", "", "`FILE` to write the names of the images to, .json")
	f.Var(oneOf(&split, "train", "test", "all"), "split", "images to embed (default: all)")
	f.IntVar(&whiten, "whiten", 0, "shorten embeddings to so many principal components of the training images, evened out, 0 for all values as they are (2048 is good)")
	f.StringVar(&bank, "bank", "", "the training images of this `DATA` give the components (default: those of DATA itself)")
	src.flags(a, c)
	return c
}

type embedded struct {
	Out     string  `json:"out"`
	Labels  string  `json:"labels,omitempty"`
	IDs     string  `json:"ids,omitempty"`
	Shape   [2]int  `json:"shape"`
	Seconds float64 `json:"embed_seconds"`
	Peak    int64   `json:"peak_rss_bytes"`
}

func (r *embedded) print(w io.Writer) {
	fmt.Fprintf(w, "embeddings\t%s, float32 %d × %d\n", r.Out, r.Shape[0], r.Shape[1])
	if r.Labels != "" {
		fmt.Fprintf(w, "labels\t%s, int64 %d\n", r.Labels, r.Shape[0])
	}
	if r.IDs != "" {
		fmt.Fprintf(w, "ids\t%s, %d\n", r.IDs, r.Shape[0])
	}
	fmt.Fprintf(w, "time\tembedding %s\n", seconds(r.Seconds))
	printPeak(w, r.Peak)
}

func splitsOf(set *dataset.Set, split string) ([]dataset.Source, error) {
	if split == "train" || split == "test" {
		src, err := pick(set, split)
		return []dataset.Source{src}, err
	}
	if set.Test == nil {
		return []dataset.Source{set.Train}, nil
	}
	return []dataset.Source{set.Train, set.Test}, nil
}

// embedJob is the work of embed.
type embedJob struct {
	*app
	models           *smt.Ensemble
	splits           []dataset.Source
	bank             dataset.Source // that whitens
	whiten           int
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
	if e.whiten > 0 {
		shape[1] = min(shape[1], e.whiten)
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
	c, err := componentsOf(ctx, e.models, e.bank, e.whiten, p.report)
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
	for _, m := range e.models.Members() {
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
