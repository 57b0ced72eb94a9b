package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/spf13/cobra"
)

func (a *app) embed() *cobra.Command {
	var (
		src         source
		out, labels string
		split       string
		whiten      int
		bank        string
	)
	c := &cobra.Command{
		Use:   "embed MODEL DATA -o OUT",
		Short: "Write the embeddings of images as a NumPy array",
		Long: `Write the embeddings of the images of DATA to a NumPy file: float32, a row an
image, in the order of DATA, the training images before the test images.

A row is the image cell by cell, rows of cells first, each cell of unit length. Those of
a model fitted with --spectrum are its spatial frequencies, those down before those
across, lowest first; these, those of a folder of models, as smt fit --preset best writes
it, and those that --whiten shortens, are unit vectors: cosines are dot products.

--whiten N keeps the N principal components of the training images of DATA and evens out
how much they vary: an image is then 8 KB, not 26 (--whiten 2048). Components of one
set of images compare with none of another: for more images later, name the first DATA
as --bank.`,
		Example: `  smt embed cifar.safetensors data/cifar-10-batches-bin -o train.npy --split train --labels labels.npy
  smt embed cifar.safetensors data/cifar-10-batches-bin -o short.npy --whiten 2048
  smt embed cifar.safetensors more -o more.npy --whiten 2048 --bank data/cifar-10-batches-bin
  smt embed photos.safetensors photos -o photos.npy`,
		Args: args("MODEL", "DATA"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			models, err := smt.LoadEnsemble(args[0])
			if err != nil {
				return err
			}
			data, err := src.openAs(args[1], models.Shape(), models.Depth())
			if err != nil {
				return err
			}
			defer data.Close()
			splits, err := splitsOf(data, split)
			if err != nil {
				return err
			}
			began := time.Now()
			r := &embedded{Out: out, Labels: labels}
			images := data.Train
			if bank != "" {
				if whiten == 0 {
					return usagef("--bank is of no use without --whiten")
				}
				b, err := src.openAs(bank, models.Shape(), models.Depth())
				if err != nil {
					return err
				}
				defer b.Close()
				images = b.Train
			}
			p := a.newProgress()
			defer p.close()
			rows, err := rowsOf(ctx, models, images, splits, whiten, p.report)
			if err != nil {
				return err
			}
			if r.Shape, err = embedTo(rows, splits, out, labels); err != nil {
				return err
			}
			r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
			return a.emit(r)
		}),
	}
	f := c.Flags()
	f.StringVarP(&out, "out", "o", "", "`FILE` to write the embeddings to, .npy")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.StringVar(&labels, "labels", "", "`FILE` to write the class numbers to, .npy")
	f.Var(oneOf(&split, "train", "test", "all"), "split", "images to embed (default: all)")
	f.IntVar(&whiten, "whiten", 0, "shorten embeddings to so many principal components of the training images, whitened, 0 for all values as they are (2048 is good)")
	f.StringVar(&bank, "bank", "", "the training images of this `DATA` give the components (default: those of DATA itself)")
	src.flags(a, c)
	return c
}

type embedded struct {
	Out     string  `json:"out"`
	Labels  string  `json:"labels,omitempty"`
	Shape   [2]int  `json:"shape"`
	Seconds float64 `json:"embed_seconds"`
	Peak    int64   `json:"peak_rss_bytes"`
}

func (r *embedded) print(w io.Writer) {
	fmt.Fprintf(w, "embeddings\t%s, float32 %d × %d\n", r.Out, r.Shape[0], r.Shape[1])
	if r.Labels != "" {
		fmt.Fprintf(w, "labels\t%s, int64 %d\n", r.Labels, r.Shape[0])
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

// embedTo streams the embeddings of the splits to one file and, if asked to,
// their labels to another. It returns the number of rows and columns.
func embedTo(rows []rows, splits []dataset.Source, out, labels string) (shape [2]int, err error) {
	images := 0
	for _, src := range splits {
		images += src.Len()
	}
	shape = [2]int{images, rows[0].dim}
	f, err := export.NewNPY[float32](out, shape[:]...)
	if err != nil {
		return shape, err
	}
	defer f.Abort() // of no effect once closed
	finish := f.Close
	if labels != "" {
		numbers, err := startLabels(labels, splits, images)
		if err != nil {
			return shape, err
		}
		defer numbers.Abort()
		finish = func() error { return errors.Join(f.Close(), numbers.Close()) }
	}
	for _, r := range rows {
		for row, err := range r.all {
			if err != nil {
				return shape, err
			}
			if err := f.Append(row); err != nil {
				return shape, err
			}
		}
	}
	return shape, finish()
}

// startLabels writes the labels of the splits to a file, which is still to be
// closed: what is wrong with them shows before the embeddings are computed.
func startLabels(path string, splits []dataset.Source, images int) (*export.NPY[int64], error) {
	for _, src := range splits {
		if src.Classes() == nil {
			return nil, fmt.Errorf("labels: the images have none")
		}
		if !slices.Equal(src.Classes(), splits[0].Classes()) {
			return nil, fmt.Errorf("labels: training images have classes %v, test images %v", splits[0].Classes(), src.Classes())
		}
	}
	w, err := export.NewNPY[int64](path, images)
	if err != nil {
		return nil, err
	}
	for _, src := range splits {
		for i := range src.Len() {
			if err := w.Append([]int64{int64(src.Label(i))}); err != nil {
				w.Abort()
				return nil, err
			}
		}
	}
	return w, nil
}
