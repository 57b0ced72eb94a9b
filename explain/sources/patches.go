package sources

import (
	"cmp"
	"context"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/manifold"
)

// Patches is atoms that patches of images are coded by, and which are near in the embedding.
type Patches struct {
	Learned
	Model  *smt.Model
	Images int
	// Groups are some atoms, the first of each row, with those whose columns of P have the largest cosines to
	// its own, nearest first.
	Groups [][]int
}

const (
	patchAtoms  = 1024
	patchImages = 1000
	groupRows   = 12
	groupAtoms  = 14 // of a row
)

// NewPatches learns from which patches are near in images.
func NewPatches(ctx context.Context, images dataset.Source, seed uint64, progress manifold.Progress) (*Patches, error) {
	name := "mnist"
	if images.Shape().Channels == 3 {
		name = "cifar"
	}
	cfg, err := smt.Preset(name)
	if err != nil {
		return nil, err
	}
	cfg.Atoms, cfg.Images, cfg.Seed = patchAtoms, min(patchImages, images.Len()), seed
	cfg.Dims = min(cfg.Dims, 64)
	m, err := smt.Fit(ctx, images, cfg, smt.Progress(progress))
	if err != nil {
		return nil, err
	}
	r := m.Record()
	p := &Patches{Model: m, Images: cfg.Images, Learned: Learned{r.Data.Patches, cfg.Atoms, m.Stages().Eigenvalues, r.Objective}}
	for row := range groupRows {
		p.Groups = append(p.Groups, nearest(m, row*cfg.Atoms/groupRows, groupAtoms))
	}
	return p, nil
}

// nearest are the n atoms whose rows of Pᵀ have the largest cosines to that of atom a, which is the first.
func nearest(m *smt.Model, a, n int) []int {
	p := m.Stages().Projection
	type other struct {
		atom   int
		cosine float64
	}
	var all []other
	for b := range m.Config().Atoms {
		all = append(all, other{b, explain.Cosine(p.Row(a), p.Row(b))})
	}
	slices.SortStableFunc(all, func(x, y other) int { return cmp.Compare(y.cosine, x.cosine) })
	var found []int
	for _, o := range all[:n] {
		found = append(found, o.atom)
	}
	return found
}
