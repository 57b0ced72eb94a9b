package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
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
		components       int
		whole            bool
		bank             string
		part             partOf
	)
	var c *cobra.Command
	c = &cobra.Command{
		Use:   "embed MODEL DATA -o OUT",
		Short: "Write the embeddings of images, vectors or film, as a NumPy array",
		Long: `Write the embeddings of the images of DATA to a NumPy file: float32, a row an
image, in the order of DATA, the training images before the test images: those of a folder in the order of their
paths, byte by byte, as find | LC_ALL=C sort gives it.

A row is what MODEL makes of an image: its components, where smt fit gave it some, and
else the image cell by cell, rows of cells first, each cell of unit length or, of a model
fitted with --spectrum, its spatial frequencies, those down before those across, lowest
first. All but cells are unit vectors: cosines are dot products. So are the rows of a
folder of models, as smt fit --preset best writes it.

--whiten N keeps the N principal components of the training images of DATA, in place of
those that MODEL has, and evens out how much they vary. Components of one set of images
compare with none of another: for more images later, name the first DATA as --bank.

Of a MODEL that smt fit --fast or --thin made, embeddings are of some of the patches, as a bank's are.
--whole embeds queries, by all patches: they find their neighbours in such a bank better.

--part I/N embeds part I of N of the rows, of equal sizes, into the folder OUT: part-I-of-N.npy, its ids in part-I-of-N.ids.json
and, of images with classes, part-I-of-N.labels.npy. A part that is made again replaces itself, and the parts one after the other
are the rows of all. Of DATA only the part is decoded.

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
  smt embed photos.safetensors photos -o embeddings/ --part 3/64
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
			if components < 0 {
				return usagef("--whiten is %d: want a number of components, 0 for all values as they are", components)
			}
			if bank != "" && components == 0 {
				return usagef("--bank is of no use without --whiten")
			}
			out, labels, ids = output.Named(out), output.Named(labels), output.Named(ids)
			if part.of != 0 {
				return a.embedPart(ctx, &src, partJob{model: args[0], data: args[1], folder: out, part: part, split: split, whole: whole}, c.Flags())
			}
			ins := append(dataInputs("DATA", args[1]), dataInputs("--bank", bank)...)
			err = output.Check([]output.Output{
				{Flag: "-o", Path: out, Beside: beside},
				{Flag: "--labels", Path: labels},
				{Flag: "--ids", Path: ids},
				src.badList(out),
				src.keepPixels(args[0], out),
			}, append(ins, output.Input{Name: "MODEL", Path: args[0]}))
			if err != nil {
				return err
			}
			models, err := smt.LoadEnsemble(args[0])
			if err != nil {
				return err
			}
			a.noteUnsummed(args[0], models.Members()...)
			bankModels := models
			if whole {
				models = models.Whole()
			}
			loaded := models
			if components > 0 {
				models, bankModels = models.Long(), bankModels.Long()
			}
			data, err := src.openFor(models, args[1])
			if err != nil {
				return err
			}
			defer data.Close()
			if _, err := splitsOf(data, split); err != nil {
				return err
			}
			if err := src.check(ctx, data, out); err != nil {
				return err
			}
			e := &embedJob{app: a, loaded: loaded.Members(), models: models, bankModels: bankModels, bank: data.Train, components: components, out: out, labels: labels, ids: ids}
			if e.splits, err = splitsOf(data, split); err != nil {
				return err
			}
			if bank != "" {
				src.opt.Pixels.File = "" // it is DATA's
				b, err := src.openFor(models, bank)
				if err != nil {
					return err
				}
				defer b.Close()
				if err := src.check(ctx, b, output.Stdout); err != nil {
					return err
				}
				e.bank = b.Train
			}
			need, room := needToEmbed(models, e.splits, e.bank, components), memory.Available()
			if err := enoughFor("embedding", e.splits[0].Shape(), need, room); err != nil {
				return err
			}
			if err := keepBeside(ctx, need, e.bank, room); err != nil {
				return err
			}
			began := time.Now()
			r := &embedded{Out: out, Labels: labels, IDs: ids, Bad: data.Bad}
			if r.Shape, err = e.write(ctx); err != nil {
				return err
			}
			if err := src.listBad(data, out); err != nil {
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
	f.BoolVar(&whole, "whole", false, "embed images by all their patches, as queries of a bank that is thinner (smt fit --fast, --thin)")
	f.IntVar(&components, "whiten", 0, "shorten embeddings to so many principal components of the training images, evened out, 0 for all values as they are (2048 is good)")
	f.StringVar(&bank, "bank", "", "the training images of this `DATA` give the components (default: those of DATA itself)")
	f.Var(&part, "part", "embed part `I/N` of the rows, into the folder OUT (default: all)")
	src.flags(a, c)
	return c
}

type embedded struct {
	Out     string  `json:"out"`
	Labels  string  `json:"labels,omitempty"`
	IDs     string  `json:"ids,omitempty"`
	Part    string  `json:"part,omitempty"`
	Shape   [2]int  `json:"shape"`
	Seconds float64 `json:"embed_seconds"`
	Peak    int64   `json:"peak_rss_bytes"`

	Bad []dataset.BadFile `json:"bad,omitempty"` // files that are left out, as they cannot be read
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
