// Command manifolds draws the picture of docs/sources/neighbourhoods.md: points of a Swiss roll and of a
// torus, and beside them what a model makes of them, in the same colours.
//
//	go run ./docs/manifolds OUT.png
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/reproduce/shapes"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

const (
	points = 10_000
	side   = 360 // of a panel, in pixels
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "manifolds:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("want OUT.png")
	}
	if err := output.Check([]output.Output{{Flag: "OUT.png", Path: args[0]}}, nil); err != nil {
		return err
	}
	picture := image.NewNRGBA(image.Rect(0, 0, 4*side, side))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	ctx := context.Background()
	for i, s := range []struct {
		points *vector.Points
		dims   int
		hue    func(x []float32) float64 // from 0 to 1
	}{
		{shapes.Roll(points, 1), 2, func(x []float32) float64 {
			return (math.Hypot(float64(x[0]), float64(x[2])) - 1.5*math.Pi) / (3 * math.Pi)
		}},
		{shapes.Torus(points, 1), 3, func(x []float32) float64 {
			return math.Atan2(float64(x[1]), float64(x[0]))/(2*math.Pi) + 0.5
		}},
	} {
		c := vectors.Default()
		c.Dims = s.dims
		m, err := vectors.Fit(ctx, s.points, c, manifold.Run{})
		if err != nil {
			return err
		}
		x, err := m.Embed(ctx, s.points)
		if err != nil {
			return err
		}
		hues := make([]float64, points)
		for k := range hues {
			hues[k] = s.hue(s.points.Row(k))
		}
		draw(picture, 2*i, s.points, hues)
		draw(picture, 2*i+1, &vector.Points{Dim: s.dims, X: x}, hues)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	f, err := output.Create(ctx, args[0])
	if err != nil {
		return err
	}
	if _, err := f.Write(b.Bytes()); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}

// draw draws points in a panel, those of space as seen from the side and above.
func draw(picture *image.NRGBA, panel int, p *vector.Points, hues []float64) {
	flat := make([][2]float64, p.N())
	size := 0.0
	for i := range flat {
		x := p.Row(i)
		flat[i] = [2]float64{float64(x[0]), float64(x[1])}
		if p.Dim == 3 {
			flat[i] = [2]float64{float64(x[0]) + 0.35*float64(x[1]), float64(x[2]) + 0.45*float64(x[1])}
		}
	}
	var middle [2]float64
	for c := range 2 {
		least, most := math.Inf(1), math.Inf(-1)
		for _, f := range flat {
			least, most = min(least, f[c]), max(most, f[c])
		}
		middle[c], size = (least+most)/2, max(size, most-least)
	}
	const margin = 0.92
	for i, f := range flat {
		x := side*panel + int(side*(0.5+margin*(f[0]-middle[0])/size))
		y := int(side * (0.5 - margin*(f[1]-middle[1])/size))
		c := rainbow(hues[i])
		picture.SetNRGBA(x, y, c)
		picture.SetNRGBA(x+1, y, c)
		picture.SetNRGBA(x, y+1, c)
	}
}

// rainbow is a colour from red, 0, to violet, 1.
func rainbow(hue float64) color.NRGBA {
	part := func(at float64) uint8 {
		return uint8(230 * min(1, max(0, 1.5-4*math.Abs(hue-at))))
	}
	return color.NRGBA{part(0.15), part(0.45), part(0.8), 255}
}
