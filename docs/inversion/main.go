// Command inversion draws what a model has kept of images: each, and what comes back from its codes, from
// the embeddings of its patches and from its cells. It prints what each level loses.
//
//	go run ./docs/inversion MODEL DATA OUT.png
package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/signal"
	"syscall"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/output"
)

const (
	judged = 40 // images that the numbers are of
	drawn  = 12 // of them that are drawn
	pixels = 72 // side of a picture
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "inversion:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("want MODEL DATA OUT.png")
	}
	ins := []output.Input{{Name: "MODEL", Path: args[0]}, {Name: "DATA", Path: args[1]}}
	if err := output.Check([]output.Output{{Flag: "OUT.png", Path: args[2]}}, ins); err != nil {
		return err
	}
	m, err := smt.Load(args[0])
	if err != nil {
		return err
	}
	set, err := dataset.OpenContext(ctx, args[1], dataset.Options{Fitted: m.Record().Data.Shape})
	if err != nil {
		return err
	}
	defer set.Close()
	if set.Test == nil {
		return fmt.Errorf("%s has no test split", args[1])
	}
	_, images := dataset.Holdout(set.Test, min(judged, set.Test.Len()), 1)
	v, err := explain.NewInverter(m)
	if err != nil {
		return err
	}
	var tiles []*image.NRGBA
	rows := map[explain.Level]*explain.Kept{}
	var order []explain.Level
	for i := range images.Len() {
		im, err := explain.ImageOf(images, i)
		if err != nil {
			return err
		}
		kept, err := v.Invert(ctx, im, explain.Lambda)
		if err != nil {
			return err
		}
		if i < drawn {
			tiles = append(tiles, draw.Fit(draw.Photo(im), pixels))
		}
		for _, k := range kept {
			if rows[k.Level] == nil {
				rows[k.Level], order = &explain.Kept{}, append(order, k.Level)
			}
			rows[k.Level].Patches += k.Patches / float64(images.Len())
			rows[k.Level].Pixels += k.Pixels / float64(images.Len())
			if i < drawn {
				tiles = append(tiles, draw.Fit(draw.Photo(k.Image), pixels))
			}
		}
		if n := images.Len(); 10*(i+1)/n > 10*i/n { // in ten lines
			fmt.Fprintf(os.Stderr, "image %d of %d\n", i+1, n)
		}
	}
	fmt.Printf("%-8s  %-14s  %s   (%d test images)\n", "level", "patches lost", "pixels lost", images.Len())
	for _, level := range order {
		fmt.Printf("%-8s  %-14s  %.1f %%\n", level, fmt.Sprintf("%.1f %%", 100*rows[level].Patches), 100*rows[level].Pixels)
	}
	return output.WriteFile(args[2], draw.PNG(draw.Mosaic(tiles, 3*(1+len(order)), 4)))
}
