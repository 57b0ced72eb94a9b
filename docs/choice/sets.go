package main

import (
	"fmt"
	"image"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
)

// images is the training split of a set, as its name asks for it.
type images struct {
	name    string         // without the folders it is in
	whole   dataset.Source // as large as they are
	side    int            // that a choice brings them to, 0 for none
	learned int            // how many are learned from, 0 where the name does not say
}

// open opens the training split of a set.
func open(name string) (images, error) {
	parts := strings.Split(name, ",")
	set, err := dataset.Open(parts[0], dataset.Options{})
	if err != nil {
		return images{}, err
	}
	s := images{name: name[strings.LastIndex(name, "/")+1:], whole: set.Train}
	for _, p := range parts[1:] {
		digits, counted := strings.CutSuffix(p, "images")
		n, err := strconv.Atoi(digits)
		switch {
		case p == "gray":
			s.whole = dataset.Gray(s.whole)
		case err != nil || n < 1:
			return s, fmt.Errorf("%q: want gray, a side in pixels, or a number of images, as 500images", p)
		case counted:
			s.learned = n
		default:
			s.whole = brought{s.whole, n}
		}
	}
	if working := choice.Size(s.whole.Shape()); working != s.whole.Shape() {
		s.side = min(working.Height, working.Width)
	}
	return s, nil
}

// source is the images at the size that a choice works at.
func (s images) source() dataset.Source { return s.at(s.side) }

// at is the images brought to squares of a side, or as they are for 0.
func (s images) at(side int) dataset.Source {
	if side == 0 {
		return s.whole
	}
	return brought{s.whole, side}
}

// shorter is the shorter side of the images of src.
func shorter(src dataset.Source) int { return min(src.Shape().Height, src.Shape().Width) }

// known is what a choice knows of images; how many of their tiles are blank changes nothing.
func known(src dataset.Source) choice.Images {
	return choice.Images{Len: src.Len(), Shape: src.Shape()}
}

// brought is a source whose images are brought to squares.
type brought struct {
	dataset.Source
	side int
}

func (b brought) Shape() dataset.Shape {
	return dataset.Shape{Height: b.side, Width: b.side, Channels: b.Source.Shape().Channels}
}

func (b brought) Image(i int, pix []uint8) error {
	img, err := picture(b.Source, i)
	if err != nil {
		return err
	}
	copy(pix, dataset.FromImage(img, b.Shape()))
	return nil
}

// picture is image i of src.
func picture(src dataset.Source, i int) (*image.RGBA, error) {
	s := src.Shape()
	from := make([]uint8, s.Len())
	if err := src.Image(i, from); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, s.Width, s.Height))
	for k := range s.Height * s.Width {
		for c := range 3 {
			img.Pix[4*k+c] = from[k*s.Channels+c%s.Channels]
		}
		img.Pix[4*k+3] = 255
	}
	return img, nil
}
