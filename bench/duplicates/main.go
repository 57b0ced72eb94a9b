// Command duplicates measures how many near-duplicates are found, of copies that it makes, and how fast images are indexed and
// searched, beside imagededup.
//
//	go run ./bench/duplicates [--draws 3] [--each 80] [--limit 0] [--fit FLAGS] FOLDER
//
// It copies a folder of photographs, or the training images of CIFAR, and adds, of other photographs for each kind, so many copies: compressed, resized,
// cropped, flipped, darker, brighter and marked. It fits a model to all of them by smt fit, without labels, indexes them by smt
// index, and finds the near-duplicates as smt duplicates does, by the threshold that is chosen from the data. imagededup's perceptual
// hashes and its CNN encoder find theirs in the same folder, at their default thresholds. Beside each stands what its best
// threshold would have done, which nobody knows without the truth.
//
// A pair is right if both are of one photograph. Photographs that were alike from the start count as wrong.
//
// Each draw takes other photographs and other copies. Of several draws the mean is printed, and its standard error. Rates are of
// smt index, which loads the model, and writes embeddings, names and thumbnails; and of encode_images. A search is for the items
// near to one of them, by the vectors or hashes that there are: of the nearest 30 by smt, of all within the threshold by imagededup.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var b bench
	flag.IntVar(&b.draws, "draws", 3, "how often photographs and copies are drawn")
	flag.IntVar(&b.each, "each", 80, "copies of each kind")
	flag.IntVar(&b.limit, "limit", 0, "photographs of the folder, 0 for all")
	flag.StringVar(&b.fit, "fit", "", "flags of smt fit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "duplicates:", err)
		os.Exit(1)
	}
}
