package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/video/shapes"
)

// frame is the pixels of a frame as a PNG file.
func frame(pix []uint8) ([]byte, error) {
	img := &image.Gray{Pix: pix, Stride: shapes.Side, Rect: image.Rect(0, 0, shapes.Side, shapes.Side)}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// latents draws the latent variables of held-out sequences, and what is read from their embeddings.
func latents(ctx context.Context, c video.Config, train, held *shapes.Film) (*draw.Chart, error) {
	x, y, err := embed(ctx, c, train, held)
	if err != nil {
		return nil, err
	}
	r, err := video.Regress(x, c.Dim(), train.Latents, shapes.Latents)
	if err != nil {
		return nil, err
	}
	const sequences = 3
	n := sequences * frames
	read, r2 := r.Predict(y[:n*c.Dim()]), r.R2(y, held.Latents)
	const width, high, gap, left = 640.0, 70.0, 14.0, 80.0
	chart := draw.NewChart(left+width+70, shapes.Latents*(high+gap)+40, "Latent variables of held-out sequences along time, and what a linear regression reads from their embeddings")
	at := draw.Axis{Min: 0, Max: float64(n - 1), From: left, To: left + width}
	for j, name := range shapes.Names {
		top := 8 + float64(j)*(high+gap)
		low, most := held.Latents[j], held.Latents[j]
		for t := range n {
			low, most = min(low, held.Latents[t*shapes.Latents+j], read[t*shapes.Latents+j]), max(most, held.Latents[t*shapes.Latents+j], read[t*shapes.Latents+j])
		}
		value := draw.Axis{Min: low, Max: most, From: top + high, To: top}
		chart.Rect("grid", left, top, width, high)
		chart.Text("end", left-8, top+high/2+4, name)
		chart.Text("", left+width+8, top+high/2+4, fmt.Sprintf("R² %.3f", r2[j]))
		for s := range sequences {
			var xs, known, found []float64
			for t := s * frames; t < (s+1)*frames; t++ {
				xs = append(xs, at.At(float64(t)))
				known = append(known, value.At(held.Latents[t*shapes.Latents+j]))
				found = append(found, value.At(read[t*shapes.Latents+j]))
			}
			chart.Path("line", xs, known)
			for t := range xs {
				if t%2 == 0 {
					chart.Dot("dot", xs[t], found[t], 1.6, "")
				}
			}
			chart.Line("axis", at.At(float64(s*frames)), top, at.At(float64(s*frames)), top+high)
		}
	}
	chart.Text("", left, shapes.Latents*(high+gap)+26, "Three sequences of 100 frames, held out. Lines: what they were drawn from. Dots: read from the embedding.")
	return chart, nil
}
