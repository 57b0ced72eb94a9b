package main

import (
	"context"
	"fmt"
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
			r, err := compareImages(ctx, m, args[1:])
			if err != nil {
				return err
			}
			if r.Out = out; out != "" {
				if err := a.drawPair(ctx, m, r); err != nil {
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
func compareImages(ctx context.Context, m *smt.Model, paths []string) (*compared, error) {
	var images [2]explain.Image
	for i, path := range paths {
		var err error
		if images[i], err = readImage(ctx, m, path); err != nil {
			return nil, err
		}
		images[i].ID = path
	}
	c, err := explain.Compare(ctx, m, images[0], images[1])
	return &compared{Comparison: c}, err
}

// sumsWithin is how near the sum of the parts is to the cosine of the embeddings, which are rounded to float32, but for images with
// frequencies that nearly vanish.
const sumsWithin = 1e-5

// compared is what compare reports.
type compared struct {
	*explain.Comparison
	Out string `json:"out,omitempty"`
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
		explain.ComparisonSide
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
	p, err := draw.PairOf(m, r.Comparison)
	if err != nil {
		return err
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
		err = drawing{p.Chart(), p.Narrow()}.page(f)
	default:
		_, err = f.Write(p.Chart().File())
	}
	if err != nil {
		return err
	}
	return f.Commit()
}
