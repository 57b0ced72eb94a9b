package main

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"

	"github.com/sparse-manifold/smt/outliers"
)

// ways are what is done to a photograph, each in place.
var ways = []struct {
	fault outliers.Fault
	spoil func(m *image.NRGBA)
}{
	{outliers.Blank, lighten(0.5, 0)},
	{outliers.Dark, lighten(0, 0.15)},
	{outliers.Bright, lighten(0.85, 0.15)},
	{outliers.Flat, lighten(0.45, 0.1)},
	{outliers.Blurred, blur},
}

// lighten makes each value v least + share·v, of 0 to 1.
func lighten(least, share float64) func(m *image.NRGBA) {
	return func(m *image.NRGBA) {
		for i, v := range m.Pix {
			if i%4 < 3 {
				m.Pix[i] = uint8(255*least + share*float64(v) + 0.5)
			}
		}
	}
}

// blur takes away what is finer than a sixth of the smaller side.
func blur(m *image.NRGBA) {
	b := m.Bounds()
	small := image.NewNRGBA(image.Rect(0, 0, max(1, 6*b.Dx()/min(b.Dx(), b.Dy())), max(1, 6*b.Dy()/min(b.Dx(), b.Dy()))))
	draw.CatmullRom.Scale(small, small.Bounds(), m, b, draw.Src, nil)
	draw.CatmullRom.Scale(m, b, small, small.Bounds(), draw.Src, nil)
}

// copied is a picture that may be changed.
func copied(of image.Image) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, of.Bounds().Dx(), of.Bounds().Dy()))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(m, m.Bounds(), of, of.Bounds().Min, draw.Over)
	return m
}
