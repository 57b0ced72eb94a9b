package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/readout"
)

// evaluation is what demo and eval report.
type evaluation struct {
	judge.Evaluation
	Origin  explain.Origin `json:"origin"`  // of the test images
	Holdout int            `json:"holdout"` // test images that are training images held out
	Values  int            `json:"values"`  // of an embedding, before the bank's components, if any, shorten it
	Readout *readOut       `json:"readout,omitempty"`

	FitSeconds   *float64 `json:"fit_seconds"` // null where nothing was fitted
	EmbedSeconds float64  `json:"embed_seconds"`
	EvalSeconds  float64  `json:"eval_seconds"` // neighbours and votes
	Peak         int64    `json:"peak_rss_bytes"`
	*fitImages            // of one model
	*objective            // of one model
	Members      []member `json:"members,omitempty"` // of several

	Bad []dataset.BadFile `json:"bad,omitempty"` // files that are left out, as they cannot be read
}

// member is a model among several, and the objective it reached.
type member struct {
	Name string `json:"name"`
	fitImages
	objective
}

// evaluating is what is judged, and how.
type evaluating struct {
	bank, test dataset.Source
	protocol   judge.Protocol
	// readout asks for classes by package readout too, from so many labels of each, 0 for all, chosen by the seed.
	readout bool
	labels  int
	seed    uint64
}

func (a *app) evaluate(ctx context.Context, models *smt.Ensemble, what evaluating) (*evaluation, error) {
	need := needToEvaluate(models, what.bank, what.test, what.protocol)
	b, err := labelled(models, what.bank)
	if err != nil {
		return nil, err
	}
	if what.readout {
		n, dim, classes := b.Set.Len(), b.Set.Dim(), len(what.bank.Classes())
		labelled := n
		if what.labels > 0 {
			labelled = min(n, what.labels*classes)
		}
		need += int64(readout.Least(labelled, n, dim, classes)) + int64(half.Size*dim*(n+what.test.Len()))
	}
	if err := enoughFor("classifying", what.bank.Shape(), need, memory.Available()); err != nil {
		return nil, err
	}
	p := a.newProgress()
	defer p.close()
	t, err := labelled(models.Whole(), what.test)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if what.readout { // they are gone through again and again
		if b, err = held(ctx, b, "embedding bank", p.report); err != nil {
			return nil, err
		}
		if t, err = held(ctx, t, "embedding test", p.report); err != nil {
			return nil, err
		}
	}
	holding := time.Since(began)
	e, err := judge.Evaluate(ctx, b, t, what.protocol, p.report)
	if err != nil {
		return nil, err
	}
	r := &evaluation{
		Evaluation: *e, Values: b.Set.Dim(), EmbedSeconds: (holding + e.Embed).Seconds(), EvalSeconds: e.Search.Seconds(), Peak: memory.Peak(),
	}
	if what.readout {
		if r.Readout, err = readOutOf(ctx, b, t, what.labels, what.seed, p.report); err != nil {
			return nil, err
		}
		r.Peak = memory.Peak()
	}
	members := models.Members()
	if len(members) == 1 {
		i, o := fitImagesOf(members[0].Model), objectiveOf(members[0].Model.Record().Objective)
		r.fitImages, r.objective = &i, &o
		return r, nil
	}
	for _, m := range members {
		r.Members = append(r.Members, member{m.Name, fitImagesOf(m.Model), objectiveOf(m.Model.Record().Objective)})
	}
	return r, nil
}

// labelled is the embeddings of images by models, and their labels.
func labelled(models *smt.Ensemble, src dataset.Source) (judge.Labelled, error) {
	s, err := models.Embeddings(src)
	return judge.Labelled{Set: s, Labels: src, Coarse: dataset.Coarse(src)}, err
}

func (e *evaluation) print(w io.Writer) {
	flips := "without flips"
	if e.Flips {
		flips = "with flips"
	}
	protocol := fmt.Sprintf("k = %d, temperature %g, bank of %s %s, %s %v",
		e.K, e.Temperature, numberOf(e.Bank, "image"), flips, count(e.Test), e.Origin)
	if e.Components > 0 {
		protocol += fmt.Sprintf(", of %s", numberOf(e.Components, "component"))
	}
	if e.Hubs > 0 {
		protocol += fmt.Sprintf(", hubs corrected by %s", numberOf(e.Hubs, "image"))
	}
	if e.fitImages != nil {
		fmt.Fprintf(w, "fitted on\t%v\n", e.fitImages)
	}
	fmt.Fprintf(w, "kNN top-1\t%.2f ± %.2f %%   (%s)\n", 100*e.Top1, 100*judge.StandardError(e.Top1, e.Test), protocol)
	fmt.Fprintf(w, "kNN top-5\t%.2f ± %.2f %%   (%s)\n", 100*e.Top5, 100*judge.StandardError(e.Top5, e.Test), protocol)
	if e.Coarse != nil {
		fmt.Fprintf(w, "coarse top-1\t%.2f ± %.2f %%   (the same votes, of the 20 coarse classes)\n", 100**e.Coarse, 100*judge.StandardError(*e.Coarse, e.Test))
	}
	if e.Readout != nil {
		e.Readout.print(w)
	}
	fmt.Fprintf(w, "embedding\t%s an image\n", numberOf(e.Values, "value"))
	switch {
	case e.objective == nil:
	case e.FitSeconds != nil: // it was computed here
		e.objective.print(w)
	default:
		e.printRecorded(w)
	}
	for _, m := range e.Members {
		fmt.Fprintf(w, "model %s\tfitted on %v\n", m.Name, m.fitImages)
		fmt.Fprintf(w, "\tat the fit: %s\n", m.recorded())
	}
	fit := ""
	if e.FitSeconds != nil {
		fit = "fit " + seconds(*e.FitSeconds) + ", "
	}
	fmt.Fprintf(w, "time\t%sembedding %s, neighbours %s\n", fit, seconds(e.EmbedSeconds), seconds(e.EvalSeconds))
	printPeak(w, e.Peak)
}

func seconds(s float64) string { return brief(time.Duration(s * float64(time.Second))) }
