package reproduce

import (
	"context"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/readout"
)

// Reading is how many test images get their class from labels of some of the bank, by the models' own components.
type Reading struct {
	Labels int            `json:"labels"` // of each class, 0 for all
	Method readout.Method `json:"method"` // that package readout chose
	// Top1 is of package readout, Vote of the paper's vote of the labelled images, and Loss the mean −log of the probability that
	// readout gives the true class: a value for each draw of labels.
	Top1 []float64 `json:"top1"`
	Vote []float64 `json:"vote"`
	Loss []float64 `json:"loss"`
}

const (
	labelDraws = 3
	firstDraw  = 100 // the seed of the first draw
)

// labelLevels are the numbers of labels a class that are told apart where a bank has more; 0 is all.
var labelLevels = []int{1, 10, 100, 500, 0}

// reader reads classes out of a bank.
type reader struct {
	bank, test judge.Labelled
	src        dataset.Source // of the bank
	labels     []int          // of the bank
	by         *readout.Bank
}

// judgeReadout reads classes out of the models' own components, from few labels and from all.
func (r *runner) judgeReadout(ctx context.Context, bank, test judge.Labelled, src dataset.Source, j *Judgement) (err error) {
	for _, l := range []*judge.Labelled{&bank, &test} { // they are gone through again and again
		if l.Set, err = embedding.Hold(ctx, l.Set, func(done, total int) { r.report("holding components", done, total) }); err != nil {
			return err
		}
	}
	g, err := graph.New(ctx, bank.Set, graph.Nearest, r.report)
	if err != nil {
		return err
	}
	bank.Coarse, test.Coarse = nil, nil
	d := &reader{bank: bank, test: test, src: src}
	for i := range src.Len() {
		d.labels = append(d.labels, src.Label(i))
	}
	if d.by, err = readout.NewBank(bank.Set, g, r.report); err != nil {
		return err
	}
	var all []Reading
	for _, each := range labelLevels {
		if each*len(src.Classes()) >= src.Len() {
			continue // as many as there are
		}
		of := Reading{Labels: each}
		for draw := range labelDraws {
			if each == 0 && draw > 0 {
				break
			}
			if err := d.read(ctx, readout.Draw(d.labels, len(src.Classes()), each, uint64(firstDraw+draw)), &of); err != nil {
				return err
			}
		}
		all = append(all, of)
	}
	j.Readout = all
	return nil
}

// read adds to a reading what comes of a draw of labels.
func (d *reader) read(ctx context.Context, labels []int, of *Reading) error {
	c, err := d.by.Learn(ctx, labels, d.src.Classes(), readout.Chosen)
	if err != nil {
		return err
	}
	answers, err := c.Classify(ctx, d.test.Set, nil)
	if err != nil {
		return err
	}
	truth := make([]int, len(answers))
	for i := range truth {
		truth[i] = d.test.Labels.Label(i)
	}
	top1, loss := readout.Score(answers, truth)
	var rows []int
	for i, l := range labels {
		if l >= 0 {
			rows = append(rows, i)
		}
	}
	p := judge.Paper(d.bank.Even() >= 0)
	p.Temperature = shortTemperature
	e, err := judge.Evaluate(ctx, judge.Labelled{Set: d.bank.Set.Pick(rows), Labels: dataset.Pick(d.src, rows)}, d.test, p, nil)
	if err != nil {
		return err
	}
	of.Method = c.Method()
	of.Top1, of.Vote, of.Loss = append(of.Top1, top1), append(of.Vote, e.Top1), append(of.Loss, loss)
	return nil
}

// labels says how many.
func (of *Reading) labels() string {
	if of.Labels == 0 {
		return "all labels"
	}
	return plural.Of(of.Labels, "label") + " a class"
}

// ofAllLabels is the share of test images that get their class from all labels, nil where that was not judged.
func (j *Judgement) ofAllLabels() *float64 {
	for i := range j.Readout {
		if j.Readout[i].Labels == 0 {
			return &j.Readout[i].Top1[0]
		}
	}
	return nil
}
