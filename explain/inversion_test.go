package explain

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/pool/pooltest"
	"github.com/sparse-manifold/smt/sparse"
)

func inverted(t *testing.T, m *smt.Model, i int) (Image, map[Level]Kept) {
	t.Helper()
	im, err := ImageOf(colour(120), i)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewInverter(m)
	if err != nil {
		t.Fatal(err)
	}
	all, err := v.Invert(t.Context(), im, Lambda)
	if err != nil {
		t.Fatal(err)
	}
	by := map[Level]Kept{}
	for _, k := range all {
		by[k.Level] = k
	}
	return im, by
}

// What is lost at a level is computed from the definition, pixel by pixel, in float64.
func TestInversionOfCodesAgreesWithDefinition(t *testing.T) {
	for name, m := range models(t) {
		im, kept := inverted(t, m, 3) // which has blank patches
		s, dim := m.Stages(), m.Stages().Transform.Dim()
		size, c := s.Transform.Size, im.Shape.Channels
		r, err := Read(m, im.Source(), 0, true)
		if err != nil {
			t.Fatal(err)
		}
		sums, counts, lost, coded := make([]float64, len(im.Pix)), make([]float64, len(im.Pix)), 0.0, 0.0
		used := pooltest.Used(m.Config().Thin, r.Rows, r.Cols)
		for i := range r.Codes.N() {
			if !used[i] {
				continue
			}
			near := make([]float32, dim)
			for k := r.Codes.Start[i]; k < r.Codes.Start[i+1]; k++ {
				for j, y := range row(s.Dictionary.Atoms, int(r.Codes.Atom[k]), dim) {
					near[j] += float32(value(&r.Codes, int(k)) * float64(y))
				}
			}
			if !r.Patches.Blank[i] {
				coded++
				cosine := Cosine(r.Patches.X[i*r.Patches.Stride:][:dim], near)
				lost += 1 - max(0, cosine)*max(0, cosine)
			}
			pixels, err := Unwhiten(m, near)
			if err != nil {
				t.Fatal(err)
			}
			var places []int
			for y := range size {
				for x := range size * c {
					places = append(places, ((i/r.Cols+y)*im.Shape.Width+i%r.Cols)*c+x)
				}
			}
			// Least squares for p = mean + scale·pixels, by centring both.
			var meanP, meanX, xx, xp float64
			for j, p := range places {
				meanP, meanX = meanP+float64(im.Pix[p])/float64(dim), meanX+float64(pixels[j])/float64(dim)
			}
			for j, p := range places {
				x := float64(pixels[j]) - meanX
				xx, xp = xx+x*x, xp+x*(float64(im.Pix[p])-meanP)
			}
			scale := 0.0
			if xx > 0 {
				scale = max(0, xp/xx)
			}
			for j, p := range places {
				sums[p], counts[p] = sums[p]+meanP+scale*(float64(pixels[j])-meanX), counts[p]+1
			}
		}
		var mean, error2, all float64
		for _, p := range im.Pix {
			mean += float64(p) / float64(len(im.Pix))
		}
		for i, p := range im.Pix {
			error2, all = error2+math.Pow(sums[i]/counts[i]-float64(p), 2), all+math.Pow(float64(p)-mean, 2)
		}
		got := kept[OfCodes]
		if math.Abs(got.Patches-lost/coded) > 1e-4 || math.Abs(got.Pixels-error2/all) > 1e-4 {
			t.Errorf("%s: lost %g of patches and %g of pixels, want %g and %g", name, got.Patches, got.Pixels, lost/coded, error2/all)
		}
		for level, k := range kept {
			if !(k.Patches >= 0 && k.Patches <= 1+1e-9) || !(k.Pixels >= 0 && k.Pixels < 1) || k.Image.Shape != im.Shape {
				t.Errorf("%s: %s: %+v", name, level, k)
			}
		}
		if k := kept[OfMeans]; k.Patches != 1 || k.Pixels < kept[OfCodes].Pixels {
			t.Errorf("%s: brightness alone loses %g of patches and %g of pixels, codes %g", name, k.Patches, k.Pixels, kept[OfCodes].Pixels)
		}
	}
}

// The vectors of the patches themselves bring the image back, whatever the whitening and the centring.
func TestPatchesArePutBack(t *testing.T) {
	for name, m := range models(t) {
		im, err := ImageOf(colour(120), 3)
		if err != nil {
			t.Fatal(err)
		}
		var s Side
		r, err := s.embed(m, im)
		if err != nil {
			t.Fatal(err)
		}
		var x []float32
		for i := range r.Patches.N {
			x = append(x, r.Patches.X[i*r.Patches.Stride:][:m.Stages().Transform.Dim()]...)
		}
		v, err := NewInverter(m)
		if err != nil {
			t.Fatal(err)
		}
		k, err := v.put(OfCodes, im, &s, x, x)
		if err != nil {
			t.Fatal(err)
		}
		if k.Patches > 1e-9 || k.Pixels > 1e-6 || !slices.Equal(k.Image.Pix, im.Pix) {
			t.Errorf("%s: %g of patches and %g of pixels are lost of nothing", name, k.Patches, k.Pixels)
		}
	}
}

// More coordinates bring back more of the patches.
func TestInversionLosesLessWithDims(t *testing.T) {
	before := math.Inf(1)
	for _, dims := range []int{3, 8, 20, 45} {
		c := small()
		c.Code, c.Threshold, c.Dims, c.Skip = sparse.L1, 0.2, dims, 0
		m, lost := fitted(t, colour(120), c), 0.0
		for i := range 4 {
			_, kept := inverted(t, m, i)
			lost += kept[OfBetas].Patches / 4
			if cells := kept[OfCells].Patches; cells < kept[OfBetas].Patches {
				t.Errorf("%d coordinates, image %d: cells lose %g, embeddings of patches %g", dims, i, cells, kept[OfBetas].Patches)
			}
		}
		if lost >= before {
			t.Errorf("%d coordinates lose %g, fewer %g", dims, lost, before)
		}
		before = lost
	}
}

func TestInversionErrors(t *testing.T) {
	m := fitted(t, colour(120), small())
	v, err := NewInverter(m)
	if err != nil {
		t.Fatal(err)
	}
	gray := Image{Shape: dataset.Shape{Height: 13, Width: 14, Channels: 1}, Pix: make([]uint8, 13*14)}
	if _, err := v.Invert(t.Context(), gray, Lambda); err == nil {
		t.Error("an image of another kind: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	im, err := ImageOf(colour(1), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Invert(ctx, im, Lambda); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the context ended", err)
	}
}

// Images are too large by their patches, or by these times the atoms.
func TestTooLargeToInvert(t *testing.T) {
	m := fitted(t, colour(120), small())
	size, atoms := m.Config().Patch, m.Config().Atoms
	shape := func(rows, cols int) dataset.Shape {
		return dataset.Shape{Height: rows + size - 1, Width: cols + size - 1, Channels: 3}
	}
	if err := TooLargeToInvert(m, shape(64, 64)); err != nil {
		t.Errorf("4096 patches of %d atoms: %v", atoms, err)
	}
	if err := TooLargeToInvert(m, shape(64, 65)); err == nil || !strings.Contains(err.Error(), "4160 patches: at most 4096") {
		t.Errorf("4160 patches: error %v", err)
	}
	for atoms, fine := range map[int]bool{1 << 14: true, 1<<14 + 1: false} {
		if err := tooLarge(shape(64, 64), 4096, atoms); (err == nil) != fine || err != nil && !strings.Contains(err.Error(), "16385 atoms: at most 16384") {
			t.Errorf("4096 patches and %d atoms: error %v", atoms, err)
		}
	}
}
