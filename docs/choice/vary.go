package main

import (
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/patch"
)

// A plan is how a model is fitted: the rules for images of a size, and what a hand changes of them.
type plan struct {
	style   choice.Style
	side    int // of the images, 0 as they are
	changes []func(*smt.Config)
}

// A change is one thing that a hand would try otherwise.
type change struct {
	name  string
	field string // two changes of one field are not made together
	on    func(*plan)
}

// tried are the changes, in the order in which they are made where there are several. side is that of the images as chosen,
// and most the largest that there is; n is how many images there are.
func tried(chosen plan, side, most, n int) []change {
	other := choice.Shapes
	if chosen.style == choice.Shapes {
		other = choice.Scenes
	}
	list := []change{
		{"other style", "style", func(p *plan) { p.style = other }},
		{"size × 3/4", "size", func(p *plan) { p.side = side * 3 / 4 }},
	}
	if larger := min(side*3/2, most); larger > side {
		list = append(list, change{"size × 3/2", "size", func(p *plan) { p.side = larger }})
	}
	config := func(name, field string, on func(*smt.Config)) {
		list = append(list, change{name, field, func(p *plan) { p.changes = append(p.changes, on) }})
	}
	config("patch × 2/3", "patch", func(c *smt.Config) { c.Patch = max(2, times(c.Patch, 2./3)) })
	config("patch × 3/2", "patch", func(c *smt.Config) { c.Patch = times(c.Patch, 1.5) })
	config("atoms ÷ 2", "atoms", func(c *smt.Config) { withAtoms(c, 0.5) })
	config("atoms × 2", "atoms", func(c *smt.Config) { withAtoms(c, 2) })
	config("max-cosine lower", "max-cosine", func(c *smt.Config) { c.MaxCosine *= 0.8 })
	config("whitening other", "whitening", func(c *smt.Config) {
		if c.Whiten {
			c.Epsilon *= 10
		} else {
			c.Whiten, c.Epsilon, c.Threshold = true, 1e-2, 0.7*c.Threshold
		}
	})
	config("threshold lower", "threshold", func(c *smt.Config) { c.Threshold *= 0.8 })
	config("threshold higher", "threshold", func(c *smt.Config) { c.Threshold = min(0.9, 1.2*c.Threshold) })
	config("context other", "context", func(c *smt.Config) {
		if c.Context.Kind == cooccur.Whole {
			c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 3, Difference: 1}
		} else {
			c.Context = cooccur.Context{Kind: cooccur.Whole, Difference: 2}
		}
	})
	config("radius larger", "context", func(c *smt.Config) { c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 5, Difference: 1} })
	config("flips other", "flips", func(c *smt.Config) { c.Flips = !c.Flips })
	config("dims ÷ 2", "dims", func(c *smt.Config) { c.Dims = max(1, c.Dims/2) })
	config("dims × 2", "dims", func(c *smt.Config) { c.Dims *= 2 })
	config("skip other", "skip", func(c *smt.Config) {
		if c.Skip == 0 {
			c.Skip = max(1, c.Dims/16)
		} else {
			c.Skip = 0
		}
	})
	config("pool × 2/3", "pool", func(c *smt.Config) { c.Pool, c.Stride = max(1, times(c.Pool, 2./3)), max(1, times(c.Stride, 2./3)) })
	config("pool × 3/2", "pool", func(c *smt.Config) { c.Pool, c.Stride = times(c.Pool, 1.5), times(c.Stride, 1.5) })
	config("spectrum other", "spectrum", func(c *smt.Config) {
		if c.Spectrum == 0 {
			c.Spectrum = 4
		} else {
			c.Spectrum = 0
		}
	})
	for _, part := range []int{4, 8} {
		config("components of "+[]string{4: "1/4", 8: "1/8"}[part], "components", func(c *smt.Config) { c.Components, c.Power = n/part, 0.5 })
	}
	return list
}

// with is the plan with these of the changes, in their order.
func (p plan) with(changes []change) plan {
	p.changes = nil
	for _, c := range changes {
		c.on(&p)
	}
	return p
}

// times is n times by, rounded.
func times(n int, by float64) int { return int(math.Round(float64(n) * by)) }

// withAtoms changes the number of atoms, and of coordinates with its root.
func withAtoms(c *smt.Config, by float64) {
	c.Atoms = max(2, times(c.Atoms, by))
	c.Dims = max(1, times(c.Dims, math.Sqrt(by)))
}

// config is the configuration of a plan for images, as far as they have room for it.
func (p plan) config(im choice.Images) smt.Config {
	c := choice.Rule(im, p.style, choice.Given{})
	for _, on := range p.changes {
		on(&c)
	}
	c.Patch = min(c.Patch, im.Shape.Height, im.Shape.Width)
	rows, cols := patch.Grid(im.Shape, c.Patch)
	c.Pool = min(c.Pool, rows, cols)
	c.Stride = min(c.Stride, c.Pool)
	c.Dims = min(c.Dims, c.Atoms)
	c.Skip = min(c.Skip, c.Atoms-c.Dims)
	return c
}
