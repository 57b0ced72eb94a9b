// Command choice measures what package choice goes by: of sets of images, how well the nearest neighbours of pixels and of
// a small model of each style do on images held out, beside scores that need no labels.
//
//	go run ./docs/choice SET...
//
// SET is the path of labelled images, and after commas gray, for gray views, or a number, the side of squares that images
// are brought to. All is from the training split: 400 images are queries, and 400 others are learned from and voted by.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/judge"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "choice:", err)
		os.Exit(1)
	}
}

const (
	queries, bank = 400, 400
	atoms         = 512
	counted       = 200
	seed          = 78
)

func run(ctx context.Context, sets []string) error {
	if len(sets) == 0 {
		return errors.New("want sets of images, as data/mnist,14")
	}
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
	train, err := open(name)
	if err != nil {
		return err
	}
	if train.Len() < queries+bank {
		return fmt.Errorf("it has %d images: want %d", train.Len(), queries+bank)
	}
	_, some := dataset.Holdout(train, queries+bank, seed)
	learned, held := dataset.Holdout(some, queries, seed)
	pixels, err := pixelVotes(ctx, learned, held)
	if err != nil {
		return err
	}
	im, err := choice.Look(ctx, learned, choice.Seed)
	if err != nil {
		return err
	}
	var top1, found, hubs [2]float64
	var out float64 // of scenes, which come last
	for i, style := range []choice.Style{choice.Shapes, choice.Scenes} {
		c, err := choice.Settle(ctx, learned, choice.Rule(im, style, smt.Config{Atoms: atoms}))
		if err != nil {
			return err
		}
		c.Images, c.Components = counted, 0
		m, err := smt.Fit(ctx, learned, c)
		if err != nil {
			return err
		}
		if top1[i], err = votes(ctx, m, learned, held); err != nil {
			return err
		}
		seen, err := choice.Seen(ctx, m, learned)
		if err != nil {
			return err
		}
		out, found[i] = choice.StandsOut(seen), foundAgain(seen)
		if hubs[i], err = skewness(ctx, m, learned); err != nil {
			return err
		}
	}
	fmt.Printf("| %s | %.1f | %.1f | %.1f | %.1f | %.2f / %.2f | %.1f / %.1f |\n",
		label(name), 100*pixels, 100*top1[0], 100*top1[1], out, found[0], found[1], hubs[0], hubs[1])
	return nil
}

// open opens the training split of a set.
func open(name string) (dataset.Source, error) {
	parts := strings.Split(name, ",")
	set, err := dataset.Open(parts[0], dataset.Options{})
	if err != nil {
		return nil, err
	}
	src := set.Train
	for _, p := range parts[1:] {
		side, err := strconv.Atoi(p)
		switch {
		case p == "gray":
			src = dataset.Gray(src)
		case err != nil || side < 1:
			return nil, fmt.Errorf("%q: want gray or a side in pixels", p)
		default:
			src = brought{src, side}
		}
	}
	return src, nil
}

// label is the name of a set without the folders it is in.
func label(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// votes is the accuracy of the paper's vote on the embeddings of a model.
func votes(ctx context.Context, m *smt.Model, learned, held dataset.Source) (float64, error) {
	b, err := m.Embeddings(learned)
	if err != nil {
		return 0, err
	}
	q, err := m.Embeddings(held)
	if err != nil {
		return 0, err
	}
	e, err := judge.Evaluate(ctx, judge.Labelled{Set: b, Labels: learned}, judge.Labelled{Set: q, Labels: held}, judge.Paper(false), nil)
	if err != nil {
		return 0, err
	}
	return e.Top1, nil
}
