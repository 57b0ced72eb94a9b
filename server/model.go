package server

import (
	"context"
	"image"
	"net/http"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/judge"
)

// dictionary is the atoms, as vectors, neighbours and a picture.
type dictionary struct {
	x       []float32 // D × dim
	gallery *explain.Gallery
	sprite  encoded // all atoms, before whitening
}

// spriteColumns is the number of atoms in a row of atoms.png.
const spriteColumns = 64

func (s *Server) lookAtAtoms(ctx context.Context, report func(done, total int)) error {
	report(0, 1)
	d := &dictionary{x: s.m.Stages().Dictionary.Atoms}
	var err error
	if d.gallery, err = explain.NewGallery(ctx, s.m, d.x); err != nil {
		return err
	}
	all := make([]int, s.m.Config().Atoms)
	for a := range all {
		all[a] = a
	}
	pictures, err := s.atomPictures(all)
	if err != nil {
		return err
	}
	d.sprite = draw.PNG(draw.Mosaic(pictures, spriteColumns, 0))
	s.atoms = d
	report(1, 1)
	return nil
}

// atomPictures are pictures of atoms, before whitening.
func (s *Server) atomPictures(atoms []int) ([]*image.NRGBA, error) {
	t, all := s.m.Stages().Transform, s.m.Stages().Dictionary.Atoms
	x := make([]float32, 0, len(atoms)*t.Dim())
	for _, a := range atoms {
		x = append(x, all[a*t.Dim():(a+1)*t.Dim()]...)
	}
	pixels, err := explain.Unwhiten(s.m, x)
	if err != nil {
		return nil, err
	}
	pictures := make([]*image.NRGBA, len(atoms))
	for i := range atoms {
		pictures[i] = draw.Patch(pixels[i*t.Dim():(i+1)*t.Dim()], t.Size, t.Channels)
	}
	return pictures, nil
}

func (s *Server) atomPicture(*http.Request) (any, error) { return s.atoms.sprite, nil }

type modelAnswer struct {
	Name      string  `json:"name,omitempty"`
	Data      string  `json:"data,omitempty"`
	Software  string  `json:"software"`
	Height    int     `json:"height"` // of images
	Width     int     `json:"width"`
	Channels  int     `json:"channels"`
	Atoms     int     `json:"atoms"`
	Columns   int     `json:"columns"` // atoms in a row of atoms.png
	Dims      int     `json:"dims"`
	Patch     int     `json:"patch"` // side, in pixels
	Rows      int     `json:"rows"`  // of the grid of patches
	Cols      int     `json:"cols"`
	Code      string  `json:"code"`
	Threshold float64 `json:"threshold"`
	Deskew    bool    `json:"deskew,omitempty"` // images are shown straightened, as the model sees them
	Values    int     `json:"values"`           // of the embedding of an image
	FittedOn  int     `json:"fitted_on"`
	Counted   int     `json:"counted,omitempty"` // of them, in the statistics; absent where that is not recorded
	Bank      int     `json:"bank"`              // images, flips not counted
	judge.Protocol
	Tests       int            `json:"tests"`                  // images to choose from
	Origin      explain.Origin `json:"origin"`                 // of those
	Are         string         `json:"tests_are"`              // the same, in words
	Patches     int            `json:"patches"`                // of the bank, to find neighbours of patches in
	NotInverted string         `json:"not_inverted,omitempty"` // why, absent where images are inverted
	Classes     []string       `json:"classes,omitempty"`
}

func (s *Server) model(*http.Request) (any, error) {
	c := s.m.Config()
	rows, cols := s.m.Stages().Transform.Grid(s.shape)
	return modelAnswer{
		Name: s.o.Name, Data: s.o.Data, Software: s.m.Record().Software,
		Height: s.shape.Height, Width: s.shape.Width, Channels: s.shape.Channels,
		Atoms: c.Atoms, Columns: min(spriteColumns, c.Atoms), Dims: c.Dims, Patch: c.Patch, Rows: rows, Cols: cols,
		Code: string(c.Code), Threshold: c.Threshold, Deskew: s.seen.Config().Deskew, Values: s.m.Dim(s.shape), FittedOn: s.m.Record().Data.Images, Counted: s.m.Record().Data.Counted,
		Bank: s.images.Bank.Len(), Protocol: s.p, Tests: s.images.Test.Len(), Origin: s.images.Origin, Are: s.images.Origin.String(),
		Patches: s.patches.gallery.Len(), NotInverted: s.notInverted(), Classes: s.images.Bank.Classes(),
	}, nil
}
