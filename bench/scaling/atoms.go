package main

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/bench/internal/coding"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/sparse"
)

// growthWithAtoms measures the counting of the codes of some images on the first
// atoms of a dictionary.
func growthWithAtoms(ctx context.Context, src dataset.Source, atoms []int, rounds int) (panel, error) {
	const images = cooccur.BatchGroups
	c, err := coding.New(ctx, src, atoms[len(atoms)-1])
	if err != nil {
		return panel{}, err
	}
	var codes [][]*sparse.Codes
	var work []func() error
	for _, n := range atoms {
		some, err := c.Encode(ctx, dataset.Slice(src, 0, images), n)
		if err != nil {
			return panel{}, err
		}
		stats, err := c.Statistics(n)
		if err != nil {
			return panel{}, err
		}
		codes = append(codes, some)
		work = append(work, func() error { return coding.Count(ctx, stats, some) })
	}
	took, err := least(rounds, work)
	if err != nil {
		return panel{}, err
	}
	counts := series{name: "counts"}
	fmt.Printf("\n%8s %10s %10s %12s   µs a patch, %d images\n", "atoms D", "active s", "D·s", "counts", images)
	for i, n := range atoms {
		patches := float64(images * codes[i][0].N())
		s, each := float64(coding.Active(codes[i]))/patches, 1e6*took[i]/patches
		counts.add(float64(n)*s, each)
		counts.labels = append(counts.labels, fmt.Sprintf("D = %d, s = %.1f", n, s))
		fmt.Printf("%8d %10.1f %10.0f %12.3f\n", n, s, float64(n)*s, each)
	}
	exponent, intercept := line(logs(counts.x), logs(counts.y))
	counts.fit = func(x float64) float64 { return math.Exp(intercept + exponent*math.Log(x)) }
	counts.note = fmt.Sprintf("counts grow as (D·s)^%.2f", exponent)
	fmt.Println(counts.note)
	linear := series{name: "linear", note: "dashed: in proportion to D·s", dashed: true, x: counts.x,
		fit: func(x float64) float64 { return counts.y[0] * x / counts.x[0] }}
	return panel{title: "Counting a patch against D·s", x: "D·s", y: "microseconds", logarithmic: true, series: []series{linear, counts}}, nil
}
