package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/readout"
)

// readOut is how often package readout finds the class of a test image.
type readOut struct {
	Method  readout.Method `json:"method"`
	Cut     float64        `json:"kernel_cut,omitempty"` // readout.Classifier.Cut
	Labels  int            `json:"labels"`               // of the bank
	Top1    float64        `json:"top1"`
	Error   float64        `json:"standard_error"`
	Loss    float64        `json:"loss"` // the mean −log of the probability of the true class
	Seconds float64        `json:"seconds"`
}

// readOutOf learns from so many labels of each class of the bank, or all for 0, and classifies the test images. Both are
// gone through several times.
func readOutOf(ctx context.Context, bank, test judge.Labelled, each int, seed uint64, report func(stage string, done, total int)) (*readOut, error) {
	began := time.Now()
	names := bank.Labels.Classes()
	labels := make([]int, bank.Len())
	for i := range labels {
		labels[i] = bank.Labels.Label(i)
	}
	labels = readout.Draw(labels, len(names), each, seed)
	g, err := graph.New(ctx, bank.Set, graph.Nearest, report)
	if err != nil {
		return nil, err
	}
	b, err := readout.NewBank(bank.Set, g, report)
	if err != nil {
		return nil, err
	}
	labelled := 0
	for _, l := range labels {
		if l >= 0 {
			labelled++
		}
	}
	b.Limit(memory.Left().Beside(readout.Least(labelled, bank.Len(), bank.Set.Dim(), len(names))))
	c, err := b.Learn(ctx, labels, names, readout.Chosen)
	if err != nil {
		return nil, err
	}
	answers, err := c.Classify(ctx, test.Set, nil)
	if err != nil {
		return nil, err
	}
	r := &readOut{Method: c.Method(), Cut: c.Cut(), Labels: labelled}
	truth := make([]int, len(answers))
	for i := range truth {
		truth[i] = test.Labels.Label(i)
	}
	r.Top1, r.Loss = readout.Score(answers, truth)
	r.Error = judge.StandardError(r.Top1, len(answers))
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

// held is the embeddings of images, made once.
func held(ctx context.Context, l judge.Labelled, stage string, report func(stage string, done, total int)) (judge.Labelled, error) {
	var err error
	l.Set, err = embedding.Hold(ctx, l.Set, func(done, total int) { report(stage, done, total) })
	return l, err
}

func (r *readOut) print(w io.Writer) {
	fmt.Fprintf(w, "readout top-1\t%.2f ± %.2f %%   (%s, of %s)\n", 100*r.Top1, 100*r.Error, methodOf(r.Method, r.Cut), numberOf(r.Labels, "label"))
}

// methodOf names a method and, of a kernel that is cut off, where.
func methodOf(m readout.Method, cut float64) string {
	if cut == 0 {
		return string(m)
	}
	return fmt.Sprintf("%s, the kernel cut off at a cosine of %.3f", m, cut)
}
