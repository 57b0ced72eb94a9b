// Command atoms learns a dictionary for sparse codes from the gray patches of photographs, whitened,
// and draws it. It prints how much the atoms are like waves of one orientation in one place, beside
// patches of the same photographs and beside noise, and how well each codes patches held out.
//
//	go run ./docs/atoms [--side 12] [--atoms 256] [--lambda 0.15] DATA OUT.png
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/patch"
	imagesource "github.com/sparse-manifold/smt/source/image"
)

const (
	units   = 100_000 // patches that atoms are learned from
	held    = 5000    // patches that they are judged by
	passes  = 10
	batch   = 256
	epsilon = 1e-3 // of the whitening
	seed    = 1
	enlarge = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "atoms:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("atoms", flag.ContinueOnError)
	side := flags.Int("side", 12, "side of a patch, in pixels")
	atoms := flags.Int("atoms", 256, "atoms that are learned")
	lambda := flags.Float64("lambda", 0.15, "λ of the codes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("want DATA OUT.png")
	}
	data, out := flags.Arg(0), flags.Arg(1)
	if err := output.Check([]output.Output{{Flag: "OUT.png", Path: out}}, []output.Input{{Name: "DATA", Path: data}}); err != nil {
		return err
	}
	set, err := dataset.OpenContext(ctx, data, dataset.Options{})
	if err != nil {
		return err
	}
	defer set.Close()
	photographs := dataset.Gray(set.Train)
	rest, last := dataset.Holdout(photographs, max(1, photographs.Len()/10), seed)
	t := &patch.Transform{Size: *side, Channels: 1, Center: patch.CenterPatch}
	if t, err = t.Whiten(ctx, rest, epsilon, true); err != nil {
		return err
	}
	l := dictionary.Learning{Atoms: *atoms, Lambda: *lambda, Signed: true, Units: units, Passes: passes, Batch: batch}
	began := time.Now()
	learned, err := dictionary.Learn(ctx, imagesource.Sample(rest, t, false, seed), l, tenths)
	if err != nil {
		return err
	}
	fmt.Printf("%d atoms of %d × %d pixels, %d patches, %d passes, λ = %g: %.1f s\n", *atoms, *side, *side, units, passes, *lambda, time.Since(began).Seconds())
	patches, err := dictionary.Exemplars(ctx, imagesource.Sample(rest, t, false, seed), *atoms, 1, nil)
	if err != nil {
		return err
	}
	x, err := dictionary.Exemplars(ctx, imagesource.Sample(last, t, false, seed), held, 1, nil)
	if err != nil {
		return err
	}
	fmt.Printf("%-8s  %-9s  %-12s  %-12s  %-12s  %-12s  %s\n", "atoms", "objective", "atoms active", "selectivity", "spread", "Gabor share", "oriented and localised")
	for _, d := range []struct {
		name  string
		atoms *dictionary.Dictionary
	}{{"learned", learned}, {"patches", patches}, {"noise", noise(*atoms, t.Dim())}} {
		if err := judge(ctx, d.name, d.atoms, l, x.Atoms); err != nil {
			return err
		}
	}
	return output.WriteFile(out, draw.PNG(mosaic(learned, *side)))
}

// tenths says how far learning has come, in ten lines.
func tenths(done, total int) {
	if 10*done/total > 10*(done-1)/total {
		fmt.Fprintf(os.Stderr, "batch %d of %d\n", done, total)
	}
}

// noise is random atoms.
func noise(n, dim int) *dictionary.Dictionary {
	rng := rand.New(rand.NewPCG(seed, 0))
	d := &dictionary.Dictionary{Dim: dim}
	for range n {
		atom := make([]float32, dim)
		for k := range atom {
			atom[k] = float32(rng.NormFloat64())
		}
		linalg.Unit(atom)
		d.Atoms = append(d.Atoms, atom...)
	}
	return d
}

// judge prints what atoms are like, and how they code x.
func judge(ctx context.Context, name string, d *dictionary.Dictionary, l dictionary.Learning, x []float32) error {
	j, err := dictionary.Judge(ctx, l, x, d.Atoms, d.Dim)
	if err != nil {
		return err
	}
	var selectivity, spread, gabor []float64
	both := 0
	side := int(math.Sqrt(float64(d.Dim)))
	for a := range d.N() {
		t := explain.TuningOf(d.Atoms[a*d.Dim:(a+1)*d.Dim], side)
		selectivity, spread, gabor = append(selectivity, t.Selectivity), append(spread, t.Spread), append(gabor, t.Gabor)
		if t.Oriented() {
			both++
		}
	}
	fmt.Printf("%-8s  %-9.4f  %-12.1f  %-12.2f  %-12.2f  %-12.2f  %.0f %%\n", name, j.Objective, j.Active,
		median(selectivity), median(spread), median(gabor), 100*float64(both)/float64(d.N()))
	return nil
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// mosaic is the atoms, sixteen a row.
func mosaic(d *dictionary.Dictionary, side int) image.Image {
	var tiles []*image.NRGBA
	for a := range d.N() {
		tiles = append(tiles, draw.Enlarge(draw.Patch(d.Atoms[a*d.Dim:(a+1)*d.Dim], side, 1), enlarge))
	}
	return draw.Mosaic(tiles, 16, 3)
}
