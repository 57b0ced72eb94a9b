package reproduce

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/manifold"
)

// results changes when the same configuration, images and seed lead to other
// numbers than before: what was done before is then not taken for done.
const results = 1

// job is a member with all that decides what comes out.
type job struct {
	member
	images *images
	key    string // the name of its files
}

func newJob(d *data, im *images, m member, seed uint64) job {
	m.Config.Seed, m.short.Seed = seed, seed
	view := ""
	if m.Gray {
		view = "-gray"
	}
	work := digest(results, smt.Version, m.Config, m.Gray, im.train.fingerprint)
	return job{m, im, fmt.Sprintf("%s%s-%datoms-patch%d-seed%d-%s", d.name, view, m.Config.Atoms, m.Config.Patch, seed, work[:8])}
}

// jobState is what is known of a job: KEY.json.
type jobState struct {
	Model string `json:"model_sha256,omitempty"` // once it is fitted
	// Fitted is the images it was fitted on, nil if a version fitted it that did not say.
	Fitted *smt.Data `json:"fitted,omitempty"`
	Fit    Cost      `json:"fit"`
	Embed  Cost      `json:"embed"`
}

func (r *runner) statePath(j job) string { return filepath.Join(r.opt.Out, "models", j.key+".json") }
func (r *runner) modelPath(j job) string {
	return filepath.Join(r.opt.Out, "models", j.key+".safetensors")
}
func (r *runner) checkpointPath(j job) string { return r.modelPath(j) + ".partial" }
func (r *runner) embeddingPath(j job, split string) string {
	return filepath.Join(r.opt.Out, "embeddings", j.key+"."+split)
}

// finish brings a job to its embeddings, from wherever it is.
func (r *runner) finish(ctx context.Context, j job) (jobState, error) {
	var s jobState
	if _, err := readJSON(r.statePath(j), &s); err != nil {
		return s, err
	}
	step := func(c *Cost, work func() error) error {
		err := measured(c, work)
		return errors.Join(err, writeJSON(r.statePath(j), s))
	}
	if s.Model == "" || !exists(r.modelPath(j)) {
		r.say("%s: fitting", j.key)
		if err := writeJSON(r.statePath(j), s); err != nil { // and with it the folder
			return s, err
		}
		if err := step(&s.Fit, func() error { return r.fit(ctx, j, &s) }); err != nil {
			return s, err
		}
		r.say("%s: fitted in %s on %s", j.key, brief(s.Fit.Seconds), fittedOn(s.Fitted))
	} else {
		r.say("%s: the model is there", j.key)
	}
	if err := manifold.RemoveCheckpoint(r.checkpointPath(j)); err != nil { // the model and its digest are on disk
		return s, err
	}
	if begun, done := r.embedded(j); !done {
		if begun {
			r.say("%s: going on with the embeddings", j.key)
		} else {
			r.say("%s: embedding", j.key)
			s.Embed = Cost{} // of files that were removed
		}
		if err := step(&s.Embed, func() error { return r.embed(ctx, j, &s) }); err != nil {
			return s, err
		}
		r.say("%s: embedded in %s", j.key, brief(s.Embed.Seconds))
	} else {
		r.say("%s: the embeddings are there", j.key)
	}
	return s, nil
}

// fit makes the model's file.
func (r *runner) fit(ctx context.Context, j job, s *jobState) error {
	path := r.modelPath(j)
	m, err := smt.Fit(ctx, j.View(j.images.train.Source), j.Config, smt.Progress(r.report),
		smt.Warn(func(err error) { r.say("%s: %v", j.key, err) }), smt.Checkpoint(r.checkpointPath(j)))
	if err != nil {
		return err
	}
	if err := m.Save(path); err != nil {
		return err
	}
	d := m.Record().Data
	s.Fitted = &d
	s.Model, err = digestFile(path)
	return err
}

// embedded reports whether there are files of embeddings, and whether all are there.
func (r *runner) embedded(j job) (begun, done bool) {
	done = true
	for _, split := range []string{"train", "test"} {
		path := r.embeddingPath(j, split)
		whole := exists(path)
		begun = begun || whole || exists(path+embedding.Partial)
		done = done && whole
	}
	return begun, done
}

// embed makes the files of embeddings that are not there.
func (r *runner) embed(ctx context.Context, j job, s *jobState) error {
	path := r.modelPath(j)
	if found, err := digestFile(path); err != nil {
		return err
	} else if found != s.Model {
		return fmt.Errorf("reproduce: %s has changed since it was fitted: its SHA-256 is %s, want %s; remove it to fit it again", path, found, s.Model)
	}
	m, err := smt.Load(path)
	if err != nil {
		return err
	}
	d := m.Record().Data
	s.Fitted = &d
	e, err := smt.NewEnsemble(smt.Member{Model: m, Gray: j.Gray, Weight: 1})
	if err != nil {
		return err
	}
	for _, split := range []string{"test", "train"} {
		if exists(r.embeddingPath(j, split)) {
			continue
		}
		if err := r.embedSplit(ctx, j, e, split, s.Model); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) embedSplit(ctx context.Context, j job, e *smt.Ensemble, split, model string) (err error) {
	set, err := e.Embeddings(j.images.split(split).Source)
	if err != nil {
		return err
	}
	w, err := embedding.Create(r.embeddingPath(j, split), j.identity(split, model), set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	stage := "embedding " + split
	r.report(stage, w.Done(), set.Len())
	rest := make([]int, set.Len()-w.Done())
	for i := range rest {
		rest[i] = w.Done() + i
	}
	for block, err := range set.Pick(rest).Blocks(ctx, embedding.Block) {
		if err != nil {
			return err
		}
		if err := w.Write(block); err != nil {
			return err
		}
		r.report(stage, w.Done(), set.Len())
	}
	return nil
}

// identity tells the embeddings of a split from others.
func (j job) identity(split, model string) string {
	return fmt.Sprintf("results %d, model %s, gray %v, images %s", results, model, j.Gray, j.images.split(split).fingerprint)
}

func (im *images) split(name string) split {
	if name == "test" {
		return im.test
	}
	return im.train
}

// embeddings opens what embed made.
func (r *runner) embeddings(j job, split string) (*embedding.File, error) {
	var s jobState
	if _, err := readJSON(r.statePath(j), &s); err != nil {
		return nil, err
	}
	f, err := embedding.Open(r.embeddingPath(j, split))
	if err != nil {
		return nil, err
	}
	if want := j.identity(split, s.Model); f.Identity() != want {
		f.Close()
		return nil, fmt.Errorf("reproduce: %s is of other embeddings, %q: want %q; remove it", r.embeddingPath(j, split), f.Identity(), want)
	}
	return f, nil
}

// dropEmbeddings removes the files that embed made.
func (r *runner) dropEmbeddings(j job) error {
	var errs []error
	for _, split := range []string{"train", "test"} {
		path := r.embeddingPath(j, split)
		errs = append(errs, remove(path), remove(path+embedding.Partial))
	}
	return errors.Join(errs...)
}
