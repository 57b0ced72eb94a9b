package draw

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/explain/sources"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/video/shapes"
)

// Ring draws a torus for each of the coordinates named, its points coloured by their value.
func Ring(t *sources.Torus, which []int) *Chart {
	const wide, high, scale = 320.0, 250.0, 102.0
	c := NewChart(wide*float64(len(which)), high, fmt.Sprintf("%s on a torus, drawn %s, coloured by learned coordinates: waves around the ring and around the tube.", plural.Of(len(t.Angles), "point"), plural.Of(len(which), "time")))
	order := make([]int, len(t.Angles))
	x, y, depth := make([]float64, len(order)), make([]float64, len(order)), make([]float64, len(order))
	st, ct := math.Sincos(0.75) // the axis leans towards the viewer
	for i := range order {
		p := t.Points.Row(i)
		order[i] = i
		x[i], y[i], depth[i] = float64(p[0]), float64(p[1])*st+float64(p[2])*ct, float64(p[2])*st-float64(p[1])*ct
	}
	slices.SortFunc(order, func(a, b int) int { return sign(depth[a] - depth[b]) })
	for k, j := range which {
		most := 0.0
		for i := range order {
			most = max(most, math.Abs(float64(t.Values[i*t.Dims+j])))
		}
		left := float64(k) * wide
		c.Text("strong", left+6, 16, fmt.Sprint(j+1))
		c.Text("end", left+wide-26, 16, fmt.Sprintf("λ = %.4f", t.Eigenvalues[j]))
		for _, i := range order {
			c.Disc(between(1.25*float64(t.Values[i*t.Dims+j])/most), left+wide/2-6+x[i]*scale, 136-y[i]*scale, 2.1, "")
		}
	}
	return c
}

func sign(x float64) int {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}

// Followed draws latent variables of a sequence that was held out, and what is read of them from its embeddings, in time.
func Followed(s *sources.Shape, frames int) *Chart {
	const high, gap = 74.0, 16.0
	c := NewChart(960, (high+gap)*shapes.Latents+24, "Position, angle and size of a moving shape in time, as they were drawn and as a linear regression reads them from the embedding: the lines nearly coincide.")
	for j, name := range shapes.Names {
		var time, drawn, read []float64
		for t := range frames {
			time, drawn, read = append(time, float64(t)), append(drawn, s.Held.Latents[t*shapes.Latents+j]), append(read, s.Latents[t*shapes.Latents+j])
		}
		top := float64(j)*(high+gap) + 8
		x := Axis{Min: 0, Max: float64(frames - 1), From: 130, To: 940}
		y := Axis{Min: min(slices.Min(drawn), slices.Min(read)), Max: max(slices.Max(drawn), slices.Max(read)), From: top + high, To: top}
		c.Line("grid", x.From, y.From, x.To, y.From)
		c.Text("strong", 6, top+high/2, name)
		c.Text("", 6, top+high/2+16, fmt.Sprintf("R² %.3f", s.R2[j]))
		c.Path("line", places(x, time), places(y, drawn))
		c.Path("line warm", places(x, time), places(y, read))
	}
	c.Text("end", 940, c.Height-4, "time: 100 frames; blue as drawn, orange as read from the embedding")
	return c
}

// Vocabulary draws words where t-SNE puts their embeddings.
func Vocabulary(w *sources.Words) *Chart {
	labels := make([]Label, len(w.Shown))
	for i, word := range w.Shown {
		labels[i] = Label{At: w.Places[i], Name: word, Title: word}
	}
	return Labels(labels, 960, 720, fmt.Sprintf("%s in the plane, those of like use near one another.", plural.Of(len(labels), "word")))
}
