package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/sparse-manifold/smt/bench/internal/whole"
	"github.com/sparse-manifold/smt/internal/python"
)

// Point is one way to recognise the images, as docs/chart reads it.
type Point struct {
	Name    string   `json:"name"`
	Peer    bool     `json:"peer,omitempty"` // it is other software
	Fit     []string `json:"fit,omitempty"`  // flags of smt fit
	Eval    []string `json:"eval,omitempty"` // flags of smt eval
	Seconds float64  `json:"seconds"`
	Top1    float64  `json:"top1"`
	Holdout int      `json:"holdout,omitempty"` // judged on so many training images
}

// ours are the ways of smt.
func ours() []Point {
	cold := []string{"--temperature", "0.05"} // for components
	point := func(name string, flags ...string) Point {
		return Point{Name: name, Fit: append([]string{"--preset", "cifar"}, flags...), Eval: cold}
	}
	return []Point{
		point("preset"),
		{Name: "long", Fit: []string{"--preset", "cifar", "--components", "0"}},
		point("thin 2", "--thin", "2"),
		point("thin 2, 2,500 counted", "--thin", "2", "--images", "2500"),
		point("fast", "--fast"),
		point("fast, 4,096 atoms", "--fast", "--atoms", "4096"),
		point("fast, 2,048 atoms", "--fast", "--atoms", "2048"),
	}
}

// measuring is what points are measured on.
type measuring struct {
	data    string
	holdout int
	quick   bool
}

//go:embed python
var scripts embed.FS

// all measures all points, ours and those of peers.
func (m *measuring) all(ctx context.Context) ([]Point, error) {
	folder, err := fs.Sub(scripts, "python")
	if err != nil {
		return nil, err
	}
	peers, err := python.Start(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer peers.Close()
	program := filepath.Join(peers.Dir, "smt")
	if _, err := whole.Output(ctx, "", "go", "build", "-o", program, "./cmd/smt"); err != nil {
		return nil, err
	}
	var all []Point
	done := func(p Point) error {
		p.Holdout = m.holdout
		all = append(all, p)
		fmt.Printf("%-22s %7.1f s %8.2f %%\n", p.Name, p.Seconds, 100*p.Top1)
		return nil
	}
	for _, p := range ours() {
		if err := m.measure(ctx, program, filepath.Join(peers.Dir, "model"), &p); err != nil {
			return nil, err
		}
		if err := done(p); err != nil {
			return nil, err
		}
	}
	images := 0
	if m.quick {
		images = quickImages
	}
	err = python.Run(ctx, peers, done, "pixels", m.data, strconv.Itoa(m.holdout), strconv.Itoa(images))
	return all, err
}

// What a quick run has of each.
const quickImages = 2000

// measure fits and judges a model of a point.
func (m *measuring) measure(ctx context.Context, program, model string, p *Point) error {
	fit := append([]string{"fit", m.data, "-o", model}, p.Fit...)
	eval := append([]string{"eval", model, m.data}, p.Eval...)
	if m.holdout > 0 {
		held := []string{"--holdout", strconv.Itoa(m.holdout)}
		fit, eval = append(fit, held...), append(eval, held...)
	}
	if m.quick {
		fit = append(fit, "--atoms", "128", "--dims", "32", "--skip", "2", "--images", "100", "--components", "50")
		eval = append(eval, "--bank", strconv.Itoa(quickImages), "--test", "200")
	}
	var err error
	p.Seconds, p.Top1, err = whole.Run(ctx, program, fit, eval)
	return err
}
