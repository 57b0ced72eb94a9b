package reproduce

import (
	"context"
	"errors"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/judge"
)

// Judgement is what came out for a row with one seed.
type Judgement struct {
	Seed uint64            `json:"seed"`
	KNN  *judge.Evaluation `json:"knn,omitempty"` // the paper's protocol
	// Components is the vote on the components that each model would have of its own
	// (smt.Config.LearnComponents), side by side, and Values how many they are.
	Components *judge.Evaluation `json:"components,omitempty"`
	Values     int               `json:"component_values,omitempty"`
	Whitened   *judge.Evaluation `json:"whitened,omitempty"`  // the same vote, on whitened embeddings
	Corrected  *judge.Evaluation `json:"corrected,omitempty"` // hubs corrected
	Probe      *judge.Probed     `json:"probe,omitempty"`
	// Readout is what package readout does with the same components, from few labels and from all; nil in results of a version that
	// did not ask.
	Readout []Reading `json:"readout,omitempty"`
	Members []string  `json:"members"` // the names of their files
	// Fitted is the images that each of them was fitted on, and how many of these its
	// statistics are of; nil in results of a version that did not say.
	Fitted   []smt.Data `json:"fitted,omitempty"`
	Embedded Cost       `json:"made"` // fitting and embedding
	Judged   Cost       `json:"judged"`
}

func (j *Judgement) done() bool {
	return j.KNN != nil && j.Components != nil && j.Whitened != nil && j.Corrected != nil && j.Probe != nil && j.Readout != nil
}

func (j *Judgement) cost() Cost { return j.Embedded.plus(j.Judged) }

// judge makes what is missing of a judgement. keep is called after each part.
func (r *runner) judge(ctx context.Context, w row, jobs []job, j *Judgement, keep func() error) (err error) {
	bankFiles, err := r.kept(w, jobs, "train")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bankFiles.Close()) }()
	testFiles, err := r.kept(w, jobs, "test")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, testFiles.Close()) }()
	bank, test, err := labelledBoth(bankFiles, testFiles, nil)
	if err != nil {
		return err
	}

	part := func(work func() error) error {
		if err := measured(&j.Judged, work); err != nil {
			return errors.Join(err, keep())
		}
		return keep()
	}
	paper := judge.Paper(bank.Even() >= 0)
	white, corrected := paper, paper
	paper.Temperature = w.temperature
	white.Temperature = w.whitened
	corrected.Temperature, corrected.Hubs = w.corrected, hubSample
	if err := r.judgeOwn(ctx, jobs, bankFiles, testFiles, j, part); err != nil { // first: nothing of it is held later
		return err
	}
	whiteBank, whiteTest, values := bank, test, whitenedTo(bank.Len(), bank.Dim())
	if j.Whitened == nil || j.Probe == nil { // once, for both
		err := part(func() error {
			c, err := judge.Components(ctx, bank.Set, values, r.report)
			if err == nil {
				whiteBank.Set, whiteTest.Set = c.Of(bank.Set), c.Of(test.Set)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, k := range []struct {
		name       string
		bank, test judge.Labelled
		protocol   judge.Protocol
		whiten     int // what bank and test have been whitened to
		e          **judge.Evaluation
	}{
		{"kNN", bank, test, paper, 0, &j.KNN},
		{"whitened", whiteBank, whiteTest, white, values, &j.Whitened},
		{"hubs corrected", bank, test, corrected, 0, &j.Corrected},
	} {
		if *k.e != nil {
			continue
		}
		err := part(func() error {
			e, err := judge.Evaluate(ctx, k.bank, k.test, k.protocol, r.report)
			if err != nil {
				return err
			}
			e.Components, *k.e = k.whiten, e
			return nil
		})
		if err != nil {
			return err
		}
		r.say("%s: top-1 %s, top-5 %s", k.name, percent((*k.e).Top1), percent((*k.e).Top5))
	}
	if j.Probe == nil {
		err := part(func() (err error) {
			p, err := judge.Probe(ctx, whiteBank, whiteTest, j.Seed, r.report)
			if err == nil {
				j.Probe = p
			}
			return err
		})
		if err != nil {
			return err
		}
		r.say("linear probe: top-1 %s, of strength %g", percent(j.Probe.Top1), j.Probe.Strength)
	}
	return nil
}

// judgeOwn judges the components that a fit of each model would have learned and stored, by votes and by package readout.
func (r *runner) judgeOwn(ctx context.Context, jobs []job, bankFiles, testFiles *kept, j *Judgement, part func(work func() error) error) error {
	if j.Components != nil && j.Readout != nil {
		return nil
	}
	var bank, test judge.Labelled
	err := part(func() error {
		own, err := r.ownComponents(ctx, jobs, bankFiles)
		if err == nil {
			bank, test, err = labelledBoth(bankFiles, testFiles, own)
		}
		return err
	})
	if err != nil {
		return err
	}
	if j.Components == nil {
		err := part(func() (err error) {
			p := judge.Paper(bank.Even() >= 0)
			p.Temperature = shortTemperature
			j.Values = bank.Dim()
			j.Components, err = judge.Evaluate(ctx, bank, test, p, r.report)
			return err
		})
		if err != nil {
			return err
		}
		r.say("components of the models: top-1 %s, top-5 %s", percent(j.Components.Top1), percent(j.Components.Top5))
	}
	if j.Readout == nil {
		if err := part(func() error { return r.judgeReadout(ctx, bank, test, bankFiles.src, j) }); err != nil {
			return err
		}
		for _, of := range j.Readout {
			r.say("readout of %s by %s: top-1 %s", of.labels(), of.Method, percent(mean(of.Top1)))
		}
	}
	return nil
}

// whitenedTo is the number of values that n embeddings of dim values are whitened to:
// fewer in quick runs, whose banks could not tell so many components.
func whitenedTo(n, dim int) int { return max(1, min(whitenTo, n/4, dim)) }
