package smt

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/judge"
)

// PaperProtocol is the paper's, for a model: with flips in the bank if the model was
// fitted with them.
func (m *Model) PaperProtocol() judge.Protocol { return m.asEnsemble().PaperProtocol() }

// PaperProtocol is that of a model, with flips in the bank if all models were fitted
// with them.
func (e *Ensemble) PaperProtocol() judge.Protocol {
	flips := true
	for _, m := range e.members {
		flips = flips && m.Model.enc.cfg.Flips
	}
	return judge.Paper(flips)
}

// Evaluate classifies the test images by their nearest neighbours among the
// labelled images of the bank.
func (m *Model) Evaluate(ctx context.Context, bank, test dataset.Source, p judge.Protocol, list ...Option) (*judge.Evaluation, error) {
	return m.asEnsemble().Evaluate(ctx, bank, test, p, list...)
}

// Evaluate classifies the test images by their nearest neighbours among the
// labelled images of the bank.
func (e *Ensemble) Evaluate(ctx context.Context, bank, test dataset.Source, p judge.Protocol, list ...Option) (*judge.Evaluation, error) {
	if bank.Shape() != test.Shape() {
		return nil, fmt.Errorf("smt: evaluate: bank images are %v, test images %v", bank.Shape(), test.Shape())
	}
	b, err := e.Embeddings(bank)
	if err != nil {
		return nil, err
	}
	t, err := e.Embeddings(test)
	if err != nil {
		return nil, err
	}
	return judge.Evaluate(ctx, Labelled(bank, b), Labelled(test, t), p, apply(list).report)
}

// Labelled is the embeddings of the images of src, however they came about, with the
// images' labels.
func Labelled(src dataset.Source, e embedding.Set) judge.Labelled {
	l := judge.Labelled{Set: e, Labels: src}
	if coarse, err := dataset.Coarse(src); err == nil { // an error says that there are none
		l.Coarse = coarse
	}
	return l
}
