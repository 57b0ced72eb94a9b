// Command outliers measures whether odd images are found among others, and pictures that something is wrong with.
//
//	go run ./bench/outliers [--odd 40] [--limit 1500] [--draw 1] [--fit FLAGS] FOLDER OTHER
//
// It copies photographs of FOLDER, plants so many of OTHER among them, and spoils so many more copies in each way: blank, dark, bright,
// flat, blurred. It fits a model to all of them by smt fit, without labels, and indexes them. It prints how often a planted image has a
// larger score than a photograph of FOLDER (the area under the ROC curve), by the nearest with hubs corrected and without, what small
// sets there are, and what faults are found. Photographs of FOLDER that are odd themselves count as wrong.
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
	flag.IntVar(&b.odd, "odd", 40, "images of OTHER, and of each fault")
	flag.IntVar(&b.limit, "limit", 1500, "photographs of FOLDER")
	flag.IntVar(&b.draw, "draw", 1, "number of the draw")
	flag.StringVar(&b.fit, "fit", "", "flags of smt fit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "outliers:", err)
		os.Exit(1)
	}
}
