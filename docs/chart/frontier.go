package main

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/explain/draw"
)

// point is one of bench/frontier's.
type point struct {
	Name    string   `json:"name"`
	Peer    bool     `json:"peer,omitempty"`
	Fit     []string `json:"fit,omitempty"`
	Eval    []string `json:"eval,omitempty"`
	Seconds float64  `json:"seconds"`
	Top1    float64  `json:"top1"`
	Holdout int      `json:"holdout,omitempty"`
}

// frontier draws accuracy against seconds: on the left our points, on the right the same beside peers.
func frontier(points []point) *draw.Chart {
	c := draw.NewChart(width, height, "Accuracy on CIFAR-10 against seconds, beside the paper's number and other software")
	c.Vertical("name", 14, (top+bottom)/2, "CIFAR-10, kNN top-1, %")
	s := sets["cifar10"]
	s.levels = append(s.levels[:1:1], level{"reimplementation, with a GPU", s.peer})
	low, high := 1.0, 0.0
	for _, p := range points {
		if !p.Peer {
			low, high = min(low, p.Top1), max(high, p.Top1)
		}
	}
	s.min, s.max = math.Floor(100*min(low, s.peer))/100-0.01, math.Ceil(100*max(high, s.levels[0].top1))/100+0.01
	near := draw.Axis{Min: 8, Max: 400, From: left, To: left + panel, Log: true}
	y := draw.Axis{Min: s.min, Max: s.max, From: bottom, To: top}
	l := frame(c, s, near, y, 0.01, []float64{10, 20, 50, 100, 200}, "seconds on two cores: fit, embed, judge")
	for _, p := range points {
		if !p.Peer {
			l.dot(c, "dot", near.At(p.Seconds), y.At(p.Top1), "name", p.label())
		}
	}
	l.write(c)

	far := draw.Axis{Min: 2, Max: 500, From: left + panel + 70, To: left + 2*panel + 70, Log: true}
	all := set{title: s.title, min: 0.29, max: 0.91}
	y = draw.Axis{Min: all.min, Max: all.max, From: bottom, To: top}
	l = frame(c, all, far, y, 0.1, []float64{2, 5, 10, 20, 50, 100, 200, 500}, "seconds")
	for _, p := range points {
		if p.Peer {
			l.dot(c, "dot cold", far.At(p.Seconds), y.At(p.Top1), "name", p.label())
		} else {
			c.Dot("dot", far.At(p.Seconds), y.At(p.Top1), radius, p.label()+" %")
		}
	}
	l.write(c)
	for i, text := range []string{"smt", "numpy, scikit-learn, faiss"} {
		class := []string{"dot", "dot cold"}[i]
		c.Dot(class, left+145*float64(i), height-12, radius, "")
		c.Text("", left+145*float64(i)+10, height-8, text)
	}
	return c
}

func (p point) label() string { return fmt.Sprintf("%s %.1f", p.Name, 100*p.Top1) }
