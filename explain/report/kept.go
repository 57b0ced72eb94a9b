package report

import (
	"html/template"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// The section on what the model keeps of images.

type keptSection struct {
	Lambda float64     // of inversion
	Levels []keptLevel // means over the images
	Rows   []keptRow
}

type keptLevel struct {
	explain.Kept
	Name string
}

type keptRow struct {
	ID     string
	Photo  template.HTML
	Levels []keptView
}

type keptView struct {
	Name  string
	Image template.HTML
	Lost  float64 // of the pixels
}

const keptShown = 6

var levelNames = map[explain.Level]string{
	explain.OfMeans: "brightness alone", explain.OfCodes: "codes", explain.OfBetas: "embedded patches", explain.OfCells: "cells",
}

// kept shows the first images, and what comes back of them from each level.
func (w *writer) kept() error {
	src := w.o.Images.Test
	if src == nil || explain.TooLargeToInvert(w.m, src.Shape()) != nil {
		return nil
	}
	v, err := explain.NewInverter(w.m)
	if err != nil {
		return err
	}
	s, n := &keptSection{Lambda: explain.Lambda}, min(keptShown, src.Len())
	for i := range n {
		w.o.Progress("inverting", i, n)
		im, err := explain.ImageOf(src, i)
		if err != nil {
			return err
		}
		all, err := v.Invert(w.ctx, im, explain.Lambda)
		if err != nil {
			return err
		}
		row := keptRow{ID: im.ID, Photo: small("An image", draw.Photo(im), imageSide)}
		for l, k := range all {
			name := levelNames[k.Level]
			row.Levels = append(row.Levels, keptView{name, small("What comes back of it: "+name, draw.Photo(k.Image), imageSide), k.Pixels})
			if i == 0 {
				s.Levels = append(s.Levels, keptLevel{explain.Kept{Level: k.Level}, name})
			}
			s.Levels[l].Patches += k.Patches / float64(n)
			s.Levels[l].Pixels += k.Pixels / float64(n)
		}
		s.Rows = append(s.Rows, row)
	}
	w.o.Progress("inverting", n, n)
	for _, l := range s.Levels {
		w.summary.Kept = append(w.summary.Kept, l.Kept)
	}
	w.page.Kept = s
	return nil
}
