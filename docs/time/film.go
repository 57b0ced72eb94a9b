package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/video"
)

// film draws the smoothest coordinates of a clip along time. The model is fitted on its first two thirds.
func film(ctx context.Context, path string) (*draw.Chart, error) {
	clips, _, err := videosource.Find(ctx, path)
	if err != nil {
		return nil, err
	}
	shape, err := videosource.Size(ctx, clips[0])
	if err != nil {
		return nil, err
	}
	shape.Channels = 1
	c := video.Preset(shape)
	f, err := videosource.Load(ctx, clips[:1], c.Shape, nil)
	if err != nil {
		return nil, err
	}
	n, size := f.Len(), c.Shape.Len()
	first := n * 2 / 3
	learned, err := videosource.NewFrames(c.Shape, f.ClipPixels(0)[:first*size])
	if err != nil {
		return nil, err
	}
	m, err := video.Fit(ctx, learned, c, manifold.Run{})
	if err != nil {
		return nil, err
	}
	beta := make([]float32, n*c.Dim())
	if err := m.Embed(ctx, f.ClipPixels(0), beta); err != nil {
		return nil, err
	}
	const width, high, gap, left, lines, thumbs = 720.0, 60.0, 12.0, 90.0, 5, 6
	chart := draw.NewChart(left+width+20, lines*(high+gap)+150, "The smoothest coordinates of "+clips[0].Name+" along time")
	at := draw.Axis{Min: 0, Max: float64(n - 1), From: left, To: left + width}
	for j := range lines {
		top := 8 + float64(j)*(high+gap)
		value := draw.Axis{Min: float64(beta[j]), Max: float64(beta[j]), From: top + high, To: top}
		for t := range n {
			v := float64(beta[t*c.Dim()+j])
			value.Min, value.Max = min(value.Min, v), max(value.Max, v)
		}
		var xs, ys []float64
		for t := range n {
			xs, ys = append(xs, at.At(float64(t))), append(ys, value.At(float64(beta[t*c.Dim()+j])))
		}
		chart.Rect("wash", at.At(float64(first)), top, at.To-at.At(float64(first)), high)
		chart.Rect("grid", left, top, width, high)
		chart.Path("line thin", xs, ys)
		chart.Text("end", left-8, top+high/2+4, fmt.Sprintf("coordinate %d", j))
	}
	wide := width/thumbs - 8
	top := 8 + lines*(high+gap)
	for i := range thumbs {
		t := min(n-1, (2*i+1)*n/(2*thumbs))
		img := &image.Gray{Pix: f.ClipPixels(0)[t*size : (t+1)*size], Stride: c.Shape.Width, Rect: image.Rect(0, 0, c.Shape.Width, c.Shape.Height)}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			return nil, err
		}
		chart.Image(b.Bytes(), at.At(float64(t))-wide/2, top, wide, wide*float64(c.Shape.Height)/float64(c.Shape.Width), fmt.Sprintf("frame %d", t))
	}
	chart.Text("", left, top+wide*float64(c.Shape.Height)/float64(c.Shape.Width)+18, fmt.Sprintf("%d frames; fitted on the first %d, the others are shaded. Means of β over all places of a frame.", n, first))
	return chart, nil
}
