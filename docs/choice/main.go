// Command choice measures what package choice goes by, on sets of labelled images, of which no test image is read.
//
//	go run ./docs/choice styles SET...
//	go run ./docs/choice search SET... >> RECORDS
//	go run ./docs/choice tables RECORDS
//	go run ./docs/choice folder SET FOLDER
//	go run ./docs/choice steps SET...
//
// SET is the path of labelled images, and after commas gray, for gray views, a number, the side of squares that images
// are brought to, or a number and "images", how many a search learns from, or a folder has.
//
// styles prints, of each set, how well the nearest neighbours of pixels and of a small model of each style do on images held
// out, beside scores that need no labels. search looks for better settings than the chosen ones, as a hand would, and writes
// a line of JSON for every setting. tables prints how far the chosen settings are from the best, and which scores
// order settings. folder writes the images of a set as files, to measure a fit of. steps prints
// how far an image is from the next, of how far it is from any, by which frames of film are told. sets/sets.py makes sets from packages.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "choice:", err)
		os.Exit(1)
	}
}

// seed decides which images are held out.
const seed = 78

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("want styles SET..., search SET..., tables RECORDS, folder SET FOLDER, or steps of sets")
	}
	switch args[0] {
	case "styles":
		return styles(ctx, args[1:])
	case "search":
		return searches(ctx, args[1:], os.Stdout)
	case "tables":
		return tables(args[1], os.Stdout)
	case "steps":
		return steps(ctx, args[1:])
	case "folder":
		if len(args) != 3 {
			return errors.New("folder: want a set and the folder to write")
		}
		return folder(ctx, args[1], args[2])
	}
	return fmt.Errorf("%q: want styles, search, tables, folder or steps", args[0])
}
