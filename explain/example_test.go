package explain_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/explain"
)

// Why two digits are similar: their cosine, split over the patches and over the
// atoms of the one.
func ExampleWhy() {
	set, err := digits.Open()
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := smt.Preset("mnist")
	if err != nil {
		log.Fatal(err)
	}
	cfg.Atoms, cfg.Images = 256, 200 // small, for an example
	model, err := smt.Fit(context.Background(), set.Train, cfg)
	if err != nil {
		log.Fatal(err)
	}
	a, err := explain.ImageOf(set.Test, 0)
	if err != nil {
		log.Fatal(err)
	}
	b, err := explain.ImageOf(set.Train, 0)
	if err != nil {
		log.Fatal(err)
	}
	pair, err := explain.Why(model, a, b)
	if err != nil {
		log.Fatal(err)
	}
	patches, atoms := 0.0, 0.0
	for _, v := range pair.A.Patches {
		patches += v
	}
	for _, s := range pair.A.Atoms {
		atoms += s.Value
	}
	fmt.Println(pair.A.Rows, "by", pair.A.Cols, "patches, which add up to the cosine:", math.Abs(patches-pair.Cosine) < 1e-9)
	fmt.Println("atoms, too:", math.Abs(atoms-pair.Cosine) < 1e-6)
	// Output:
	// 21 by 21 patches, which add up to the cosine: true
	// atoms, too: true
}
