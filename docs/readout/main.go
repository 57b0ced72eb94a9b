// Command readout measures package readout on training images that are held out: how often it finds the class of an
// image from few labels and from many, beside the paper's vote.
//
//	go run ./docs/readout embed MODEL DATA OUT [N]
//	go run ./docs/readout table [-bank N] [-labels 1,4,all] [-draws N] [-methods vote,ridge] [-keep 1,0.18] [-items left] [-test EMBEDDINGS] DATA EMBEDDINGS... >> RECORDS
//	go run ./docs/readout print RECORDS
//
// embed writes the embeddings of the training images of DATA, or of the first N, to OUT, in the order of the images. table reads such
// files, sets them side by side, holds images out as smt fit --holdout does, and writes a line of JSON for every draw of
// labels and every way to read them out. print makes tables of such lines.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"strconv"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "readout:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if (len(args) == 4 || len(args) == 5) && args[0] == "embed" {
		most := math.MaxInt
		if len(args) == 5 {
			n, err := strconv.Atoi(args[4])
			if err != nil || n < 1 {
				return fmt.Errorf("embed: N is %q: want a number of images", args[4])
			}
			most = n
		}
		return embed(ctx, args[1], args[2], args[3], most)
	}
	if len(args) > 2 && args[0] == "table" {
		return table(ctx, args[1:], os.Stdout)
	}
	if len(args) == 2 && args[0] == "print" {
		return printRecords(args[1], os.Stdout)
	}
	return errors.New("want embed MODEL DATA OUT [N], table DATA EMBEDDINGS..., or print RECORDS")
}

// embed writes the embeddings of at most so many training images of data, and goes on with what is there of them.
func embed(ctx context.Context, model, data, out string, most int) error {
	e, err := smt.LoadEnsemble(model)
	if err != nil {
		return err
	}
	set, err := dataset.Open(data, dataset.Options{})
	if err != nil {
		return err
	}
	defer set.Close()
	s, err := e.Embeddings(dataset.Pick(set.Train, numbers(min(most, set.Train.Len()))))
	if err != nil {
		return err
	}
	w, err := embedding.Create(out, "training images of "+set.Path, s)
	if err != nil {
		return err
	}
	rest := make([]int, s.Len()-w.Done())
	for i := range rest {
		rest[i] = w.Done() + i
	}
	for block, err := range s.Pick(rest).Blocks(ctx, embedding.Block) {
		if err == nil {
			err = w.Write(block)
		}
		if err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return w.Close()
}
