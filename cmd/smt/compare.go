package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) compare() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "compare MODEL IMAGE IMAGE",
		Short: "Tell why two images are similar",
		Long: `Tell why MODEL finds two images, A and B, similar: their cosine, split over the pixels and patches of either, over the
cells of both, and over the atoms that are active in either. The parts of each kind add up to the
cosine of the embeddings, and by how much they do not is said. Of a MODEL that was fitted
with flips, B is the flip of the second image where that is nearer. Of one that was fitted with --thin, B is embedded by some of
its patches, as the images of an index are, so that an image and itself have a cosine below 1.

An IMAGE is a file of an image or, of a file with many, FILE#INDEX with an index from 0, as smt embed --ids
names it. --json has all parts; -o draws them, as .svg or .html with scales and the atoms that add the most, or as .png.`,
		Example: `  smt compare photos.safetensors photos/dog.jpg photos/wolf.jpg -o why.html
  smt compare cifar.safetensors data/cifar-10-batches-bin/test_batch.bin#17 frog.png --json`,
		Args: args("MODEL", "IMAGE", "IMAGE"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			out = output.Named(out)
			if err := checkPicture(out); err != nil {
				return err
			}
			ins := []output.Input{{Name: "MODEL", Path: args[0]}}
			for _, path := range args[1:] {
				ins = append(ins, output.Input{Name: "IMAGE", Path: imagePath(path)})
			}
			if err := output.Check([]output.Output{{Flag: "-o", Path: out}}, ins); err != nil {
				return err
			}
			if err := notOfImages(args[0], "images"); err != nil {
				return err
			}
			m, err := smt.Load(args[0])
			if err != nil {
				return err
			}
			a.noteUnsummed(args[0], smt.Member{Name: filepath.Base(args[0]), Model: m})
			shape := m.Record().Data.Shape
			if err := enoughFor("comparing", shape, report.Memory(m, shape, report.Sizes{Bank: 1, Test: 1, Sample: 1}, 0), memory.Available()); err != nil {
				return err
			}
			r, err := compareImages(ctx, m, args[1], args[2])
			if err != nil {
				return err
			}
			if r.Out = out; out != "" {
				if err := a.drawPair(ctx, m.Straight(), r); err != nil {
					return err
				}
			}
			if !(r.Off <= sumsWithin) {
				a.note("the parts add up to the cosine within %.1g, not %g: the embeddings have frequencies that nearly vanish, and are rounded", r.Off, sumsWithin)
			}
			return a.emit(r, out)
		}),
	}
	c.Flags().StringVarP(&out, "out", "o", "", "`FILE` to draw the split to, .svg, .html or .png")
	return c
}

// compareImages reads two images and splits the cosine of their embeddings.
func compareImages(ctx context.Context, m *smt.Model, pathA, pathB string) (*compared, error) {
	a, err := readImage(ctx, m, pathA)
	if err != nil {
		return nil, err
	}
	b, err := readImage(ctx, m, pathB)
	if err != nil {
		return nil, err
	}
	m = m.Straight() // they are straightened, if the model does so
	b, flip, cosine, err := explain.Nearer(ctx, m, a, b)
	if err != nil {
		return nil, err
	}
	p, err := explain.Why(m, a, b)
	if err != nil {
		return nil, err
	}
	r := &compared{
		Cosine: cosine, Flip: flip, Cells: p.Cells, CellRows: p.CellRows, CellCols: p.CellCols,
		A: comparedSideOf(pathA, &p.A), B: comparedSideOf(pathB, &p.B), Off: p.Off(cosine),
		pair: p, images: [2]explain.Image{a, b},
	}
	for _, v := range p.Cells {
		r.SumCells += v
	}
	return r, nil
}

// sumsWithin is how near the sum of the parts is to the cosine of the embeddings, which are rounded to float32, but for images with
// frequencies that nearly vanish.
const sumsWithin = 1e-5

// compared is a cosine and its parts.
type compared struct {
	Cosine   float64      `json:"cosine"` // of the embeddings
	Flip     bool         `json:"flip"`   // B is the flip of its image
	A        comparedSide `json:"a"`
	B        comparedSide `json:"b"`
	Cells    []float64    `json:"cells"` // by rows
	CellRows int          `json:"cell_rows"`
	CellCols int          `json:"cell_cols"`
	SumCells float64      `json:"sum_cells"`
	Off      float64      `json:"off"` // the most that a sum differs from the cosine
	Out      string       `json:"out,omitempty"`

	pair   *explain.Pair
	images [2]explain.Image
}

// comparedSide is what one of the images has of the split.
type comparedSide struct {
	ID         string          `json:"id"`
	Patches    []float64       `json:"patches"` // by rows
	Rows       int             `json:"patch_rows"`
	Cols       int             `json:"patch_cols"`
	Atoms      []explain.Share `json:"atoms"` // all that are active, those that add the most first
	SumPatches float64         `json:"sum_patches"`
	SumPixels  float64         `json:"sum_pixels"`
	SumAtoms   float64         `json:"sum_atoms"`
}

func comparedSideOf(id string, s *explain.Side) comparedSide {
	c := comparedSide{ID: id, Patches: s.Patches, Rows: s.Rows, Cols: s.Cols, Atoms: s.Atoms}
	c.SumPatches, c.SumPixels, c.SumAtoms = s.Sums()
	return c
}

const comparedAtoms = 8 // that are printed

func (r *compared) print(w io.Writer) {
	fmt.Fprintf(w, "A\t%s\n", r.A.ID)
	flip := ""
	if r.Flip {
		flip = ", flipped"
	}
	fmt.Fprintf(w, "B\t%s%s\n", r.B.ID, flip)
	fmt.Fprintf(w, "cosine\t%.6f\n", r.Cosine)
	for row := range r.CellRows {
		head := ""
		if row == 0 {
			head = "cells"
		}
		var values []string
		for _, v := range r.Cells[row*r.CellCols:][:r.CellCols] {
			values = append(values, fmt.Sprintf("%+.4f", v))
		}
		fmt.Fprintf(w, "%s\t%s\n", head, strings.Join(values, "  "))
	}
	for _, s := range []struct {
		name string
		comparedSide
	}{{"A", r.A}, {"B", r.B}} {
		var most []string
		for _, atom := range s.Atoms[:min(comparedAtoms, len(s.Atoms))] {
			most = append(most, fmt.Sprintf("%d %+.4f", atom.Atom, atom.Value))
		}
		if len(most) == 0 {
			fmt.Fprintf(w, "atoms of %s\tnone active\n", s.name)
			continue
		}
		fmt.Fprintf(w, "atoms of %s\t%s of %s active\n", s.name, strings.Join(most, ", "), count(len(s.Atoms)))
	}
	fmt.Fprintf(w, "sums\tcells %.6f, patches %.6f and %.6f, pixels %.6f and %.6f, atoms %.6f and %.6f   (each is the cosine, within %.1g)\n",
		r.SumCells, r.A.SumPatches, r.B.SumPatches, r.A.SumPixels, r.B.SumPixels, r.A.SumAtoms, r.B.SumAtoms, max(r.Off, 1e-9))
	if r.Out != "" {
		fmt.Fprintf(w, "picture\t%s\n", r.Out)
	}
}

// drawPair draws a comparison to the file that it names.
func (a *app) drawPair(ctx context.Context, m *smt.Model, r *compared) error {
	t := m.Stages().Transform
	p := draw.Pair{Pair: r.pair, Images: r.images, Names: [2]string{filepath.Base(r.A.ID), filepath.Base(r.B.ID)}}
	if r.Flip {
		p.Names[1] += ", flipped"
	}
	atoms, err := explain.Unwhiten(m, m.Stages().Dictionary.Atoms)
	if err != nil {
		return err
	}
	p.Atom = func(atom int) *image.NRGBA {
		return draw.Patch(atoms[atom*t.Dim():(atom+1)*t.Dim()], t.Size, t.Channels)
	}
	f, err := a.create(ctx, r.Out)
	if err != nil {
		return err
	}
	defer f.Abort() // of no effect once committed
	switch pictureEnding(r.Out) {
	case ".png":
		_, err = f.Write(draw.PNG(p.Raster()))
	case ".html":
		err = writePage(f, p.Chart())
	default:
		_, err = f.Write(p.Chart().File())
	}
	if err != nil {
		return err
	}
	return f.Commit()
}
