// Command figure draws the README's picture: test images, each followed by its
// nearest neighbours in the bank. Those of its class have a whole blue frame and a tick,
// the others a broken orange frame and a cross.
//
//	go run ./docs/figure MODEL DATA OUT.png
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"

	"golang.org/x/image/draw"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/knn"
)

const (
	queries    = 16 // test images, in two columns
	neighbours = 7
	bankSize   = 10000
	scale      = 2
	gap        = 4
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "figure:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("want MODEL DATA OUT.png")
	}
	ins := []output.Input{{Name: "MODEL", Path: args[0]}, {Name: "DATA", Path: args[1]}}
	if err := output.Check([]output.Output{{Flag: "OUT.png", Path: args[2]}}, ins); err != nil {
		return err
	}
	m, err := smt.Load(args[0])
	if err != nil {
		return err
	}
	set, err := dataset.Open(args[1], dataset.Options{})
	if err != nil {
		return err
	}
	defer set.Close()
	if set.Test == nil {
		return fmt.Errorf("%s has no test split", args[1])
	}
	_, bank := dataset.Holdout(set.Train, min(bankSize, set.Train.Len()), 1)
	_, test := dataset.Holdout(set.Test, queries, 1)
	b, err := m.Embeddings(bank)
	if err != nil {
		return err
	}
	q, err := m.Whole().Embeddings(test)
	if err != nil {
		return err
	}
	near, err := judge.Neighbours(context.Background(), b, q, neighbours, false, nil)
	if err != nil {
		return err
	}
	picture, err := compose(bank, test, near)
	if err != nil {
		return err
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		return err
	}
	return output.WriteFile(args[2], encoded.Bytes())
}

func compose(bank, test dataset.Source, s *knn.Searcher) (image.Image, error) {
	shape := bank.Shape()
	w, h := scale*shape.Width+2*gap, scale*shape.Height+2*gap
	column := (neighbours+1)*w + 4*gap
	out := image.NewNRGBA(image.Rect(0, 0, 2*column+2*gap, queries/2*h+2*gap))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	put := func(src dataset.Source, i, x, y int, m mark) error {
		img, err := decode(src, i)
		if err != nil {
			return err
		}
		box := image.Rect(x, y, x+scale*shape.Width, y+scale*shape.Height)
		m.frame(out, box)
		draw.NearestNeighbor.Scale(out, box, img, img.Bounds(), draw.Src, nil)
		m.sign(out, box)
		return nil
	}
	for q := range test.Len() {
		x0, y := q%2*(column+gap)+2*gap, q/2*h+2*gap
		if err := put(test, q, x0, y, query); err != nil {
			return nil, err
		}
		for r, n := range s.Neighbours(q) {
			m := right
			if bank.Label(n.Index) != test.Label(q) {
				m = wrong
			}
			if err := put(bank, n.Index, x0+(r+1)*w+2*gap, y, m); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func decode(src dataset.Source, i int) (image.Image, error) {
	s := src.Shape()
	pix := make([]uint8, s.Len())
	if err := src.Image(i, pix); err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
	for k := range s.Height * s.Width {
		p := pix[k*s.Channels : (k+1)*s.Channels]
		img.SetNRGBA(k%s.Width, k/s.Width, color.NRGBA{p[0], p[len(p)/2], p[len(p)-1], 255})
	}
	return img, nil
}
