package estimate_test

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/sparse"
)

// peakCases vary all that memory depends on.
func peakCases() []peakCase {
	preset := func(atoms int, change func(*smt.Config)) smt.Config {
		c, err := smt.Preset("cifar")
		if err != nil {
			panic(err)
		}
		c.Atoms, c.MaxCosine, c.Sample, c.Dims, c.Skip, c.Ridge = atoms, 1.5, 100, 64, 4, 1e-3
		c.Components, c.Power = 0, 0
		if change != nil {
			change(&c)
		}
		return c
	}
	square := func(side int) dataset.Shape { return dataset.Shape{Height: side, Width: side, Channels: 3} }
	fit := func(name string, images int, s dataset.Shape, atoms int, change func(*smt.Config)) peakCase {
		return peakCase{Name: name, Work: "fit", Config: preset(atoms, change), Shape: s, Images: images}
	}
	kept := func(c peakCase) peakCase { c.Kept = true; return c }
	stored := func(c peakCase, s dataset.Shape) peakCase { c.Stored = s; return c }
	// with is what is done with a model of so many atoms.
	with := func(c peakCase, atoms int, change func(*smt.Config)) peakCase {
		c.Config = preset(atoms, func(c *smt.Config) {
			c.Dims, c.Skip, c.Images = 384, 16, 50
			change(c)
		})
		return c
	}
	same := func(*smt.Config) {}
	// short is of so many components.
	short := func(n int) func(*smt.Config) {
		return func(c *smt.Config) { c.Dims, c.Skip, c.Components, c.Power, c.Images = 384, 16, n, 0.4, 50 }
	}
	// drawing is a fit with windows, where many atoms are active.
	drawing := func(name string, images, side, atoms int, change func(*smt.Config)) peakCase {
		c, err := smt.Preset("mnist")
		if err != nil {
			panic(err)
		}
		c.Atoms, c.Dims, c.Sample = atoms, 64, 100
		c.Components, c.Power = 0, 0
		if change != nil {
			change(&c)
		}
		return peakCase{Name: name, Work: "fit", Config: c, Shape: dataset.Shape{Height: side, Width: side, Channels: 1}, Images: images, Blobs: true}
	}
	alike := fit("12 images of 256 × 256, 1024 atoms that are alike", 12, square(256), 1024, func(c *smt.Config) { c.MaxCosine = 0.95 })
	alike.Shape.Channels, alike.Blobs = 1, true
	packed := drawing("images of a packed IDX file", 100, 28, 700, func(c *smt.Config) { c.Images, c.MaxCosine = 300, 1.5 })
	packed.IDX = 100_000
	single := dataset.Shape{Height: 3000, Width: 4000, Channels: 3}
	photograph := dataset.Shape{Height: 900, Width: 1600, Channels: 3}
	inParts := func(work string, c peakCase) peakCase { c.Work, c.Name = work, work+", "+c.Name; return c }
	packedStep := func(c *smt.Config) { c.Step = 3 }
	return []peakCase{
		inParts("count", fit("4096 atoms", 400, square(32), 4096, nil)),
		inParts("count", fit("packed", 150, square(32), 16640, packedStep)),
		inParts("solve", fit("4096 atoms", 400, square(32), 4096, nil)),
		inParts("solve", fit("packed", 150, square(32), 16640, packedStep)),
		inParts("solve", fit("512 atoms, 400 components", 1600, square(32), 512, short(400))),
		{Name: "few of everything", Work: "fit", Config: smttest.Small(), Shape: square(14), Images: 200},
		fit("2048 atoms", 300, square(32), 2048, nil),
		fit("4096 atoms", 400, square(32), 4096, func(c *smt.Config) { c.Dims, c.Skip = 384, 16 }),
		fit("4096 atoms, many images", 3000, square(16), 4096, nil),
		fit("4096 atoms, no flips", 100, square(32), 4096, func(c *smt.Config) { c.Flips = false }),
		fit("6000 atoms, gray views", 200, square(24), 6000, func(c *smt.Config) { c.Grayscale = true }),
		fit("4000 atoms, windows", 60, square(28), 4000, func(c *smt.Config) {
			c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 3, Difference: 1}
		}),
		fit("3000 atoms, windows, second difference", 60, square(28), 3000, func(c *smt.Config) {
			c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 2}
		}),
		fit("soft codes", 100, square(28), 4096, func(c *smt.Config) { c.Code = sparse.Soft }),
		fit("nearest atoms of k-means", 200, square(32), 3072, func(c *smt.Config) { c.Code, c.Dictionary = sparse.Nearest, smt.KMeans }),
		fit("dense codes", 150, dataset.Shape{Height: 28, Width: 28, Channels: 1}, 3000, func(c *smt.Config) { c.Whiten = false }),
		fit("packed", 500, square(32), 16640, func(c *smt.Config) { c.Step = 3 }),
		fit("learned atoms and their L1 codes", 100, square(32), 1024, func(c *smt.Config) {
			c.Dictionary, c.Code, c.Threshold, c.Step = smt.Learned, sparse.L1, 0.2, 4
		}),
		// Photographs: the number of images does not count, nor that of patches alone.
		stored(fit("6 photographs of 512 × 512", 6, square(512), 512, func(c *smt.Config) { c.Dims, c.Dictionary = 32, smt.KMeans }), square(512)),
		stored(fit("2 photographs of 1600 × 900, 16 atoms", 2, photograph, 16, func(c *smt.Config) { c.Dims, c.Skip = 8, 0 }), photograph),
		stored(fit("2 photographs of 1600 × 900, 1024 atoms, step 5", 2, photograph, 1024, func(c *smt.Config) {
			c.Step, c.Dictionary = 5, smt.KMeans
		}), photograph),
		stored(fit("8 photographs of 1600 × 900, made smaller", 8, square(400), 300, func(c *smt.Config) { c.Sample, c.Step = 4, 4 }), photograph),

		kept(stored(fit("6000 photographs of 64 × 64, kept", 6000, square(64), 512, func(c *smt.Config) { c.Dictionary, c.Images = smt.KMeans, 50 }), square(64))),

		stored(fit("one photograph of 4000 × 3000, soft codes", 1, single, 16, func(c *smt.Config) {
			c.Code, c.Dims, c.Skip, c.Step = sparse.Soft, 4, 0, 4
		}), single),

		// As many patches as an image has that is counted whole.
		fit("20 images of 260 × 260, 1024 atoms", 20, square(260), 1024, func(c *smt.Config) { c.Dictionary = smt.KMeans }),
		fit("20 images of 200 × 200, 2048 atoms", 20, square(200), 2048, func(c *smt.Config) { c.Dictionary = smt.KMeans }),
		drawing("20 images of 260 × 260, 512 atoms, windows over blobs", 20, 260, 512, nil),

		drawing("512 atoms, windows over blobs", 60, 64, 512, nil),
		drawing("2048 atoms, windows over blobs", 60, 64, 2048, nil),
		packed,
		alike,
		// Constants were set from runs of those above, but with these in sight.
		drawing("1024 atoms, windows over blobs", 60, 64, 1024, nil),
		drawing("1024 atoms, windows over larger blobs", 12, 200, 1024, nil),
		drawing("1500 atoms, windows over blobs, second difference", 60, 64, 1500, func(c *smt.Config) { c.Context.Difference, c.Context.Radius = 2, 2 }),
		drawing("1000 atoms, windows over blobs, soft codes", 60, 64, 1000, func(c *smt.Config) { c.Code = sparse.Soft }),

		fit("512 atoms, 700 components", 3000, square(32), 512, short(700)),
		fit("512 atoms, 2000 components of few images", 1500, square(32), 512, short(2000)),
		fit("512 atoms, 320 components of cells, no flips", 1500, square(28), 512, func(c *smt.Config) {
			short(320)(c)
			c.Flips, c.Spectrum, c.Dims = false, 0, 128
		}),
		with(peakCase{Name: "embed, 400 components", Work: "embed", Shape: square(32), Images: 300}, 512, short(400)),
		with(peakCase{Name: "evaluate 400 components", Work: "evaluate", Shape: square(32), Images: 2000, Test: 300,
			Protocol: judge.Protocol{K: 30, Temperature: 0.05, Flips: true, Hubs: 1000}}, 1024, short(400)),
		with(peakCase{Name: "serve, 400 components", Work: "serve", Shape: square(32), Images: 1500}, 1024, short(400)),

		with(peakCase{Name: "embed one image of 4000 × 3000", Work: "embed", Shape: single, Images: 1, Stored: single}, 64, func(c *smt.Config) {
			c.Dims, c.Skip, c.Spectrum = 16, 0, 0
			c.Pool, c.Stride = 60, 30
		}),
		with(peakCase{Name: "embed half of one image of 4000 × 3000", Work: "embed", Shape: single, Images: 1, Stored: single}, 64, func(c *smt.Config) {
			c.Dims, c.Skip, c.Spectrum = 16, 0, 0
			c.Pool, c.Stride, c.Thin = 60, 30, 2
		}),
		with(peakCase{Name: "embed, 2048 atoms", Work: "embed", Shape: square(32), Images: 300}, 2048, same),
		with(peakCase{Name: "embed, 6000 atoms, cells", Work: "embed", Shape: square(32), Images: 300}, 6000, func(c *smt.Config) { c.Spectrum = 0 }),
		with(peakCase{Name: "embed larger images, 512 atoms", Work: "embed", Shape: square(300), Images: 3}, 512, same),
		with(peakCase{Name: "embed whitened", Work: "embed", Shape: square(32), Images: 300, Test: 2000, Components: 400}, 512, same),
		with(peakCase{Name: "embed whitened, many components", Work: "embed", Shape: square(32), Images: 300, Test: 3000, Components: 3000}, 512, same),
		with(peakCase{Name: "embed whitened, more images than values", Work: "embed", Shape: square(20), Images: 300, Test: 6000, Components: 1200}, 512, func(c *smt.Config) {
			c.Dims = 128
		}),
		with(peakCase{Name: "evaluate", Work: "evaluate", Shape: square(32), Images: 1000, Test: 1500,
			Protocol: judge.Protocol{K: 30, Temperature: 0.03, Flips: true}}, 1024, same),
		with(peakCase{Name: "evaluate whitened", Work: "evaluate", Shape: square(32), Images: 2000, Test: 300,
			Protocol: judge.Protocol{K: 30, Temperature: 0.05, Flips: true, Components: 400}}, 1024, same),
		with(peakCase{Name: "evaluate with hubs", Work: "evaluate", Shape: square(32), Images: 2000, Test: 300,
			Protocol: judge.Protocol{K: 30, Temperature: 0.05, Flips: true, Hubs: 1000}}, 1024, same),

		with(peakCase{Name: "explain a model", Work: "explain", Shape: square(32)}, 6000, same),
		with(peakCase{Name: "explain, 2048 atoms", Work: "explain", Shape: square(32), Images: 1500, Test: 2000}, 2048, same),
		with(peakCase{Name: "explain larger images", Work: "explain", Shape: square(200), Images: 12, Test: 4}, 512, same),
		with(peakCase{Name: "serve, 2048 atoms", Work: "serve", Shape: square(32), Images: 1500}, 2048, same),
		with(peakCase{Name: "serve, 6000 atoms, cells", Work: "serve", Shape: square(32), Images: 500}, 6000, func(c *smt.Config) { c.Spectrum = 0 }),
		with(peakCase{Name: "serve larger images", Work: "serve", Shape: square(200), Images: 12}, 512, same),
	}
}

// prepareParts makes a plan and, to be solved for, the statistics of all images.
func (c *peakCase) prepareParts(t *testing.T) {
	src := ofSize(c.Images, c.Shape, 1)
	plan, err := smt.NewPlan(t.Context(), src, c.Config)
	if err != nil {
		t.Fatal(err)
	}
	c.Plan, c.Part = filepath.Join(t.TempDir(), "plan"), filepath.Join(t.TempDir(), "part")
	if err := plan.Save(c.Plan); err != nil {
		t.Fatal(err)
	}
	if c.Work == "count" {
		return
	}
	part, err := plan.Count(t.Context(), src, 0, src.Len())
	if err != nil {
		t.Fatal(err)
	}
	if err := part.Save(c.Part); err != nil {
		t.Fatal(err)
	}
}

// prepare makes the files that a case needs.
func (c *peakCase) prepare(t *testing.T) {
	if c.Work == "count" || c.Work == "solve" {
		c.prepareParts(t)
		return
	}
	if c.Work != "fit" {
		shape := c.Shape
		if side := 32 + c.Config.Pool; shape.Height > 100 { // smaller images, which is faster
			shape.Height, shape.Width = side, side
		}
		m, err := smt.Fit(context.Background(), ofSize(200, shape, 3), c.Config)
		if err != nil {
			t.Fatal(err)
		}
		c.Model = filepath.Join(t.TempDir(), "model.safetensors")
		if err := m.Save(c.Model); err != nil {
			t.Fatal(err)
		}
	}
	if c.Work == "explain" {
		c.Report = filepath.Join(t.TempDir(), "report")
	}
	if c.IDX > 0 {
		c.Folder = t.TempDir()
		c.writeIDX(t)
	}
	if c.Stored.Height == 0 {
		return
	}
	c.Folder = t.TempDir()
	src := ofSize(c.Images, c.Stored, 1)
	pix := make([]uint8, c.Stored.Len())
	img := image.NewNRGBA(image.Rect(0, 0, c.Stored.Width, c.Stored.Height))
	for i := range c.Images {
		if i < 3 { // the others are copies: reading them takes as much
			if err := src.Image(i, pix); err != nil {
				t.Fatal(err)
			}
			for k := range len(pix) / 3 {
				copy(img.Pix[4*k:], pix[3*k:3*k+3])
				img.Pix[4*k+3] = 255
			}
		}
		f, err := os.Create(filepath.Join(c.Folder, fmt.Sprintf("%03d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// writeIDX writes the images, again and again, to a packed file.
func (c *peakCase) writeIDX(t *testing.T) {
	f, err := os.Create(filepath.Join(c.Folder, "train-images-idx3-ubyte.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for i := range c.Images {
		pix := make([]uint8, c.Shape.Len())
		if err := (smttest.Blobs{Textures: ofSize(c.Images, c.Shape, 1)}).Image(i, pix); err != nil {
			t.Fatal(err)
		}
		all = append(all, pix...)
	}
	write := func(b []byte) {
		if _, err := z.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	head := []byte{0, 0, 8, 3}
	for _, n := range []int{c.IDX, c.Shape.Height, c.Shape.Width} {
		head = binary.BigEndian.AppendUint32(head, uint32(n))
	}
	write(head)
	for range c.IDX / c.Images {
		write(all)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	// Labels are not used, but a folder of IDX files has them.
	labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(c.IDX))
	if err := os.WriteFile(filepath.Join(c.Folder, "train-labels-idx1-ubyte"), append(labels, make([]byte, c.IDX)...), 0o600); err != nil {
		t.Fatal(err)
	}
}
