package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
)

const (
	queries, bank = 400, 400
	atoms         = 512
	counted       = 200
)

// styles prints a table of sets by the two styles.
func styles(ctx context.Context, sets []string) error {
	fmt.Println("| set | pixels | shapes | scenes | stands out | found again, shapes / scenes | hubs, shapes / scenes |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- |")
	for _, s := range sets {
		if err := measure(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// measure prints the line of a set.
func measure(ctx context.Context, name string) error {
	set, err := open(name)
	if err != nil {
		return err
	}
	train := set.source()
	if train.Len() < queries+bank {
		return fmt.Errorf("it has %d images: want %d", train.Len(), queries+bank)
	}
	_, some := dataset.Holdout(train, queries+bank, seed)
	learned, held := dataset.Holdout(some, queries, seed)
	pixels, err := pixelVotes(ctx, learned, held)
	if err != nil {
		return err
	}
	var top1, found, hubs [2]float64
	var out float64 // of scenes, which come last
	for i, style := range []choice.Style{choice.Shapes, choice.Scenes} {
		c := choice.Rule(known(learned), style, choice.Given{Atoms: atoms})
		c.Images, c.Components = counted, 0
		m, err := choice.Fit(ctx, learned, c)
		if err != nil && ctx.Err() == nil && style == choice.Shapes { // what is told of the other style stands by itself
			fmt.Fprintf(os.Stderr, "%s: %s: %v\n", set.name, style, err)
			top1[i], found[i], hubs[i] = math.NaN(), math.NaN(), math.NaN()
			continue
		}
		if err != nil {
			return err
		}
		right, err := modelVotes(ctx, m, learned, held, false)
		if err != nil {
			return err
		}
		top1[i] = share(right)
		seen, err := choice.Seen(ctx, m, learned)
		if err != nil {
			return err
		}
		out, found[i] = choice.StandsOut(seen), foundAgain(seen)
		all, err := embedded(ctx, m, learned)
		if err != nil {
			return err
		}
		near, err := neighbours(ctx, all)
		if err != nil {
			return err
		}
		hubs[i] = skewness(near)
	}
	line := fmt.Sprintf("| %s | %.1f | %.1f | %.1f | %.1f | %.2f / %.2f | %.1f / %.1f |",
		set.name, 100*share(pixels), 100*top1[0], 100*top1[1], out, found[0], found[1], hubs[0], hubs[1])
	fmt.Println(strings.ReplaceAll(line, "NaN", "none"))
	return nil
}
