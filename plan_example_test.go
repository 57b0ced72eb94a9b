package smt_test

import (
	"context"
	"fmt"
	"log"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
)

// Images are counted in two parts, which may be far apart: files carry the plan to those who count, and the parts back.
func ExamplePlan() {
	ctx := context.Background()
	set, err := digits.Open()
	if err != nil {
		log.Fatal(err)
	}
	images := dataset.Slice(set.Train, 0, 300)
	cfg, err := smt.Preset("mnist")
	if err != nil {
		log.Fatal(err)
	}
	cfg.Atoms, cfg.Images, cfg.Dims, cfg.Skip, cfg.Components, cfg.Power = 64, 200, 16, 0, 0, 0 // small, for an example

	plan, err := smt.NewPlan(ctx, images, cfg)
	if err != nil {
		log.Fatal(err)
	}
	first, err := plan.Count(ctx, images, 0, 100)
	if err != nil {
		log.Fatal(err)
	}
	second, err := plan.Count(ctx, images, 100, 300)
	if err != nil {
		log.Fatal(err)
	}
	if err := second.Add(first); err != nil {
		log.Fatal(err)
	}
	model, err := plan.Solve(ctx, second)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Record().Data.Images, "images,", model.Record().Data.Counted, "counted")
	// Output: 300 images, 200 counted
}
