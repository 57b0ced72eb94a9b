package smt_test

import (
	"context"
	"fmt"
	"image"
	"log"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/judge"
)

// Learn from unlabelled images, embed one, and measure the representation.
func Example() {
	ctx := context.Background()
	set, err := digits.Open() // or dataset.Open("path/to/images", dataset.Options{})
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := smt.Preset("mnist")
	if err != nil {
		log.Fatal(err)
	}
	cfg.Atoms, cfg.Images = 256, 200 // small, for an example

	model, err := smt.Fit(ctx, set.Train, cfg)
	if err != nil {
		log.Fatal(err)
	}
	embedding, err := model.Embed(image.NewGray(image.Rect(0, 0, 28, 28)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(embedding), "values, as", model.Dim(set.Train.Shape()), "for every image of that size")

	bank, test := dataset.Slice(set.Train, 0, 1000), dataset.Slice(set.Test, 0, 200)
	b, err := model.Embeddings(bank)
	if err != nil {
		log.Fatal(err)
	}
	t, err := model.Embeddings(test)
	if err != nil {
		log.Fatal(err)
	}
	e, err := judge.Evaluate(ctx, judge.Labelled{Set: b, Labels: bank}, judge.Labelled{Set: t, Labels: test}, judge.Paper(cfg.Flips), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d neighbours among %d images: top-1 above 90 %%: %v\n", e.K, e.Bank, e.Top1 > 0.9)
	// Output:
	// 320 values, as 320 for every image of that size
	// 30 neighbours among 1000 images: top-1 above 90 %: true
}

// Statistics of parts of a data set, collected anywhere, add up to those of the
// whole, to the last bit.
func ExampleEncoder_Collect() {
	ctx := context.Background()
	set, err := digits.Open()
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := smt.Preset("mnist")
	if err != nil {
		log.Fatal(err)
	}
	cfg.Atoms, cfg.Sample = 128, 300

	encoder, err := smt.NewEncoder(ctx, set.Train, cfg)
	if err != nil {
		log.Fatal(err)
	}
	sum, err := encoder.Collect(ctx, dataset.Slice(set.Train, 0, 60))
	if err != nil {
		log.Fatal(err)
	}
	other, err := encoder.Collect(ctx, dataset.Slice(set.Train, 60, 100))
	if err != nil {
		log.Fatal(err)
	}
	if err := sum.Add(other); err != nil {
		log.Fatal(err)
	}
	model, err := encoder.Solve(ctx, sum)
	if err != nil {
		log.Fatal(err)
	}
	if model, err = model.Shorten(ctx, dataset.Slice(set.Train, 0, 100), cfg.Components, cfg.Power); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum.Of().Groups, "images,", len(model.Stages().Eigenvalues), "coordinates")
	// Output: 100 images, 128 coordinates
}
