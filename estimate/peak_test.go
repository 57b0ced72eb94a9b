package estimate_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/server"
	"golang.org/x/sync/errgroup"
)

// peakCase is work whose memory is estimated and then measured, in a process of its own.
type peakCase struct {
	Name   string
	Work   string // fit, count, solve, embed, evaluate, explain, serve or graph
	Config smt.Config
	Shape  dataset.Shape
	Images int
	Stored dataset.Shape // of images that are in files, nothing for those made as they are read
	Blobs  bool          // the images are blobs, not textures
	Kept   bool          // the images that are in files are kept once they are decoded
	IDX    int           // images in a packed IDX file, of which the first are copies

	Model      string // file of the model, of all but fit
	Test       int    // images, of evaluate and explain; of embed those that whiten
	Components int    // values, of embed
	Protocol   judge.Protocol

	Plan, Part string // files, of count and solve

	Folder string // of files
	Report string // folder of the report, of explain
}

func TestMain(m *testing.M) {
	memorytest.Main(m, func(c peakCase) (estimate, peak int64, err error) {
		estimate, err = c.run()
		return estimate, memory.Peak(), err
	})
}

// source is the images, and what reading one takes.
func (c peakCase) source(n int, seed uint64) (dataset.Source, int64, error) {
	if c.Folder == "" && c.Blobs {
		return smttest.Blobs{Textures: ofSize(n, c.Shape, seed)}, 0, nil
	}
	if c.Folder == "" {
		return ofSize(n, c.Shape, seed), 0, nil
	}
	set, err := dataset.Open(c.Folder, dataset.Options{Shape: c.Shape})
	if err != nil {
		return nil, 0, err
	}
	if c.Kept {
		if err := dataset.Keep(context.Background(), set.Train, math.MaxInt64); err != nil {
			return nil, 0, err
		}
	}
	return set.Train, dataset.Reading(set.Train), nil
}

// run does the work and returns the estimate of its peak.
func (c peakCase) run() (int64, error) {
	ctx := context.Background()
	if c.Work == "graph" {
		return lookAtGraph(ctx, c.Images, c.Components)
	}
	src, reading, err := c.source(c.Images, 1)
	if err != nil {
		return 0, err
	}
	images := estimate.Images{Shape: c.Shape, Len: src.Len(), Reading: reading}
	if c.Work == "fit" {
		if images, err = estimate.Sampled(ctx, c.Config, src); err != nil {
			return 0, err
		}
		held := dataset.Resident(src)
		if c.Kept {
			held += int64(src.Len() * c.Shape.Len())
		}
		need := estimate.Fit(c.Config, images) + memory.Held(float64(held))
		_, err := smt.Fit(ctx, src, c.Config)
		return need, err
	}
	if c.Plan != "" {
		return c.inParts(ctx, src, images)
	}
	e, err := smt.LoadEnsemble(c.Model)
	if err != nil {
		return 0, err
	}
	if c.Work == "embed" {
		set, err := e.Embeddings(src)
		if err != nil {
			return 0, err
		}
		if c.Components > 0 {
			bank, _, err := c.source(c.Test, 2)
			if err != nil {
				return 0, err
			}
			of, err := e.Embeddings(bank)
			if err != nil {
				return 0, err
			}
			w, err := judge.Components(ctx, of, c.Components, nil)
			if err != nil {
				return 0, err
			}
			set = w.Of(set)
		}
		for _, err := range set.Blocks(ctx, embedding.BlockRows(embedding.Block, set.Dim())) {
			if err != nil {
				return 0, err
			}
		}
		return estimate.Embed(images, estimate.Components{N: c.Components, Bank: c.Test}, e.Members()...), nil
	}
	test, _, err := c.source(max(1, c.Test), 2)
	if err != nil {
		return 0, err
	}
	m := e.Members()[0].Model
	switch c.Work {
	case "explain":
		sample, _, err := c.source(min(100, c.Images), 4)
		if err != nil {
			return 0, err
		}
		n := report.Sizes{Bank: c.Images, Test: c.Test, Sample: sample.Len()}
		o := report.Options{Images: report.Images{Bank: src, Test: test, Sample: sample}}
		if c.Images == 0 {
			o.Images, n = report.Images{}, report.Sizes{}
		}
		_, err = report.Write(ctx, c.Report, m, o)
		return report.Memory(m, c.Shape, n, reading), err
	case "serve":
		return server.Memory(m, c.Shape, c.Images, reading), serve(ctx, m, src, test)
	}
	_, err = evaluate(ctx, e, src, test, c.Protocol)
	return estimate.Evaluate(images, c.Test, c.Protocol, e.Members()...), err
}

// inParts counts all images as one part, or solves for what was counted.
func (c peakCase) inParts(ctx context.Context, src dataset.Source, images estimate.Images) (int64, error) {
	plan, err := smt.LoadPlan(c.Plan)
	if err != nil {
		return 0, err
	}
	if c.Work == "count" {
		_, err := plan.Count(ctx, src, 0, src.Len())
		return estimate.Count(c.Config, images), err
	}
	part, err := smt.LoadPart(c.Part)
	if err != nil {
		return 0, err
	}
	_, err = plan.Solve(ctx, part)
	return estimate.Solve(c.Config, images), err
}

// serve prepares a server and has it answer what takes the most, as often at a time as it
// does.
func serve(ctx context.Context, m *smt.Model, bank, test dataset.Source) error {
	images := func(context.Context) (server.Images, error) { return server.Images{Bank: bank, Test: test}, nil }
	s, err := server.New(m, images, server.Options{Public: true})
	if err != nil {
		return err
	}
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	paths := []string{"/api/pairs/test-0/bank-1/heat.png?side=a", "/api/images/test-0/neighbours", "/api/pairs/test-0/bank-0"}
	if explain.TooLargeToInvert(m, test.Shape()) == nil {
		paths = append(paths, "/api/images/test-0/kept")
	}
	var asked errgroup.Group
	for range 2 * runtime.GOMAXPROCS(0) {
		asked.Go(func() error {
			for _, path := range paths {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				if w.Code != http.StatusOK {
					return fmt.Errorf("%s: %s", path, w.Body)
				}
			}
			return nil
		})
	}
	return asked.Wait()
}

// Estimates are within a quarter of what processes take, over sizes of images and of
// dictionaries, contexts, codes and numbers of images.
func TestEstimatesAgreeWithMeasuredPeaks(t *testing.T) {
	memorytest.Skip(t)
	for _, c := range peakCases() {
		t.Run(c.Name, func(t *testing.T) {
			memorytest.Late(t)
			c.prepare(t)
			memorytest.Compare(t, c)
		})
	}
}

func ofSize(n int, size dataset.Shape, seed uint64) smttest.Textures {
	return smttest.Textures{N: n, Size: size, Seed: seed}
}

// evaluate judges the embeddings of images, those of test as queries, by all patches.
func evaluate(ctx context.Context, e *smt.Ensemble, bank, test dataset.Source, p judge.Protocol) (*judge.Evaluation, error) {
	b, err := e.Embeddings(bank)
	if err != nil {
		return nil, err
	}
	x, err := e.Whole().Embeddings(test)
	if err != nil {
		return nil, err
	}
	return judge.Evaluate(ctx, judge.Labelled{Set: b, Labels: bank, Coarse: dataset.Coarse(bank)}, judge.Labelled{Set: x, Labels: test, Coarse: dataset.Coarse(test)}, p, nil)
}
