package explain

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	imagesource "github.com/sparse-manifold/smt/source/image"
)

// Sample is what codes and embeddings of some images are like.
type Sample struct {
	Images  int `json:"images"`
	Patches int `json:"patches"`
	Blank   int `json:"blank"` // patches without signal, which are not coded
	Coded   int `json:"coded"` // patches with an active atom
	// Usage is in how many patches each atom is active: D values.
	Usage []int `json:"-"`
	// Active[k] is the number of patches with k active atoms, blank ones left out.
	Active []int `json:"-"`
	// Mean is the mean patch, before anything is subtracted: dim values of 0 to 1.
	Mean []float64 `json:"-"`

	// The VICReg terms of the patch embedding, over the sample. Covariance is
	// E[ββᵀ], d × d, of the patches (and, for a model fitted with flips, of their
	// flips); Invariance is E‖β_i − β_ctx(i)‖² of each coordinate, d values. Over
	// the images that a model was fitted on they are the identity and the
	// eigenvalues.
	Covariance []float64 `json:"-"`
	Invariance []float64 `json:"-"`
}

// Dead is the number of atoms that are active in no patch.
func (s *Sample) Dead() (n int) {
	for _, u := range s.Usage {
		if u == 0 {
			n++
		}
	}
	return n
}

// MeanActive is the mean number of active atoms of a coded patch.
func (s *Sample) MeanActive() float64 {
	sum := 0
	for _, u := range s.Usage {
		sum += u
	}
	return float64(sum) / float64(max(1, s.Coded))
}

// measureGroup is the number of images summed in float32 before they join the
// float64 sums, in order, so that workers change nothing.
const measureGroup = 4

// Measure reads the images of src as the statistics of a fit do, with the gray
// views a model was fitted with, and every patch also where the fit took fewer.
func Measure(ctx context.Context, m *smt.Model, src dataset.Source, progress func(done, total int)) (*Sample, error) {
	if src.Len() == 0 {
		return nil, fmt.Errorf("explain: no images to measure")
	}
	if m.Config().Grayscale {
		src = imagesource.WithGray(src)
	}
	d, dim := m.Config().Dims, m.Stages().Transform.Dim()
	s := &Sample{Images: src.Len(), Usage: make([]int, m.Config().Atoms), Mean: make([]float64, dim),
		Covariance: make([]float64, d*d), Invariance: make([]float64, d)}
	var units float64 // of the invariance: patches, or pairs of them
	groups := (src.Len() + measureGroup - 1) / measureGroup
	batch := 2 * parallel.Workers(groups)
	for g0 := 0; g0 < groups; g0 += batch {
		progress(g0*measureGroup, src.Len())
		parts := make([]measured, min(batch, groups-g0))
		err := parallel.ForErr(ctx, len(parts), func(_, i int) error {
			first := (g0 + i) * measureGroup
			return parts[i].add(m, src, first, min(first+measureGroup, src.Len()))
		})
		if err != nil {
			return nil, err
		}
		for i := range parts {
			units += parts[i].units
			s.merge(&parts[i])
		}
	}
	progress(src.Len(), src.Len())
	if s.Coded == 0 {
		return nil, fmt.Errorf("explain: of %s of %s none has an active atom", plural.Of(s.Patches, "patch"), plural.Of(s.Images, "image"))
	}
	for i := range s.Mean {
		s.Mean[i] /= float64(s.Patches)
	}
	for i := range s.Covariance {
		s.Covariance[i] /= float64(s.Coded)
	}
	for i := range s.Invariance {
		s.Invariance[i] /= max(1, units)
	}
	// The flip of a patch has β with the odd coordinates negated: with it, what an
	// even and an odd coordinate have in common cancels.
	if parity := m.Stages().Layout.Parity; parity != nil {
		for i := range s.Covariance {
			if parity[i/d] != parity[i%d] {
				s.Covariance[i] = 0
			}
		}
	}
	return s, nil
}

// measured is the sums of a few images.
type measured struct {
	Sample
	covariance linalg.Matrix
	units      float64
}

func (s *Sample) merge(p *measured) {
	s.Patches += p.Patches
	s.Blank += p.Blank
	s.Coded += p.Coded
	for a, n := range p.Usage {
		s.Usage[a] += n
	}
	for len(s.Active) < len(p.Active) {
		s.Active = append(s.Active, 0)
	}
	for k, n := range p.Active {
		s.Active[k] += n
	}
	for i, v := range p.Mean {
		s.Mean[i] += v
	}
	for i, v := range p.covariance.Data {
		s.Covariance[i] += float64(v)
	}
	for j, v := range p.Invariance {
		s.Invariance[j] += v
	}
}

// add measures images first to last-1.
func (p *measured) add(m *smt.Model, src dataset.Source, first, last int) error {
	d := m.Config().Dims
	p.Usage, p.Mean = make([]int, m.Config().Atoms), make([]float64, m.Stages().Transform.Dim())
	p.Invariance, p.covariance = make([]float64, d), linalg.New(d, d)
	for i := first; i < last; i++ {
		r, err := Read(m, src, i, false)
		if err != nil {
			return err
		}
		im, err := ImageOf(src, i)
		if err != nil {
			return err
		}
		p.addMean(m, im, r)
		p.Patches += r.Codes.N()
		for _, a := range r.Codes.Atom {
			p.Usage[a]++
		}
		coded := make([]bool, r.Codes.N())
		for k := range coded {
			if r.Patches.Blank[k] {
				p.Blank++
				continue
			}
			active := len(r.Codes.Row(k))
			for len(p.Active) <= active {
				p.Active = append(p.Active, 0)
			}
			p.Active[active]++
			if active > 0 {
				coded[k] = true
				p.Coded++
			}
		}
		beta := linalg.Wrap(r.Codes.N(), d, Embed(m, &r.Codes))
		linalg.AddMulSerial(p.covariance, beta.T(), beta)
		p.units += differences(m.Config().Context, beta, coded, r.Rows, r.Cols, p.Invariance)
	}
	return nil
}

// addMean adds the patches of an image, value by value.
func (p *measured) addMean(m *smt.Model, im Image, r *Reading) {
	for i := range r.Rows * r.Cols {
		for k, line := range im.Lines(m.Stages().Transform.Box(im.Shape, i)) {
			for j, v := range line {
				p.Mean[k*len(line)+j] += float64(v) / 255
			}
		}
	}
}

// differences adds Σ(β_i − β_ctx(i))² of each coordinate to sum and returns the
// number of terms: the forms of L (package cooccur), applied to β.
func differences(c cooccur.Context, beta linalg.Matrix, coded []bool, rows, cols int, sum []float64) (terms float64) {
	if c.Kind == cooccur.Whole {
		n := 0
		mean := make([]float64, beta.Cols)
		for i, ok := range coded {
			if ok {
				n++
				for j, v := range beta.Row(i) {
					mean[j] += float64(v)
				}
			}
		}
		for i, ok := range coded {
			if ok {
				for j, v := range beta.Row(i) {
					diff := float64(v) - mean[j]/float64(n)
					sum[j] += diff * diff
				}
			}
		}
		return float64(n)
	}
	grid, near := cooccur.Grid{rows, cols}, make([]float64, beta.Cols)
	for i, ok := range coded {
		if !ok {
			continue
		}
		n := 0
		clear(near)
		grid.Near(i, c.Radius, func(from, to int) {
			for k := from; k < to; k++ {
				if k == i || !coded[k] {
					continue
				}
				n++
				for j, v := range beta.Row(k) {
					if c.Difference == 1 {
						diff := float64(beta.At(i, j) - v)
						sum[j] += diff * diff
					} else {
						near[j] += float64(v)
					}
				}
			}
		})
		switch {
		case n == 0:
		case c.Difference == 1:
			terms += float64(n)
		default:
			terms++
			for j, v := range beta.Row(i) {
				diff := float64(v) - near[j]/float64(n)
				sum[j] += diff * diff
			}
		}
	}
	return terms
}
