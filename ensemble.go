package smt

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
)

// Ensemble is several models side by side. The embedding of an image is its
// members' embeddings, each of unit length and weighted, one after the other: the
// cosine of two images is the weighted mean of the members' cosines. It is kept as a folder
// of models (LoadEnsemble).
type Ensemble struct{ members []Member }

// Member is a model of an ensemble and what it sees.
type Member struct {
	Name  string // that LoadEnsemble read, without .safetensors
	Model *Model
	// Gray has a model that was fitted on images of three channels see three equal
	// ones. A model fitted on images of one sees the gray view of colour images anyhow.
	Gray bool
	// Weight is that of the model's cosines, beside those of the others.
	Weight float64
}

// NewEnsemble returns an ensemble of at least one member.
func NewEnsemble(members ...Member) (*Ensemble, error) {
	if len(members) == 0 {
		return nil, fmt.Errorf("smt: an ensemble of no models: want at least one")
	}
	for i, m := range members {
		if !(m.Weight > 0) {
			return nil, fmt.Errorf("smt: member %d of the ensemble has weight %g: want a positive number", i, m.Weight)
		}
	}
	return &Ensemble{slices.Clone(members)}, nil
}

// asEnsemble is an ensemble of the model alone.
func (m *Model) asEnsemble() *Ensemble { return &Ensemble{[]Member{{Model: m, Weight: 1}}} }

// Members are the models of the ensemble and what they see.
func (e *Ensemble) Members() []Member { return slices.Clone(e.members) }

// Long is the ensemble of the models without their components: all values of embeddings.
func (e *Ensemble) Long() *Ensemble {
	members := e.Members()
	for i := range members {
		members[i].Model = members[i].Model.Long()
	}
	return &Ensemble{members}
}

// Whole is the ensemble of the models that embed images by all their patches.
func (e *Ensemble) Whole() *Ensemble {
	members := e.Members()
	for i := range members {
		members[i].Model = members[i].Model.Whole()
	}
	return &Ensemble{members}
}

// View is what the model sees of src.
func (m Member) View(src dataset.Source) dataset.Source {
	switch channels := m.Model.enc.transform().Channels; {
	case channels == 1:
		return dataset.Gray(src)
	case m.Gray:
		return dataset.Repeat(dataset.Gray(src))
	default:
		return src
	}
}

// Embeddings are those of an ensemble of the model alone.
func (m *Model) Embeddings(src dataset.Source) (embedding.Set, error) {
	return m.asEnsemble().Embeddings(src)
}

// Embeddings are the embeddings of the images of src, made each time they are
// asked for, in blocks on all workers.
func (e *Ensemble) Embeddings(src dataset.Source) (embedding.Set, error) {
	sets, weights := make([]embedding.Set, len(e.members)), make([]float64, len(e.members))
	for i, m := range e.members {
		view := m.View(src)
		if err := m.Model.Check(view.Shape()); err != nil {
			return nil, err
		}
		sets[i], weights[i] = m.Model.embeddings(view, options{}), m.Weight
	}
	return embedding.Join(weights, sets...)
}

// embeddings are those of images that the model may be used on.
func (m *Model) embeddings(src dataset.Source, o options) embedding.Set {
	if m.components == nil {
		return onDemand{m, src, o}
	}
	return m.components.Of(onDemand{m, src, o})
}

// onDemand is the embeddings of images by one model, made when they are asked for: without
// components, in the basis of even and odd values.
type onDemand struct {
	model *Model
	src   dataset.Source
	o     options
}

func (s onDemand) Len() int { return s.src.Len() }
func (s onDemand) Dim() int { return s.model.enc.cfg.Dim(s.src.Shape()) }

func (s onDemand) Even() int {
	if s.model.parity == nil {
		return -1
	}
	return s.model.layout().EvenDim(s.model.enc.transform().Grid(s.src.Shape()))
}

func (s onDemand) ID(i int) (string, error) { return s.src.ID(i), nil }

func (s onDemand) Pick(rows []int) embedding.Set {
	return onDemand{s.model, dataset.Pick(s.src, rows), s.o}
}

func (s onDemand) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		dim, layout := s.Dim(), s.model.layout()
		rows, cols := s.model.enc.transform().Grid(s.src.Shape())
		rotated := make([][]float32, parallel.Workers(n))
		for block, err := range s.model.embedBlocks(ctx, s.src, s.o, n) {
			if err != nil {
				yield(nil, err)
				return
			}
			parallel.For(len(block)/dim, func(w, i int) {
				x := block[i*dim : (i+1)*dim]
				if s.model.parity != nil {
					rotated[w] = reuse.Slice(rotated[w], dim)
					layout.EvenOdd(x, rows, cols, rotated[w])
					copy(x, rotated[w])
				}
				linalg.Unit(x)
			})
			if !yield(block, nil) {
				return
			}
		}
	}
}
