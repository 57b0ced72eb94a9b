package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) indexing() *cobra.Command {
	var (
		src        source
		out, split string
		more       bool
	)
	c := &cobra.Command{
		Use:   "index MODEL DATA -o INDEX",
		Short: "Index images, to search them and to ask about them",
		Long: `Write an index of the images of DATA: one file with their embeddings, names, classes, sizes and
thumbnails, in the order of their paths, byte by byte, and with MODEL itself, a model of images or a folder of such models. smt search finds in it the images
nearest to another one, without MODEL or DATA.

The file is read in place, so that one of a million images opens at once, and every part of it has a checksum, which
smt index check compares. An image takes 3½ bytes for each value of its embedding, and 2 to 4 KB more.

--append adds the images of DATA to the INDEX that is there, which has to be of the same MODEL. None of them may be in it
already, by its name. Until all are embedded, and if the work ends before, INDEX is what it was.

Images that are embedded are kept, in INDEX.partial or behind the end of INDEX, whatever ends the program, and the same
command goes on from them.`,
		Example: `  smt index photos.safetensors photos -o photos.index
  smt index photos.safetensors more-photos -o photos.index --append
  smt index check photos.index
  smt search photos.index photo.jpg --html found.html`,
		Args: args("MODEL", "DATA"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			if err := notOfImages(args[0], "images"); err != nil {
				return err
			}
			if out = output.Named(out); !output.Replaces(out) {
				return usagef("-o is %s: want a file, which is read in place", out)
			}
			if more && !exists(out) {
				return usagef("-o %s is not there: want an index to append to, or no --append", out)
			}
			err := output.Check([]output.Output{{Flag: "-o", Path: out, Beside: []string{output.Partial}}, src.badList(out), src.keepPixels(args[0], out)},
				append(dataInputs("DATA", args[1]), output.Input{Name: "MODEL", Path: args[0]}))
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
			if _, err := splitsOf(data, split); err != nil {
				return err
			}
			seen := newThumbnails(memory.Available())
			dataset.Watch(data.Train, seen.see)
			if err := src.check(ctx, data, out); err != nil {
				return err
			}
			j := &indexJob{app: a, models: models, data: data, out: out, append: more, thumbnails: seen}
			if j.splits, err = splitsOf(data, split); err != nil {
				return err
			}
			need, room := needToEmbed(models, j.splits, data.Train, 0)+memory.Held(float64(seen.held)), memory.Available()
			if err := enoughFor("embedding", j.splits[0].Shape(), need, room); err != nil {
				return err
			}
			if err := keepBeside(ctx, need, data.Train, room); err != nil {
				return err
			}
			began := time.Now()
			r, err := j.write(ctx)
			if err != nil {
				return err
			}
			if err := src.listBad(data, out); err != nil {
				return err
			}
			r.Seconds, r.Peak, r.Bad = time.Since(began).Seconds(), memory.Peak(), data.Bad
			return a.emit(r)
		}),
	}
	f := c.Flags()
	f.StringVarP(&out, "out", "o", "", "`INDEX` to write, a file")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.BoolVar(&more, "append", false, "add the images to the INDEX that is there")
	f.Var(oneOf(&split, "train", "test", "all"), "split", "images to index (default: all)")
	src.flags(a, c)
	c.AddCommand(a.indexCheck())
	return c
}

// indexReport is what an index has, as commands report it.
type indexReport struct {
	Index   string  `json:"index"`
	Items   int     `json:"items"`
	Added   int     `json:"added,omitempty"`
	Dim     int     `json:"dim"`
	Classes int     `json:"classes"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak_rss_bytes"`

	Bad []dataset.BadFile `json:"bad,omitempty"` // files that are left out, as they cannot be read
}

// indexReportOf reports the index in a file.
func indexReportOf(path string, x *index.Index) (*indexReport, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return &indexReport{Index: path, Items: x.Len(), Dim: x.Dim(), Classes: len(x.Classes()), Bytes: info.Size()}, nil
}

func (r *indexReport) print(w io.Writer) {
	fmt.Fprintf(w, "index\t%s, %s, %s\n", r.Index, numberOf(r.Items, "image"), size(r.Bytes))
	if r.Added > 0 && r.Added < r.Items {
		fmt.Fprintf(w, "added\t%s\n", numberOf(r.Added, "image"))
	}
	fmt.Fprintf(w, "embedding\t%s\n", numberOf(r.Dim, "value"))
	if r.Classes > 0 {
		fmt.Fprintf(w, "classes\t%s\n", count(r.Classes))
	}
	fmt.Fprintf(w, "time\t%s\n", seconds(r.Seconds))
	printPeak(w, r.Peak)
}

func (a *app) indexCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check INDEX",
		Short: "Read all of an index, and compare its checksums",
		Long: `Read all of an index: its models, and embeddings, names and thumbnails of every image. What has changed since it
was written is an error that says where.`,
		Example: `  smt index check photos.index`,
		Args:    args("INDEX"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			x, err := index.Open(args[0])
			if err != nil {
				return err
			}
			defer x.Close()
			began := time.Now()
			p := a.newProgress()
			defer p.close()
			if err := x.Check(ctx, func(done, total int) { p.report("checking", done, total) }); err != nil {
				return err
			}
			r, err := indexReportOf(args[0], x)
			if err != nil {
				return err
			}
			r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
			p.close()
			return a.emit(&checkedIndex{r})
		}),
	}
}

// checkedIndex is an index in which nothing has changed.
type checkedIndex struct{ *indexReport }

func (r *checkedIndex) print(w io.Writer) {
	r.indexReport.print(w)
	fmt.Fprintf(w, "checksums\tof every part, and they agree\n")
}

// keptIndex is err, which ended the work, with what is kept of it.
func keptIndex(w *index.Writer, path string, err error) error {
	kept, e := w.Close()
	if kept > 0 {
		err = fmt.Errorf("%w; the same command goes on from the %s in %s", err, numberOf(kept, "image"), path)
	}
	return errors.Join(err, e)
}
